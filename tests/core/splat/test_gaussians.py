import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.harmonics import basis
from rigtalk.core.splat.rotations import matrices

FIELDS = ("positions", "log_scales", "rotations", "opacity_logits", "sh")


def test_values_are_kept_and_rotations_normalised(cloud):
    g = cloud(10, 2)
    again = Gaussians(g.positions, g.log_scales, 3 * g.rotations, g.opacity_logits, g.sh)
    assert (len(again), again.degree) == (10, 2)
    for name in FIELDS:
        assert getattr(again, name).dtype == np.float32
        np.testing.assert_allclose(getattr(again, name), getattr(g, name), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("positions", np.nan, "1 of 10 Gaussians have numbers that are not finite in positions"),
        ("positions", 1e39, "not finite in positions .the first is 3"),
        ("sh", np.inf, "not finite in sh"),
        ("log_scales", 31, "beyond 30 in log_scales"),
        ("opacity_logits", -31, "beyond 30 in opacity_logits"),
        ("rotations", 0, "length 0 in rotations"),
    ],
)
def test_bad_numbers_are_refused(cloud, name, value, what):
    fields = {each: getattr(cloud(10), each).astype(np.float64) for each in FIELDS}
    fields[name][3] = value
    with pytest.raises(RigtalkError, match=what):
        Gaussians(**fields)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("positions", (10, 2)),
        ("rotations", (9, 4)),
        ("opacity_logits", (10, 1)),
        ("sh", (10, 5, 3)),
        ("sh", (10, 12)),
    ],
)
def test_shapes_must_agree(cloud, name, shape):
    fields = {each: getattr(cloud(10), each) for each in FIELDS}
    fields[name] = np.ones(shape)
    with pytest.raises(RigtalkError, match="10 Gaussians need"):
        Gaussians(**fields)


def test_covariances_have_the_scales_along_the_axes(cloud):
    g = cloud(20)
    axes = matrices(g.rotations)
    within = np.swapaxes(axes, 1, 2) @ g.covariances() @ axes
    expected = np.exp(2 * g.log_scales.astype(np.float64))
    np.testing.assert_allclose(np.diagonal(within, axis1=1, axis2=2), expected, rtol=1e-5)
    np.testing.assert_allclose(np.linalg.det(within), expected.prod(axis=1), rtol=1e-5)


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_similarity_moves_everything(cloud, mirrored):
    g = cloud(20, 3)
    turn = matrices(cloud(1).rotations)[0] @ np.diag([1, 1, -1 if mirrored else 1])
    moved = g.transformed(turn, 2.5, (1, 2, 3))
    np.testing.assert_allclose(moved.positions, 2.5 * g.positions @ turn.T + [1, 2, 3], atol=1e-5)
    np.testing.assert_allclose(
        moved.covariances(), 6.25 * turn @ g.covariances() @ turn.T, rtol=1e-4, atol=1e-5
    )
    ray = np.array([0.6, 0, 0.8])
    old, new = (
        np.einsum("k,nkc->nc", basis(d, 3), each.sh)
        for d, each in ((turn.T @ ray, g), (ray, moved))
    )
    np.testing.assert_allclose(new, old, atol=1e-5)


def test_no_similarity_is_refused(cloud):
    with pytest.raises(RigtalkError, match="orthogonal"):
        cloud(3).transformed(np.diag([1, 1, 2]))
    with pytest.raises(RigtalkError, match="scale"):
        cloud(3).transformed(np.eye(3), 0)


def test_parts_join_at_the_highest_degree(cloud):
    low, high = cloud(3, 0), cloud(4, 2, seed=1)
    joined = Gaussians.join([low, high])
    assert (len(joined), joined.degree) == (7, 2)
    np.testing.assert_array_equal(joined.sh[:3, 1:], 0)
    np.testing.assert_array_equal(joined.take(slice(3, None)).sh, high.sh)
    assert len(Gaussians.join([])) == len(Gaussians.empty(3)) == 0


def test_degrees_are_cut_and_filled(cloud):
    g = cloud(3, 1)
    np.testing.assert_array_equal(g.with_degree(3).with_degree(1).sh, g.sh)
    np.testing.assert_array_equal(g.with_degree(0).sh, g.sh[:, :1])
