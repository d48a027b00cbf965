import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.posed import Posed
from rigtalk.core.splat.reference import render
from rigtalk.core.splat.rotations import matrices


def test_gaussians_pass_through(cloud, camera):
    """Axes may come back in another order: the covariances and the picture are the same."""
    g = cloud(300, 3)
    back = Posed.of(g).gaussians()
    np.testing.assert_allclose(back.covariances(), g.covariances(), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(back.opacities(), g.opacities(), atol=1e-6)
    # Rounding of a covariance shifts an edge pixel's alpha around 1/255 at most.
    np.testing.assert_allclose(render(back, camera).rgb, render(g, camera).rgb, atol=1 / 255)


def test_turned_harmonics_are_turned_in_a_file(cloud, camera):
    g = cloud(200, 2)
    posed = Posed.of(g)
    turns = cloud(200, seed=5).rotations
    turned = Posed(posed.positions, posed.covariances, posed.opacities, g.sh, turns, posed.normals)
    np.testing.assert_allclose(
        render(turned.gaussians(), camera).rgb, render(turned, camera).rgb, atol=1 / 255
    )
    assert np.abs(render(turned, camera).rgb - render(posed, camera).rgb).max() > 0.05


def test_the_normal_is_the_shortest_axis(cloud):
    g = cloud(50)
    within = np.einsum("nji,nj->ni", matrices(g.rotations), Posed.of(g).normals)
    np.testing.assert_array_equal(np.abs(within).argmax(axis=1), g.log_scales.argmin(axis=1))


def test_opaque_and_flat_ones_survive():
    posed = Posed(
        np.zeros((2, 3)), [[1, 0, 0, 1, 0, 0]] * 2, [1, 0], np.zeros((2, 1, 3)), [[1, 0, 0, 0]] * 2,
        [[0, 0, 1]] * 2,
    )  # fmt: skip
    np.testing.assert_allclose(posed.gaussians().opacities(), [1, 0], atol=1e-6)
    assert np.isfinite(posed.gaussians().log_scales).all()


def test_shapes_must_agree(cloud):
    p = Posed.of(cloud(4))
    with pytest.raises(RigtalkError, match="covariances"):
        Posed(p.positions, p.covariances[:3], p.opacities, p.sh, p.turns, p.normals)
    with pytest.raises(RigtalkError, match="harmonics"):
        Posed(p.positions, p.covariances, p.opacities, p.sh[:, :2], p.turns, p.normals)
