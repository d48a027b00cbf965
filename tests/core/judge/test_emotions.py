import json
from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.judge.emotions import FEATURE_NAMES, MOODS, face_features, train_reader
from rigtalk.core.judge.reference import EMBEDDED, Reference, load_reference, write_reference
from rigtalk.core.judge.regions import REGIONS
from rigtalk.rigs import control_set


def face(frames: int = 100, **weights: float) -> np.ndarray:
    values = np.zeros((frames, 61), np.float32)
    for name, weight in weights.items():
        values[:, control_set("arkit").index(name)] = weight
    return values


def test_features_are_means_ranges_and_differences() -> None:
    values = face(mouthSmileLeft=0.6, mouthSmileRight=0.2, eyeBlinkLeft=1.0)
    values[:50, control_set("arkit").index("jawOpen")] = 0.5
    named = dict(zip(FEATURE_NAMES, face_features(values), strict=True))
    assert named["mouthSmile mean"] == pytest.approx(0.4)
    assert named["mouthSmile lopsided"] == pytest.approx(0.4)
    assert named["jawOpen mean"] == pytest.approx(0.25)
    assert named["jawOpen range"] == pytest.approx(0.5)
    assert not any("Blink" in name or "Look" in name or "head" in name for name in named)


def test_the_reader_learns_what_can_be_told_apart() -> None:
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(len(MOODS), len(FEATURE_NAMES)))
    moods = np.repeat(np.arange(len(MOODS)), 40)
    features = centres[moods] + 0.3 * rng.normal(size=(len(moods), len(FEATURE_NAMES)))
    reader = train_reader(features, moods, steps=300)
    fresh = centres + 0.3 * rng.normal(size=centres.shape)
    chances = reader.probabilities(fresh)
    assert (chances.argmax(axis=1) == np.arange(len(MOODS))).all()
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)
    assert (train_reader(features, moods, steps=300).weights == reader.weights).all()


def test_the_shipped_reader_reads_plain_faces() -> None:
    reader = load_reference().reader
    speaking = {"jawOpen": 0.12}
    assert next(iter(reader.read(face(**speaking)))) == "neutral"
    smile = dict.fromkeys(("mouthSmileLeft", "mouthSmileRight"), 0.6)
    cheeks = dict.fromkeys(("cheekSquintLeft", "cheekSquintRight"), 0.5)
    assert next(iter(reader.read(face(**speaking, **smile, **cheeks)))) == "joy"
    assert sum(reader.read(face()).values()) == pytest.approx(1.0)


def test_the_shipped_reference_is_small_and_says_how_good_it_is() -> None:
    reference = load_reference()
    assert EMBEDDED.stat().st_size < 40_000
    assert reference.about["recovered_on_unseen_lines"] > 0.95
    for mood in MOODS:
        assert reference.matrices[mood].shape == (len(REGIONS), len(REGIONS))
        assert 0 < reference.own_distance[mood] < 0.4


def test_a_reference_comes_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    moods = np.arange(len(MOODS))
    reader = train_reader(rng.normal(size=(len(MOODS), len(FEATURE_NAMES))), moods, steps=5)
    matrices = {mood: np.eye(len(REGIONS)) for mood in MOODS}
    path = tmp_path / "judge.json"
    made = Reference(reader, matrices, dict.fromkeys(MOODS, 0.1), {"lines": 3})
    write_reference(path, made)
    read = load_reference(path)
    np.testing.assert_allclose(read.reader.weights, reader.weights, rtol=1e-3, atol=1e-6)
    assert read.about == {"lines": 3}
    data = json.loads(path.read_text())
    for key, value in (("features", ["x"]), ("format", 9)):
        other = tmp_path / f"{key}.json"
        other.write_text(json.dumps(data | {key: value}))
        with pytest.raises(RigtalkError, match="another version"):
            load_reference(other)
    path.write_text(path.read_text()[:200])
    load_reference.cache_clear()
    with pytest.raises(RigtalkError, match="missing or damaged"):
        load_reference(path)
    load_reference.cache_clear()
