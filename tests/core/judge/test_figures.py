import numpy as np
import pytest

from rigtalk.core.judge.captures import CaptureTally
from rigtalk.core.judge.figures import SpeechTally
from rigtalk.core.judge.probe import MouthTrack
from rigtalk.core.judge.signals import correlation, fast_share
from rigtalk.core.speech.timing import Phone, cover

FPS = 60.0
PHONES = cover(
    [
        Phone(0.5, 0.6, "m"),
        Phone(0.6, 0.9, "aa", 1),
        Phone(0.9, 1.0, "p"),
        Phone(1.0, 1.3, "iy", 1),
        Phone(1.3, 1.4, "f"),
        Phone(1.4, 1.7, "uw", 1),
    ],
    2.5,
)


def track(opening: np.ndarray, *, width: float = 50.0, bite: float = 5.0) -> MouthTrack:
    same = np.ones(len(opening))
    return MouthTrack(opening + 1.0, opening, width * same, bite * same, 0 * same)


def spoken(levels: dict[str, float]) -> np.ndarray:
    """Opening in millimetres, by phone."""
    times = np.arange(151) / FPS
    opening = np.zeros(len(times))
    for phone in PHONES:
        inside = (times >= phone.start) & (times < phone.end)
        opening[inside] = levels.get(phone.symbol, 5.0)
    return opening


def figures(mouth: MouthTrack) -> dict[str, float]:
    tally = SpeechTally(FPS)
    tally.add(mouth, PHONES)
    return tally.figures()


def test_a_perfect_mouth() -> None:
    found = figures(track(spoken({"sil": 0, "m": 0, "p": 0, "aa": 12})))
    assert found["closure_recall"] == 1.0
    assert found["false_seals_per_s"] == 0.0
    assert found["shut_vowels"] == 0.0
    assert found["open_vowel_mm"] == pytest.approx(12.0)
    assert found["silence_mm"] == 0.0
    assert found["openness_r"] > 0.7
    assert abs(found["openness_lag_ms"]) <= 1000 / FPS + 1e-6


def test_a_mouth_that_never_shuts() -> None:
    found = figures(track(np.full(151, 3.0)))
    assert found["closure_recall"] == 0.0
    assert found["silence_mm"] == pytest.approx(3.0)
    assert found["silence_p95_mm"] == pytest.approx(3.0)
    assert found["openness_r"] == 0.0


def test_a_mouth_that_never_opens() -> None:
    found = figures(track(np.zeros(151)))
    assert found["closure_recall"] == 1.0
    # In the middle of aa, iy and uw; the rest of the line lies beside labials or silence.
    assert found["false_seals_per_s"] == pytest.approx(3 / 1.2)
    assert found["shut_vowels"] == 1.0


def test_one_shut_frame_is_no_false_seal_but_two_are() -> None:
    opening = spoken({"sil": 0, "m": 0, "p": 0})
    opening[45] = 0.0
    assert figures(track(opening))["false_seals_per_s"] == 0.0
    opening[46] = 0.0
    assert figures(track(opening))["false_seals_per_s"] == pytest.approx(1 / 1.2)


def test_a_closure_may_come_a_frame_early() -> None:
    opening = np.full(151, 5.0)
    opening[29] = 0.3  # 17 ms before m
    assert figures(track(opening))["closure_recall"] == 0.5


def test_rounding_is_the_difference_of_widths() -> None:
    times = np.arange(151) / FPS
    mouth = track(np.full(151, 5.0))
    mouth.width[(times >= 1.0) & (times < 1.3)] = 54.0
    mouth.width[(times >= 1.4) & (times < 1.7)] = 45.0
    assert figures(mouth)["rounding_mm"] == pytest.approx(9.0)


def test_bite_is_the_nearest_within_f() -> None:
    mouth = track(np.full(151, 5.0))
    mouth.bite[81] = 0.7  # 1.35 s
    mouth.bite[60] = 0.1  # in iy
    found = figures(mouth)
    assert found["bite_mm"] == pytest.approx(0.7)
    assert found["bite_contact"] == 1.0


def test_lag_is_found() -> None:
    opening = np.convolve(spoken({"sil": 0, "m": 0, "p": 0, "aa": 12}), np.ones(7) / 7, "same")
    assert figures(track(np.roll(opening, 5)))["openness_lag_ms"] == pytest.approx(
        figures(track(opening))["openness_lag_ms"] + 5000 / FPS, abs=1000 / FPS + 1e-6
    )


def test_nothing_heard_is_not_a_number() -> None:
    tally = SpeechTally(FPS)
    tally.add(track(np.zeros(60)), cover([], 1.0))
    found = tally.figures()
    assert np.isnan(found["closure_recall"])
    assert found["silence_mm"] == 0.0


def test_fast_share_separates_trembling_from_moving() -> None:
    times = np.arange(600) / FPS
    slow, fast = np.sin(2 * np.pi * 4 * times), np.sin(2 * np.pi * 20 * times)
    assert fast_share(slow, FPS) < 0.01
    assert fast_share(fast, FPS) > 0.99
    # Motion is the change from frame to frame, which grows with sin(pi f / fps).
    energy = (0.2 * np.sin(np.pi * 20 / FPS) / np.sin(np.pi * 4 / FPS)) ** 2
    share = fast_share(slow + 0.2 * fast, FPS)
    assert share == pytest.approx(energy / (1 + energy), abs=0.01)


def test_correlation() -> None:
    curve = np.sin(np.arange(50))
    assert correlation(curve, 2 * curve + 1) == pytest.approx(1.0)
    assert correlation(curve, -curve) == pytest.approx(-1.0)
    assert correlation(curve, np.ones(50)) == 0.0


def test_captures_are_averaged_over_takes() -> None:
    tally = CaptureTally(FPS)
    curve = np.convolve(np.random.default_rng(0).normal(size=300), np.ones(9) / 9, "same")
    tally.add({"gap": curve, "jaw": curve}, {"gap": np.roll(curve, -3), "jaw": curve})
    tally.add({"gap": curve, "jaw": -curve}, {"gap": np.roll(curve, -3)[:-10], "jaw": curve})
    found = tally.figures()
    assert found["captured_jaw_r"] == pytest.approx(0.0, abs=1e-6)
    assert found["captured_lag_ms"] == pytest.approx(50.0)
    assert CaptureTally(FPS).figures() == {}
