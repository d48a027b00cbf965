"""The arithmetic of gestures against slow, obvious twins."""

import numpy as np
import pytest

from rigtalk.training.articulation.gestures import (
    FRAME,
    closures,
    covered,
    reduction,
    score,
    spoken_channels,
)
from rigtalk.training.articulation.style import Style
from rigtalk.training.articulation.tables import phone_table, primitives


def test_covered_is_the_mean_over_each_bin():
    rng = np.random.default_rng(3)
    bounds = np.concatenate([[-1.0], np.sort(rng.uniform(0, 2, 12)), [3.0]])
    values = rng.random((13, 2))
    edges = np.linspace(-0.5, 2.5, 40)
    fine = np.linspace(-0.5, 2.5, 39 * 4000 + 1)
    at = np.searchsorted(bounds, fine[:-1] + 0.5 * (fine[1] - fine[0]), side="right") - 1
    slow = values[at].reshape(39, 4000, 2).mean(axis=1)
    np.testing.assert_allclose(covered(bounds, values, edges), slow, atol=1e-3)


def test_channels_follow_dominance_weighted_means():
    """Cohen & Massaro's sum over phones at each instant, and a mass on a spring that follows it."""
    symbols, spans = ["t", "aa", "s"], np.array([[0.1, 0.2], [0.2, 0.4], [0.4, 0.5]])
    parts, table = primitives(), phone_table()
    line = score(
        symbols,
        spans,
        gains=np.ones(3),
        table=table,
        effort=np.ones(parts.spoken),
        jitter=np.ones((3, parts.spoken)),
        duration=0.6,
    )
    fast = spoken_channels(line, 31, primitives=parts, style=Style())
    step = 0.002
    times = np.arange(-0.6, 1.2, step)
    at = np.searchsorted(line.bounds, times, side="right").clip(1, len(line.targets)) - 1
    for channel in (parts.at("jaw"), parts.at("pucker"), parts.at("lower"), parts.at("spread")):
        lead, lag, settle, ahead = (
            getattr(parts.dynamics, key)[channel] for key in ("lead", "lag", "settle", "ahead")
        )
        since = times[:, None] - times
        bell = np.exp(-0.5 * (since / np.where(since < 0, lead, lag)) ** 2)
        weight = bell * line.dominances[at, channel]
        aimed = (weight * line.targets[at, channel]).sum(axis=1) / weight.sum(axis=1)
        place, speed, course = 0.0, 0.0, np.zeros(len(times))
        for k, goal in enumerate(aimed):
            # x'' = (goal - x) / T^2 - 2 x' / T, by small steps
            speed += step * ((goal - place) / settle**2 - 2.0 * speed / settle)
            place += step * speed
            course[k] = place
        slow = np.interp(np.arange(31) * FRAME + ahead, times, course)
        # The fast one works on bins of 20 ms, which round off a peak.
        np.testing.assert_allclose(fast[:, channel], slow, atol=0.03)
        assert np.corrcoef(fast[:, channel], slow)[0, 1] > 0.99


def test_diphthongs_go_from_one_vowel_to_another():
    table = phone_table()
    assert [share for _, share in table.parts["ay"]] == pytest.approx([0.6, 0.4])
    assert table.parts["ay"][0][0] == table.parts["aa"][0][0]


def test_closures_hold_and_merge():
    spans = np.array([[0.0, 0.3], [0.3, 0.4], [0.4, 0.5], [0.5, 0.6], [0.6, 0.9]])
    closed = closures(["aa", "m", "p", "aa", "sil"], spans, 46)
    assert closed.seal[15:23].min() == pytest.approx(1.0)
    assert closed.label[16:22].min() == pytest.approx(1.0)
    # p is let go before it ends: breath follows.
    assert closed.label[25] == 0.0
    assert closed.seal[29] < 0.05
    assert closed.seal[8] == 0.0
    nothing = closures(["aa", "t"], spans[:2], 20)
    assert nothing.seal.max() == nothing.label.max() == nothing.burst.max() == 0.0


def test_lips_stay_together_when_a_phrase_ends_in_m():
    spans = np.array([[0.0, 0.3], [0.3, 0.4], [0.4, 0.9]])
    hum, stop = (closures(["aa", last, "sil"], spans, 46) for last in ("m", "p"))
    assert hum.seal[25] == pytest.approx(1.0)
    assert stop.seal[25] < 0.1
    # The label ends with the sound.
    assert hum.label[22:].max() == 0.0


@pytest.mark.parametrize("length", [0.01, 0.03, 0.05])
def test_the_shortest_stop_still_closes(length):
    for phase in np.linspace(0.0, FRAME, 5):
        spans = np.array([[0.0, 0.3], [0.3, 0.3 + length], [0.3 + length, 0.6]]) + phase
        closed = closures(["aa", "b", "aa"], spans, 40)
        assert closed.seal.max() > 0.99
        assert closed.label.max() == pytest.approx(1.0)


def test_reduction_orders_stress_and_duration():
    spans = np.array([[0.0, 0.12], [0.12, 0.24], [0.24, 0.36], [0.36, 0.40], [0.40, 0.5]])
    size = reduction(["aa"] * 4 + ["t"], spans, np.array([1, 2, 0, 0, 0]))
    assert size[0] > size[1] > size[2] > size[3]
    assert size[4] == 1.0
