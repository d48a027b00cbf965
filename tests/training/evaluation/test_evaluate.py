from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.judge.heads import embedded_probe
from rigtalk.core.judge.table import FIGURES
from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.corpus import flite
from rigtalk.training.corpus.captures import read_take
from rigtalk.training.corpus.store import write_shard
from rigtalk.training.corpus.utterance import Phone, Utterance, cover
from rigtalk.training.corpus.voices import Manner, Voice
from rigtalk.training.evaluation import evaluate as evaluation
from rigtalk.training.evaluation.evaluate import evaluate, judge
from rigtalk.training.evaluation.follower import TUNED
from rigtalk.training.evaluation.material import Material, captured_values, load_material
from rigtalk.training.evaluation.tuning import merit, tuned_follower


def hummed(speaker: str) -> Utterance:
    """Loud vowels and quieter humming, with silence around."""
    phones = cover(
        [
            Phone(0.5, 0.8, "aa", 1),
            Phone(0.8, 0.95, "m"),
            Phone(0.95, 1.3, "ae", 1),
            Phone(1.3, 1.4, "f"),
            Phone(1.4, 1.7, "uw", 1),
        ],
        2.5,
    )
    level = {"sil": 0.0, "m": 0.02, "f": 0.05}
    times = np.arange(40000) / 16000
    envelope = np.zeros(len(times))
    for phone in phones:
        envelope[(times >= phone.start) & (times < phone.end)] = level.get(phone.symbol, 0.5)
    samples = (envelope * np.sin(2 * np.pi * 150 * times)).astype(np.float32)
    return Utterance(samples, phones, speaker, "test")


@pytest.fixture(scope="module")
def material() -> Material:
    return Material((hummed("a"), hummed("b")), (), embedded_probe())


def test_the_follower_is_judged(material: Material) -> None:
    figures = judge(TUNED, material)
    assert figures["openness_r"] > 0.6
    assert figures["open_vowel_mm"] > 3
    assert figures["rounding_mm"] == pytest.approx(0.0, abs=2.0)
    assert figures["silence_mm"] < 0.5
    assert set(figures) <= set(FIGURES)


def test_a_frozen_face_scores_nothing(material: Material) -> None:
    figures = judge(lambda samples: np.zeros((151, 61), np.float32), material)
    assert figures["openness_r"] == 0.0
    assert figures["shut_vowels"] == 1.0


def test_targets_close_and_round_their_lips(material: Material) -> None:
    figures = evaluation.target_figures(material)
    assert figures["closure_recall"] == 1.0
    assert figures["shut_vowels"] == 0.0
    assert figures["rounding_mm"] > 2


def test_the_capture_itself_correlates_fully(shared_data: Path) -> None:
    take = read_take(shared_data / "captures", "2_04")
    material = Material((), (take,), embedded_probe())
    there = captured_values(take)
    figures = judge(lambda samples: there, material)
    assert figures["captured_gap_r"] == pytest.approx(1.0, abs=1e-6)
    assert figures["captured_width_r"] == pytest.approx(1.0, abs=1e-6)
    assert figures["captured_gap_error_mm"] == figures["lve_mm"] == 0.0
    assert figures["captured_jaw_r"] > 0.9
    assert figures["captured_rounding_r"] > 0.9
    assert figures["captured_lag_ms"] == 0.0
    follower = judge(TUNED, material)
    assert 0.6 < follower["captured_gap_r"] < 0.95
    assert follower["captured_lower_lip_r"] == follower["captured_rounding_r"] == 0.0


def test_the_embedded_actor_is_judged(material: Material) -> None:
    report = evaluate(material=material)
    assert list(report.rows) == ["actor", "loudness", "loudness-shut", "targets"]
    assert report.conditions["people"] == 2
    assert np.isfinite(report.rows["actor"]["openness_r"])
    assert "correlation with phones' openness" in report.table()


def test_material_is_loaded_from_the_cache(tmp_path: Path) -> None:
    write_shard(tmp_path / "real-validation", "real-validation", [hummed("a")])
    material = load_material(cache=tmp_path, shared=tmp_path / "none")
    assert [u.speaker for u in material.utterances] == ["a"]
    assert material.takes == ()
    assert material.probe.name == "embedded"


def test_bad_material_is_reported(tmp_path: Path) -> None:
    with pytest.raises(RigtalkError, match="no real-validation speech"):
        load_material(cache=tmp_path)
    with pytest.raises(RigtalkError, match="unknown head 'bust'"):
        load_material(cache=tmp_path, head="bust")


def test_tuning_keeps_the_best(material: Material) -> None:
    tried: list[float] = []
    best = tuned_follower(material, tries=4, progress=lambda i, reached, _: tried.append(reached))
    assert len(tried) == 4
    assert merit(judge(best, material)) == pytest.approx(max(tried))


def test_the_recogniser_hears_closures() -> None:
    pytest.importorskip("pocketsphinx", reason="recognises phones")
    if not flite.available():
        pytest.skip("needs flite")
    from rigtalk.training.evaluation.recogniser import Recogniser

    voice = Voice("flite", "rms", "rms")
    spoken = flite.synthesise("my mother may buy a big blue map", voice, Manner())
    assert spoken is not None
    material = Material((spoken,), (), embedded_probe())
    figures = judge(Recogniser(), material)
    # Of 7 closures; real speech gives about three quarters.
    assert figures["closure_recall"] > 0.4
    assert figures["openness_r"] > 0.4
