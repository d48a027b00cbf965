"""The tables of segment shapes are the Bézier curves that Blender plays."""

from __future__ import annotations

import numpy as np
import pytest

from rigtalk.core.keys.curve import bezier_keys
from rigtalk.core.keys.shapes import MOST, REACHES, weights


@pytest.mark.parametrize("length", [2, 7, 40])
def test_weights_give_the_curve(length):
    value, slope = np.array([0.4, -0.2]), np.array([0.03, -0.05])
    ends = np.array([value[0], slope[0], slope[1], value[1]])
    for reach, table in zip(REACHES, weights(length), strict=True):
        keys = bezier_keys(np.array([0, length]), value, slope, slope, reach=reach[None])
        played = keys.evaluate(np.arange(1, length))
        np.testing.assert_allclose(ends @ table, played, atol=1e-5)


def test_a_plain_cubic_comes_first_and_no_handles_reach_too_far():
    np.testing.assert_allclose(REACHES[0], 1 / 3)
    assert REACHES.sum(axis=1).max() <= MOST
