"""Closures found against closures made up."""

import numpy as np
import pytest

from rigtalk.training.assess import choose_threshold, closure_curve


def track(*spans: tuple[int, int, float], frames: int = 500) -> np.ndarray:
    curve = np.zeros(frames)
    for start, stop, value in spans:
        curve[start:stop] = value
    return curve


def test_recall_and_false_seals_are_counted_as_events() -> None:
    truth = track((50, 55, 1.0), (100, 104, 1.0), (200, 206, 1.0), (300, 303, 1.0))
    silence = track((400, 500, 1.0))
    closure = track(
        (51, 54, 0.9),  # found
        (102, 107, 0.6),  # found by a lower threshold, running on a little
        (198, 200, 0.3),  # too early: near a closure, so neither found nor false
        (250, 253, 0.5),  # made up
        (420, 430, 0.9),  # in silence nobody minds
    )
    curve = closure_curve(closure, truth, silence)

    def at(threshold: float) -> tuple[float, float]:
        i = int(np.argmin(np.abs(curve.threshold - threshold)))
        return float(curve.recall[i]), float(curve.false_per_second[i])

    assert at(0.8) == (0.25, 0.0)
    assert at(0.55) == (0.5, 0.0)
    assert at(0.45) == (0.5, pytest.approx(1 / 8))  # 400 frames of speech are 8 s
    assert curve.recall_at(0.0) == 0.5
    assert choose_threshold(curve, false_seals=0.05) == pytest.approx(0.51)
    assert choose_threshold(curve, false_seals=0.2) == pytest.approx(0.02)


def test_an_actor_that_seals_all_the_time_gets_the_highest_threshold() -> None:
    truth = track((50, 55, 1.0))
    blinking = track(*((i, i + 2, 1.0) for i in range(100, 400, 10)))
    curve = closure_curve(blinking, truth, np.zeros(500))
    assert choose_threshold(curve, false_seals=0.1) == 0.98
    assert curve.recall_at(0.1) == 0.0


def test_lips_that_never_part_find_nothing() -> None:
    truth, silence = np.zeros(500), np.zeros(500)
    truth[100:105] = truth[300:305] = 1.0
    curve = closure_curve(np.full(500, 0.7), truth, silence)
    assert curve.recall_at(1.0) == 0.0  # twelve stretches of 0.8 s in ten seconds
    assert curve.recall_at(1.3) == 1.0
