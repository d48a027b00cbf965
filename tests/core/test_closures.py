import numpy as np
import pytest

from rigtalk.core.closures import DOUBT, REACH_SECONDS, SEALED_SECONDS, closure_weight, rest_weight

FINE = np.arange(0, 100, 0.05)  # 1 ms


def bump(height: float, *, width: int = 1, at: int = 50, steps: int = 100) -> np.ndarray:
    closure = np.zeros(steps)
    closure[at : at + width] = height
    return closure


def test_doubt_is_a_share_and_certainty_is_shut():
    doubtful = closure_weight(bump(0.2, width=9), 0.5, np.array([54.0]))[0]
    assert doubtful == pytest.approx(0.4**DOUBT)
    assert doubtful < 0.1  # and not two fifths shut
    assert closure_weight(bump(0.5, width=9), 0.5, np.array([54.0]))[0] == 1.0
    assert closure_weight(bump(1.0, width=9), 0.5, np.array([54.0]))[0] == 1.0
    assert not closure_weight(np.zeros(100), 0.5, FINE).any()


@pytest.mark.parametrize("fps", [23.976, 24, 25, 30, 60])
def test_the_shortest_closure_shows_at_every_rate(fps: float):
    for shift in np.linspace(0, 1, 23):
        positions = (np.arange(0, 2, 1 / fps) + shift / fps) * 50
        weight = closure_weight(bump(0.51), 0.5, positions[positions < 99])
        assert weight.max() == 1.0


def test_a_closure_is_held_and_eased():
    weight = closure_weight(bump(0.9), 0.5, FINE)
    sealed = np.count_nonzero(weight == 1.0) / 1000
    assert SEALED_SECONDS <= sealed < 0.08
    ramp = np.count_nonzero((weight > 0.02) & (weight < 0.98)) / 2 / 1000
    assert 0.03 < ramp < 0.07
    assert np.abs(np.diff(weight)).max() < 0.05  # in 1 ms: no jump


def test_neighbouring_closures_join():
    closure = bump(0.9, at=50) + bump(0.9, at=53)
    weight = closure_weight(closure, 0.5, np.linspace(50, 53, 61))
    assert weight.min() > 0.75
    assert not np.isnan(weight).any()


def test_rest_comes_after_180_ms_and_leaves_in_time():
    silence = np.zeros(200)
    silence[50:150] = 1.0  # crosses 0.5 half a step before: 0.99 s to 2.99 s
    at = np.array([0.9, 1.15, 1.17, 1.30, 2.0, 2.82, 2.96, 3.5]) * 50
    weight = rest_weight(silence, at)
    np.testing.assert_array_equal(weight[[0, 1, 2, 6, 7]], 0.0)
    np.testing.assert_array_equal(weight[[3, 4, 5]], 1.0)


def test_a_short_gap_is_no_rest():
    silence = np.zeros(100)
    silence[50:58] = 1.0
    assert not rest_weight(silence, FINE).any()


def test_silence_at_the_ends_goes_on():
    assert (rest_weight(np.ones(20), np.linspace(0, 19, 50)) == 1.0).all()
    silence = np.ones(100)
    silence[40:60] = 0.0
    np.testing.assert_array_equal(rest_weight(silence, np.array([0.0, 99.0])), 1.0)


def test_weights_reach_no_further_than_they_say():
    rng = np.random.default_rng(0)
    reach = int(REACH_SECONDS * 50)
    smooth = np.convolve(rng.random(1000), np.ones(9) / 9, mode="same")
    curve = np.clip((smooth - 0.45) * 8, 0, 1)
    inside = np.linspace(400, 500, 333)
    part = curve[400 - reach : 501 + reach]
    for weigh in (lambda c, p: closure_weight(c, 0.5, p), rest_weight):
        np.testing.assert_allclose(
            weigh(curve, inside), weigh(part, inside - 400 + reach), atol=1e-6
        )
