import numpy as np
import pytest

from rigtalk.core.interpolation import REACH, interpolate


def slow_twin(curve: np.ndarray, position: float) -> float:
    """The same spline for one curve and one position, from the formula."""
    last = len(curve) - 1
    position = min(max(position, 0.0), last)
    if last == 0:
        return float(curve[0])
    left = min(int(position), last - 1)
    t = position - left

    def tangent(i: int) -> float:
        if i in (0, last):
            return 0.0
        before, after = curve[i] - curve[i - 1], curve[i + 1] - curve[i]
        if before * after <= 0:
            return 0.0
        limit = 3 * min(abs(before), abs(after))
        return float(np.clip((before + after) / 2, -limit, limit))

    a, b = float(curve[left]), float(curve[left + 1])
    h = (2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t, -2 * t**3 + 3 * t**2, t**3 - t**2)
    return h[0] * a + h[1] * tangent(left) + h[2] * b + h[3] * tangent(left + 1)


@pytest.mark.parametrize("samples", [1, 2, 3, 50])
def test_matches_its_slow_twin(samples: int):
    rng = np.random.default_rng(samples)
    values = rng.random((samples, 3)).astype(np.float32)
    positions = rng.uniform(-1, samples + 1, 200)
    fast = interpolate(values, positions)
    slow = [[slow_twin(values[:, c], p) for c in range(3)] for p in positions]
    np.testing.assert_allclose(fast, slow, atol=2e-6)


def test_depends_on_its_reach_only():
    rng = np.random.default_rng(1)
    values = rng.random((40, 1)).astype(np.float32)
    positions = np.linspace(20, 21, 11)
    other = values.copy()
    other[: 20 - REACH + 1] = 9
    other[21 + REACH :] = 9
    np.testing.assert_array_equal(interpolate(values, positions), interpolate(other, positions))


def test_samples_are_kept_to_the_bit():
    values = np.random.default_rng(2).random((30, 4)).astype(np.float32)
    positions = np.arange(30) * (1 / 24) * 24  # rounding leaves some a little off
    np.testing.assert_array_equal(interpolate(values, positions), values)


def test_no_positions():
    assert interpolate(np.ones((3, 5)), np.zeros(0)).shape == (0, 5)
