"""Channels as sums of controls."""

import numpy as np
import pytest

from rigtalk.rigs import Response, RigtalkError, Term, control_set

ARKIT = control_set("arkit")


def _values(**curves):
    values = np.zeros((3, len(ARKIT)), dtype=np.float32)
    for name, curve in curves.items():
        values[:, ARKIT.index(name)] = curve
    return values


def test_a_channel_is_offset_plus_terms():
    response = Response((Term("jawLeft", 0.02), Term("jawRight", -0.02)), offset=0.5)
    channel = response.apply(ARKIT, _values(jawLeft=[0, 1, 0.5], jawRight=[1, 0, 0]))
    np.testing.assert_allclose(channel, [0.48, 0.52, 0.51], atol=1e-7)
    assert channel.dtype == np.float32
    assert response.controls == ("jawLeft", "jawRight")


def test_limits_hold_either_way():
    values = _values(jawOpen=[0, 0.5, 1])
    response = Response((Term("jawOpen", -2.0),), low=-1.5, high=-0.5)
    np.testing.assert_allclose(response.apply(ARKIT, values), [-0.5, -1.0, -1.5])
    np.testing.assert_allclose(
        Response((Term("jawOpen"),), high=0.7).apply(ARKIT, values), [0, 0.5, 0.7]
    )


def test_a_control_may_count_twice_or_not_at_all():
    values = _values(jawOpen=[0, 0.5, 1])
    twice = Response((Term("jawOpen", 0.5), Term("jawOpen", 0.25)))
    np.testing.assert_allclose(twice.apply(ARKIT, values), [0, 0.375, 0.75])
    assert twice.controls == ("jawOpen",)
    np.testing.assert_allclose(Response((), offset=0.2).apply(ARKIT, values), 0.2)
    assert Response.of("jawOpen").apply(ARKIT, values[:0]).shape == (0,)


def test_scaled_is_the_same_in_another_unit():
    values = _values(jawOpen=[0, 0.5, 1])
    response = Response((Term("jawOpen", 3.0),), offset=0.5, high=2.5)
    np.testing.assert_allclose(
        response.scaled(0.01).apply(ARKIT, values), 0.01 * response.apply(ARKIT, values)
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Response((), low=1.0, high=0.0), "lower limit 1 is above the upper limit 0"),
        (lambda: Response((Term("jawOpen", float("nan")),)), "must be plain numbers"),
        (lambda: Response((), high=float("inf")), "must be plain numbers"),
    ],
)
def test_impossible_responses_are_refused(make, message):
    with pytest.raises(RigtalkError, match=message):
        make()


def test_what_the_set_does_not_have_is_refused():
    with pytest.raises(RigtalkError, match="no control 'jawopen'"):
        Response.of("jawopen").apply(ARKIT, _values())
    with pytest.raises(RigtalkError, match="not for the rig 'arkit', which has 61 controls"):
        Response.of("jawOpen").apply(ARKIT, np.zeros((3, 52)))
