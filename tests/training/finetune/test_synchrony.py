"""Lag, drift and stretch of curves that are known to be off by so much."""

import numpy as np
import pytest

from rigtalk.training.finetune.synchrony import RATE, Motion, align

SECONDS = 60
ONES = np.ones(2)


def moving(seed: int, times: np.ndarray) -> np.ndarray:
    """Two curves that go up and down some three times a second, at any times."""
    rng = np.random.default_rng(seed)
    knots = np.arange(-20.0, 3.0 * SECONDS, 0.15)
    return np.stack([np.interp(times, knots, rng.uniform(0, 1, len(knots))) for _ in "ab"], axis=1)


def spoken() -> Motion:
    return Motion(moving(1, np.arange(SECONDS * RATE) / RATE), ONES)


def captured(times: np.ndarray, *, seed: int = 1, noise: float = 0.15) -> Motion:
    """The same motion as seen by a camera, with other sizes, an offset and noise."""
    there = moving(seed, times)
    noisy = there + noise * np.random.default_rng(9).standard_normal(there.shape)
    return Motion(0.3 * noisy * (1.0, 2.0) + 0.1, ONES)


@pytest.mark.parametrize("fps", [30.0, 60.0, 24000 / 1001])
@pytest.mark.parametrize("lag", [0.0, 0.037, -0.21, 0.5, 3.2, -7.0])
def test_a_lag_is_found_within_a_quarter_of_a_frame(fps: float, lag: float) -> None:
    times = np.arange(0, SECONDS, 1 / fps)
    found = align(times, captured(times - lag), spoken())
    assert found.lag == pytest.approx(lag, abs=0.008)  # of a 30 fps frame
    assert found.stretch == pytest.approx(1.0, abs=4e-4)
    assert found.agreement > 0.7
    assert found.agreement > found.chance + 0.3


@pytest.mark.parametrize("stretch", [1.001, 0.999, 1.007, 0.98, 1.02])
def test_a_drift_is_found(stretch: float) -> None:
    times = np.arange(0, SECONDS, 1 / 30)
    found = align(times, captured(times * stretch - 0.1), spoken())
    assert found.stretch == pytest.approx(stretch, abs=3e-4)
    assert found.lag == pytest.approx(0.1, abs=0.015)
    assert found.drift(SECONDS) == pytest.approx((1 - stretch) * SECONDS, abs=0.02)
    assert found.scatter < 0.02


@pytest.mark.parametrize(("real", "written"), [(25, 30), (30, 60), (60, 30), (24, 30), (50, 25)])
def test_a_wrong_frame_rate_is_found(real: int, written: int) -> None:
    rows = np.arange(SECONDS * real)
    found = align(rows / written, captured(rows / real), spoken())
    assert found.stretch == pytest.approx(written / real, rel=1e-3)
    assert found.agreement > 0.6


def test_another_motion_agrees_no_better_anywhere_than_chance() -> None:
    times = np.arange(0, SECONDS, 1 / 30)
    found = align(times, captured(times, seed=2), spoken())
    assert found.agreement < 0.35
    assert found.agreement < found.chance + 0.1


def test_a_cut_in_the_middle_shows_as_scatter() -> None:
    times = np.arange(0, SECONDS, 1 / 30)
    late = times - np.where(times > SECONDS / 2, 0.25, 0.0)
    assert align(times, captured(late), spoken()).scatter > 0.03
    assert align(times, captured(times), spoken()).scatter < 0.01


def test_a_short_take_gets_its_lag() -> None:
    times = np.arange(0, 8, 1 / 30)
    heard = Motion(spoken().curves[: int(8 * RATE)], ONES)
    found = align(times, captured(times - 0.12), heard)
    assert found.lag == pytest.approx(0.12, abs=0.01)
    assert found.windows < 3
