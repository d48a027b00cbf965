from dataclasses import replace

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.correctives import Correctives
from rigtalk.core.splat.rotations import matrices, rotation_vectors

WIDTHS = {
    "positions": (3,),
    "log_scales": (3,),
    "rotations": (3,),
    "opacity_logits": (),
    "sh": (3, 3),  # of the 4 of `cloud`
}


@pytest.fixture
def correctives() -> Correctives:
    """Nine rows for six Gaussians, two of which have none; one pair is there twice."""
    rng = np.random.default_rng(0)
    gaussian = [0, 0, 2, 2, 2, 3, 5, 5, 5]
    basis = [1, 0, 0, 1, 2, 2, 0, 0, 1]
    rows = {name: rng.normal(size=(9, *width)) for name, width in WIDTHS.items()}
    return Correctives(rng.normal(size=(3, 3)), gaussian, basis, rows)


def slowly(correctives: Correctives, coefficients: np.ndarray, name: str, count: int) -> np.ndarray:
    """What is added, row by row."""
    values = correctives.rows[name].astype(np.float64)
    result = np.zeros((count, *values.shape[1:]))
    for gaussian, basis, row in zip(correctives.gaussian, correctives.basis, values, strict=True):
        result[gaussian] += coefficients[basis] * row
    return result


def test_nothing_changes_at_rest(cloud, correctives):
    g = cloud(6)
    same = correctives.applied(g, correctives.coefficients(np.zeros(3)))
    for name in ("positions", "log_scales", "rotations", "opacity_logits", "sh"):
        np.testing.assert_allclose(getattr(same, name), getattr(g, name), atol=1e-6)


@pytest.mark.parametrize("amounts", [(0.5, -2, 1), (0, 0, 1), (0, 1, 0), (1, 0, 0)])
def test_differences_are_added(cloud, correctives, amounts):
    g, amounts = cloud(6), np.array(amounts)
    changed = correctives.applied(g, amounts)
    for name in ("positions", "log_scales", "opacity_logits"):
        expected = getattr(g, name) + slowly(correctives, amounts, name, 6)
        np.testing.assert_allclose(getattr(changed, name), expected, atol=1e-5)
    sh = g.sh.copy()
    sh[:, :3] += slowly(correctives, amounts, "sh", 6)
    np.testing.assert_allclose(changed.sh, sh, atol=1e-5)
    turns = matrices(rotation_vectors(slowly(correctives, amounts, "rotations", 6)))
    np.testing.assert_allclose(
        matrices(changed.rotations), matrices(g.rotations) @ turns, atol=1e-5
    )


def test_coefficients_are_mixed(correctives):
    amounts = correctives.coefficients(np.array([0.5, 0, 1]))
    np.testing.assert_allclose(amounts, 0.5 * correctives.mix[0] + correctives.mix[2], rtol=1e-6)


def test_those_of_dense_arrays(cloud):
    """What changes nothing is left out, and the sums are the same."""
    rng = np.random.default_rng(1)
    some = rng.random((2, 6)) < 0.4
    bases = {
        "sh": rng.normal(size=(2, 6, 4, 3)) * some[..., None, None],
        "opacity_logits": rng.normal(size=(2, 6)) * some,
    }
    made = Correctives.of_dense(np.eye(2), bases)
    assert len(made.gaussian) == some.sum()
    for name, values in made.changes(np.array([0.5, -2]), 6).items():
        expected = np.tensordot([0.5, -2], np.float16(bases[name]).astype(float), axes=1)
        np.testing.assert_allclose(values, expected, atol=1e-5)
    with pytest.raises(RigtalkError, match="different bases or Gaussians"):
        Correctives.of_dense(np.eye(2), {**bases, "positions": np.ones((2, 5, 3))})


def test_a_channel_may_be_absent(cloud):
    only = Correctives(np.ones((1, 1)), np.arange(6), np.zeros(6, int), {"sh": np.ones((6, 4, 3))})
    changed = only.applied(cloud(6), np.array([2.0]))
    np.testing.assert_allclose(changed.sh, cloud(6).sh + 2, atol=1e-5)
    np.testing.assert_array_equal(changed.positions, cloud(6).positions)


def test_there_may_be_no_rows(cloud):
    none = Correctives(
        np.ones((1, 2)), np.zeros(0, int), np.zeros(0, int), {"sh": np.ones((0, 4, 3))}
    )
    none.check(cloud(6), 1)
    np.testing.assert_array_equal(none.applied(cloud(6), np.ones(2)).sh, cloud(6).sh)


def test_what_runs_away_is_held(cloud):
    wild = Correctives.of_dense(np.ones((1, 1)), {"log_scales": np.full((1, 6, 3), 60000.0)})
    assert wild.applied(cloud(6), np.array([1.0])).log_scales.max() == 30


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"mix": np.ones(3)}, "matrix"),
        ({"mix": np.full((3, 3), np.nan)}, "matrix"),
        ({"mix": np.ones((3, 2))}, "a basis beyond the 2"),
        ({"basis": [0] * 8 + [-1]}, "a basis beyond the 3"),
        ({"gaussian": [0, 0, 2, 2, 2, 5, 3, 5, 5]}, "not in the order"),
        ({"gaussian": [-1, 0, 2, 2, 2, 3, 5, 5, 5]}, "not in the order"),
        ({"gaussian": [0, 0, 2, 2, 2, 3, 5, 5, 1 << 32]}, "cannot be"),
        ({"gaussian": np.arange(8)}, "a Gaussian and a basis for each row"),
        ({"gaussian": np.linspace(0, 5, 9)}, "whole numbers"),
        ({"rows": {"sh": np.ones((8, 4, 3))}}, "not one a row"),
        ({"rows": {"sh": np.full((9, 4, 3), 1e6)}}, "not finite"),
        ({"rows": {"sh": np.ones((9, 4))}}, r"cannot be \(4,\) a row"),
        ({"rows": {"positions": np.ones((9, 4))}}, r"cannot be \(4,\) a row"),
        ({"rows": {"opacity_logits": np.ones((9, 1))}}, r"cannot be \(1,\) a row"),
        ({"rows": {"colour": np.ones(9)}}, "no channel 'colour'"),
    ],
)
def test_bad_ones_are_refused(correctives, changes, what):
    with pytest.raises(RigtalkError, match=what):
        replace(correctives, **changes)


def test_those_of_other_gaussians_are_refused(cloud, correctives):
    correctives.check(cloud(6), 3)
    correctives.check(cloud(7, 2), 3)
    with pytest.raises(RigtalkError, match="3 shapes, the head has 4"):
        correctives.check(cloud(6), 4)
    with pytest.raises(RigtalkError, match="change Gaussian 5, the head has 5"):
        correctives.check(cloud(5), 3)
    with pytest.raises(RigtalkError, match="sh are of 3 harmonics, the head has 1"):
        correctives.check(cloud(6, 0), 3)
    with pytest.raises(RigtalkError, match="3 coefficients"):
        correctives.applied(cloud(6), np.zeros(2))
