"""Curves through keys, against a slow twin; Blender itself is asked in the tests of the add-on."""

from __future__ import annotations

import numpy as np
import pytest

from rigtalk.core.keys.curve import (
    ALIGNED,
    BEZIER,
    CONSTANT,
    FREE,
    LINEAR,
    Keys,
    bezier_keys,
    join_keys,
    linear_keys,
)

EXACT = 2e-6  # float32 values of size 1


def random_keys(seed: int, count: int = 12) -> Keys:
    """Keys of every interpolation, with handles that reach too far now and then."""
    rng = np.random.default_rng(seed)
    frames = np.cumsum(rng.uniform(0.5, 9.0, count)) - 20.0
    keys = linear_keys(frames, rng.normal(size=count))
    reach = rng.uniform(0.0, 14.0, (2, count))
    rise = rng.normal(size=(2, count))
    sides = [
        np.stack([frames + sign * reach[i], keys.values + rise[i]], axis=1).astype(np.float32)
        for i, sign in enumerate((-1, 1))
    ]
    kinds = rng.integers(0, 3, count).astype(np.int32)
    return Keys(**{**vars(keys), "handle_left": sides[0], "handle_right": sides[1],
                   "interpolation": kinds})  # fmt: skip


def value_at(keys: Keys, frame: float) -> float:
    """One value, by the book: a Bézier halved until the frame is met."""
    co = keys.co.astype(float)
    if frame <= co[0, 0]:
        return co[0, 1]
    if frame >= co[-1, 0]:
        return co[-1, 1]
    at = max(i for i in range(len(co)) if co[i, 0] <= frame)
    if keys.interpolation[at] == CONSTANT:
        return co[at, 1]
    length = co[at + 1, 0] - co[at, 0]
    if keys.interpolation[at] == LINEAR:
        return co[at, 1] + (frame - co[at, 0]) / length * (co[at + 1, 1] - co[at, 1])
    arms = []
    for handle, key in ((keys.handle_right[at], co[at]), (keys.handle_left[at + 1], co[at + 1])):
        arm = handle.astype(float) - key
        arms.append(key + arm * min(1.0, length / max(abs(arm[0]), 1e-30)))
    points = np.array([co[at], arms[0], arms[1], co[at + 1]])
    low, high = 0.0, 1.0
    for _ in range(80):
        u = 0.5 * (low + high)
        v = 1.0 - u
        x, y = np.array([v**3, 3 * v * v * u, 3 * v * u * u, u**3]) @ points
        low, high = (u, high) if x < frame else (low, u)
    return float(y)


@pytest.mark.parametrize("seed", range(8))
def test_evaluation_matches_the_slow_twin(seed):
    keys = random_keys(seed)
    frames = np.linspace(keys.frames[0] - 5, keys.frames[-1] + 5, 301)
    slow = [value_at(keys, frame) for frame in frames]
    np.testing.assert_allclose(keys.evaluate(frames), slow, atol=1e-5)


def test_thirds_make_a_polynomial_in_time():
    keys = bezier_keys(np.array([10.0, 16.0]), np.array([1.0, 2.0]), [0.5, -0.25], [0.5, -0.25])
    x = np.linspace(0, 1, 25)
    hermite = (
        (2 * x**3 - 3 * x**2 + 1) * 1.0
        + (x**3 - 2 * x**2 + x) * 6 * 0.5
        + (3 * x**2 - 2 * x**3) * 2.0
        + (x**3 - x**2) * 6 * -0.25
    )
    np.testing.assert_allclose(keys.evaluate(10 + 6 * x), hermite, atol=EXACT)


def test_smooth_keys_are_aligned_and_corners_free():
    keys = bezier_keys(np.arange(3.0), np.zeros(3), [0.0, 1.0, 0.0], [0.0, -1.0, 0.0])
    assert list(keys.handle_left_type) == [ALIGNED, FREE, ALIGNED]
    assert list(keys.handle_right_type) == [ALIGNED, FREE, ALIGNED]
    assert list(keys.interpolation) == [BEZIER] * 3


def test_a_key_is_exact_at_its_frame():
    keys = random_keys(3)
    np.testing.assert_array_equal(keys.evaluate(keys.frames), keys.values)


def test_no_keys_are_nought_and_one_key_holds():
    one = linear_keys(np.array([5.0]), np.array([0.5]))
    assert one.chosen(np.zeros(1, bool)).evaluate(np.arange(3.0)).tolist() == [0.0, 0.0, 0.0]
    assert one.evaluate(np.array([-9.0, 5.0, 99.0])).tolist() == [0.5, 0.5, 0.5]


def test_joined_and_moved_keys_keep_all_they_have():
    keys = random_keys(1)
    both = join_keys([keys.chosen(slice(0, 5)), keys.chosen(slice(5, None))])
    for name, rows in vars(keys).items():
        np.testing.assert_array_equal(getattr(both, name), rows)
    late = keys.moved(7.0)
    np.testing.assert_allclose(late.handle_left[:, 0], keys.handle_left[:, 0] + 7.0, atol=1e-5)
    np.testing.assert_allclose(
        late.evaluate(np.arange(20.0) + 7.0), keys.evaluate(np.arange(20.0)), atol=1e-4
    )
