"""Styles stay in range and average an ordinary one."""

from dataclasses import asdict

import numpy as np
import pytest

from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.articulation import Style


def test_samples_average_one():
    rng = np.random.default_rng(0)
    drawn = np.array([list(asdict(Style.sample(rng)).values()) for _ in range(2000)])
    np.testing.assert_allclose(drawn.mean(axis=0), 1.0, atol=0.03)
    assert drawn[:, 0].min() >= 0.6
    assert drawn[:, 0].max() <= 1.4
    assert drawn[:, 0].std() > 0.08


@pytest.mark.parametrize("name", ["articulation", "speed", "asymmetry", "expression", "variation"])
@pytest.mark.parametrize("value", [-1.0, 9.0, float("nan")])
def test_values_out_of_range_are_named(name, value):
    with pytest.raises(RigtalkError, match=name):
        Style(**{name: value})
