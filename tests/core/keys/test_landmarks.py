"""Extremes by persistence, what holds still, and slopes."""

from __future__ import annotations

import numpy as np
import pytest

from rigtalk.core.keys.landmarks import landmarks, slopes


def zigzag(values: np.ndarray, prominence: float) -> set[int]:
    """Extremes by their definition, one by one and side by side."""
    found = set()
    for sign in (1.0, -1.0):
        curve = sign * values
        for i in range(1, len(curve) - 1):
            sides = (curve[i - 1 :: -1], curve[i + 1 :])
            drops = []
            for side in sides:
                beyond = np.flatnonzero(side > curve[i])
                reach = side[: beyond[0]] if len(beyond) else side
                drops.append(curve[i] - reach.min() if len(reach) else 0.0)
            if min(drops) >= prominence:
                found.add(i)
    return found


@pytest.mark.parametrize("seed", range(20))
def test_extremes_are_those_of_the_slow_rule(seed):
    rng = np.random.default_rng(seed)
    values = np.cumsum(rng.normal(size=(3, 200)), axis=1)
    found = landmarks(values, 3.0)
    for row, curve in zip(found, values, strict=True):
        assert set(np.flatnonzero(row)) == zigzag(curve, 3.0) | {0, 199}


def test_both_ends_of_what_holds_still_are_kept():
    values = np.array([[0, 0, 0, 0, 1, 2, 2, 2, 3, 5, 5, 4, 3.0]])
    assert list(np.flatnonzero(landmarks(values, 0.5))) == [0, 3, 5, 7, 9, 10, 12]


def test_curves_do_not_touch_each_other():
    rng = np.random.default_rng(0)
    values = np.round(rng.normal(size=(5, 60)), 1)
    together = landmarks(values, 0.5)
    for row, curve in zip(together, values, strict=True):
        np.testing.assert_array_equal(row, landmarks(curve[None], 0.5)[0])


def test_slopes_are_flat_at_extremes_and_gentle_elsewhere():
    values = np.array([[0.0, 1.0, 3.0, 2.0, 1.9, 0.0]])
    keyed = np.ones((1, 6), bool)
    # Between 2.0 and 0.0 the steps are 0.1 and 1.9: three times the gentler one at most.
    np.testing.assert_allclose(slopes(values, keyed)[0], [1.0, 1.5, 0.0, -0.3, -0.3, -1.9])


@pytest.mark.parametrize("frames", [1, 2])
def test_the_shortest_curves_have_their_ends(frames):
    assert landmarks(np.zeros((2, frames)), 1.0).all()
    assert not slopes(np.zeros((2, frames)), np.ones((2, frames), bool)).any()
