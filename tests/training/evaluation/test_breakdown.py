from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.actor import Actor
from rigtalk.core.judge.emotions import MOODS
from rigtalk.core.judge.heads import embedded_probe
from rigtalk.core.judge.reference import write_reference
from rigtalk.training.corpus.store import Shard, write_shard
from rigtalk.training.corpus.utterance import Phone, Utterance, cover
from rigtalk.training.evaluation import breakdown
from rigtalk.training.evaluation.breakdown import break_down, threshold_curves
from rigtalk.training.evaluation.evaluate import perform_all, speaking
from rigtalk.training.evaluation.ground_truth import articulated, make_reference
from rigtalk.training.evaluation.material import Material
from rigtalk.training.evaluation.recogniser import posed


def spoken(speaker: str, source: str) -> Utterance:
    """Loud vowels between quiet labials, with silence around."""
    phones = cover(
        [
            Phone(0.4, 0.7, "aa", 1),
            Phone(0.7, 0.8, "m"),
            Phone(0.8, 1.1, "iy", 1),
            Phone(1.1, 1.2, "p"),
            Phone(1.2, 1.6, "uw", 1),
        ],
        2.2,
    )
    times = np.arange(int(2.2 * 16000)) / 16000
    level = np.zeros(len(times))
    for phone in phones:
        loud = {"sil": 0.0, "m": 0.02, "p": 0.0}.get(phone.symbol, 0.4)
        level[(times >= phone.start) & (times < phone.end)] = loud
    samples = (level * np.sin(2 * np.pi * 150 * times)).astype(np.float32)
    return Utterance(samples, phones, speaker, source)


@pytest.fixture(scope="module")
def material() -> Material:
    lines = (spoken("a", "librispeech_x"), spoken("b", "vctk_x"))
    return Material(lines, (), embedded_probe(), {"a": "F", "b": "M"})


@pytest.fixture(scope="module")
def actor() -> Actor:
    return Actor.load()


def test_every_section_has_its_rows(
    material: Material, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breakdown, "EMOTIONS", ("joy", "anger"))
    performed = perform_all(speaking(actor), material.utterances, material.probe)
    voices, conditions, emotions = break_down(actor, performed, material)
    assert list(voices.rows) == ["LibriSpeech (1)", "VCTK (1)", "women (1)", "men (1)"]
    assert list(conditions.rows)[:2] == ["clean", "telephone"]
    assert list(emotions.rows) == [
        "neutral", "joy 1", "anger 1", "joy 0.4", "anger 0.4", "mean at 1", "mean at 0.4",
    ]  # fmt: skip
    for section in (voices, conditions, emotions):
        for row in section.rows.values():
            assert set(section.columns) <= set(row)
    assert emotions.rows["joy 1"]["emotion_recovered"] == 1.0
    mean = emotions.rows["mean at 1"]["closure_recall"]
    each = [emotions.rows[f"{name} 1"]["closure_recall"] for name in ("joy", "anger")]
    assert mean == pytest.approx(np.mean(each))


def test_a_lower_threshold_closes_more(material: Material, actor: Actor) -> None:
    curves = threshold_curves(actor, material)
    recalls = [recall for _, recall, _ in curves["actor"]]
    assert recalls == sorted(recalls)
    assert sum("(shipped)" in name for _, _, name in curves["actor"]) == 1
    assert len(curves["loudness"]) > 3


def test_poses_close_round_and_open(material: Material) -> None:
    line = material.utterances[0]
    track = material.probe.track(posed(line.phones, line.duration))
    at = {p.symbol: round((p.start + p.end) / 2 * 60) for p in line.phones}
    assert track.opening[at["m"]] < 0.5
    assert track.opening[at["aa"]] > 8
    assert track.width[at["uw"]] < track.width[at["iy"]] - 5


def test_ground_truth_is_made_of_the_corpus(material: Material, tmp_path: Path) -> None:
    lines = [spoken(name, "test") for name in "abcdef"]
    write_shard(tmp_path / "real-train", "real-train", lines)
    reference = make_reference(tmp_path, lines=6)
    assert reference.about["takes"] == 6 * len(MOODS)
    assert reference.about["recovered_on_unseen_lines"] > 0.7
    write_reference(tmp_path / "judge.json", reference)
    entry = next(iter(Shard(tmp_path / "real-train", "real-train")))
    rng = np.random.default_rng(5)
    for mood in ("neutral", "joy", "anger"):
        values = articulated(entry, rng, mood=mood, intensity=0.8)
        assert next(iter(reference.reader.read(values))) == mood
