"""Few keys, close to the fewest, and never further off than is allowed."""

from __future__ import annotations

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.keys.curve import Keys, bezier_keys
from rigtalk.core.keys.landmarks import landmarks, slopes
from rigtalk.core.keys.reduction import MARGIN, PROMINENCE, reduce_keys
from rigtalk.core.keys.shapes import LONGEST, REACHES

SPARSE = 1.05
"""Keys over the fewest possible, all curves together: measured 1.03 on speech."""


def smooth(seed: int, frames: int = 150, curves: int = 6) -> np.ndarray:
    """Curves like those of speech: noise of several speeds, with rests at 0."""
    rng = np.random.default_rng(seed)
    found = []
    for width in rng.uniform(2.0, 9.0, curves):
        bell = np.exp(-0.5 * (np.arange(-30, 31) / width) ** 2)
        found.append(np.convolve(rng.normal(size=frames + 60), bell / bell.sum(), "valid"))
    values = np.array(found).T
    return np.maximum(values / np.abs(values).max(axis=0), 0.0).astype(np.float32)


def off(keys: Keys, values: np.ndarray, first: float = 0.0) -> float:
    return float(np.abs(keys.evaluate(first + np.arange(len(values))) - values).max())


def fewest(values: np.ndarray, tolerance: float) -> int:
    """Least number of keys by trying every segment with every shape, on the same landmarks."""
    unit = tolerance * MARGIN
    scaled = (values / np.float32(unit))[None]
    keyed = landmarks(scaled, PROMINENCE)
    slope = slopes(scaled, keyed)[0] * unit
    must = keyed[0]
    best = [1] + [len(values) + 1] * (len(values) - 1)
    for end in range(1, len(values)):
        for begin in range(end - 1, max(end - LONGEST, 0) - 1, -1):
            if best[begin] + 1 < best[end] and _fits(values, slope, begin, end, unit):
                best[end] = best[begin] + 1
            if must[begin]:
                break
    return best[-1]


def _fits(values: np.ndarray, slope: np.ndarray, begin: int, end: int, unit: float) -> bool:
    places = np.arange(begin, end + 1)
    ends = np.array([begin, end])
    for reach in REACHES:
        keys = bezier_keys(ends, values[ends], slope[ends], slope[ends], reach=reach[None])
        if np.abs(keys.evaluate(places) - values[places]).max() <= unit:
            return True
    return False


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("tolerance", [0.002, 0.005, 0.02])
def test_no_curve_is_further_off_than_its_tolerance(seed, tolerance):
    values = smooth(seed)
    allowed = tolerance * np.random.default_rng(seed).uniform(0.5, 2.0, values.shape[1])
    for column, keys in enumerate(reduce_keys(values, allowed)):
        assert off(keys, values[:, column]) <= allowed[column]
        assert (np.diff(keys.frames) >= 1.0).all()
        np.testing.assert_array_equal(values[keys.frames.astype(int), column], keys.values)


@pytest.mark.parametrize("seed", range(6))
def test_wild_curves_keep_to_the_tolerance_too(seed):
    rng = np.random.default_rng(seed)
    wild = np.stack(
        [
            rng.normal(size=90),
            np.cumsum(rng.normal(size=90)),
            rng.integers(0, 2, 90),
            1e6 * rng.normal(size=90),
            1e-7 * rng.normal(size=90),
        ],
        axis=1,
    ).astype(np.float32)
    tolerance = np.array([0.05, 0.3, 0.01, 1e4, 1e-9])
    for column, keys in enumerate(reduce_keys(wild, tolerance)):
        assert off(keys, wild[:, column]) <= tolerance[column] * 1.001


def test_hardly_more_keys_than_the_fewest():
    count = best = 0
    for seed in range(2):
        values = smooth(seed, frames=90, curves=3)
        count += sum(len(keys) for keys in reduce_keys(values, np.full(3, 0.005)))
        best += sum(fewest(values[:, column], 0.005) for column in range(3))
    assert best <= count <= SPARSE * best


def test_extremes_are_exact_and_flat():
    values = smooth(4)
    for column, keys in enumerate(reduce_keys(values, np.full(values.shape[1], 0.01))):
        curve = values[:, column]
        top = int(curve.argmax())
        at = int(np.flatnonzero(keys.frames == top)[0])
        assert keys.handle_left[at, 1] == keys.handle_right[at, 1] == curve[top]
        # Between the frames too, nothing goes beyond the extremes.
        between = keys.evaluate(np.arange(0, len(curve) - 1, 0.1))
        assert between.max() <= curve.max() + 1e-6
        assert between.min() >= curve.min() - 0.01


def test_what_holds_still_is_held_exactly():
    values = np.concatenate([np.zeros(40), np.sin(np.linspace(0, np.pi, 20)), np.zeros(300)])
    (keys,) = reduce_keys(values[:, None].astype(np.float32), np.array([0.005]))
    shown = keys.evaluate(np.arange(0, 39, 0.25))
    assert not shown.any()
    assert len(keys) < 12


@pytest.mark.parametrize("level", [0.0, 0.3, -2.0])
def test_a_constant_is_two_keys(level):
    (keys,) = reduce_keys(np.full((500, 1), level, np.float32), np.array([0.005]))
    assert keys.frames.tolist() == [0, 499]


def test_noise_within_the_tolerance_is_not_followed():
    noise = np.random.default_rng(0).uniform(-0.9, 0.9, (400, 1)).astype(np.float32)
    (keys,) = reduce_keys(noise, np.array([2.0]))
    assert len(keys) <= 6  # one each LONGEST frames


def test_pinned_frames_are_exact():
    values = smooth(7)
    pinned = np.random.default_rng(0).random(values.shape) < 0.1
    for column, keys in enumerate(reduce_keys(values, np.full(6, 0.05), pinned=pinned)):
        at = np.flatnonzero(pinned[:, column])
        np.testing.assert_array_equal(keys.evaluate(at), values[at, column])


def test_keys_begin_where_they_are_told():
    values = smooth(2)
    early = reduce_keys(values, np.full(6, 0.01), first=-37.0)
    for column, keys in enumerate(early):
        assert keys.frames[0] == -37
        assert off(keys, values[:, column], first=-37.0) <= 0.01


def test_every_curve_is_reduced_by_itself():
    values = smooth(3)
    together = reduce_keys(values, np.full(6, 0.01))
    for column, keys in enumerate(together):
        (alone,) = reduce_keys(values[:, [column]], np.array([0.01]))
        np.testing.assert_array_equal(keys.co, alone.co)
        np.testing.assert_array_equal(keys.handle_left, alone.handle_left)


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_the_shortest_curves(frames):
    values = np.arange(frames, dtype=np.float32)[:, None] ** 2
    (keys,) = reduce_keys(values, np.array([0.1]))
    assert off(keys, values[:, 0]) <= 0.1


@pytest.mark.parametrize(
    ("values", "tolerance", "message"),
    [
        (np.zeros((0, 2)), np.ones(2), "need"),
        (np.zeros((4, 2)), np.ones(3), "tolerance for each"),
        (np.full((4, 1), np.nan), np.ones(1), "finite"),
        (np.zeros((4, 1)), -np.ones(1), "at least 0"),
    ],
)
def test_bad_input_is_refused(values, tolerance, message):
    with pytest.raises(RigtalkError, match=message):
        reduce_keys(values, tolerance)


def test_pins_of_another_shape_are_refused():
    with pytest.raises(RigtalkError, match="pinned"):
        reduce_keys(np.zeros((4, 1)), np.ones(1), pinned=np.zeros((3, 1), bool))
