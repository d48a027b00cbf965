import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.gaussians import SH_C0, Gaussians
from rigtalk.core.splat.reference import Settings, render
from rigtalk.core.splat.rotations import matrices

NONE = Settings(dilation=0.0)
RED, GREEN = (1, 0, 0), (0, 1, 0)


def single(
    position=(0, 0, 5), *, size=(0.1, 0.1, 0.1), opacity=0.8, colour=RED, rotation=(1, 0, 0, 0)
) -> Gaussians:
    return Gaussians(
        [position],
        np.log([size]),
        [rotation],
        [np.log(opacity / (1 - opacity))],
        (np.array([[colour]]) - 0.5) / SH_C0,
    )


def ahead(width=41, height=31, focal=50.0, near=0.01) -> Camera:
    """At the origin, looking along z."""
    return Camera(width, height, focal, focal, width / 2, height / 2, np.eye(3), np.zeros(3), near)


def test_one_gaussian_is_the_formula():
    picture = render(single(), ahead(), NONE)
    deviation = 50 * 0.1 / 5  # pixels
    y, x = np.mgrid[:31, :41] - np.array([15, 20])[:, None, None]
    alpha = 0.8 * np.exp(-(x * x + y * y) / (2 * deviation**2))
    alpha[alpha < 1 / 255] = 0
    # The corner of a pixel is at a whole number, so an odd picture has a pixel in its middle.
    np.testing.assert_allclose(picture.alpha, alpha, atol=1e-6)
    np.testing.assert_allclose(picture.rgb[..., 0], alpha, atol=1e-6)
    np.testing.assert_array_equal(picture.rgb[..., 1:], 0)
    np.testing.assert_allclose(picture.depth[15, 20], 5, rtol=1e-6)
    assert np.isinf(picture.depth[0, 0])
    np.testing.assert_allclose(picture.over((0, 0, 1))[0, 0], [0, 0, 1])


def test_light_falls_off_as_the_projected_gaussian():
    """Against rays through the Gaussian's true density, where the linear projection is exact."""
    rotation = np.array([0.8, 0.1, -0.5, 0.3])
    g = single(size=(0.02, 0.05, 0.01), rotation=rotation, opacity=0.9)
    picture = render(g, ahead(focal=400.0), NONE)
    inverse = np.linalg.inv(g.covariances()[0])
    for row, column in [(15, 20), (12, 22), (17, 19), (15, 23)]:
        ray = np.array([(column + 0.5 - 20.5) / 400, (row + 0.5 - 15.5) / 400, 1])
        start = np.array([0, 0, -5.0])  # from the Gaussian to the camera
        along = -(ray @ inverse @ start) / (ray @ inverse @ ray)
        nearest = start + along * ray
        expected = 0.9 * np.exp(-nearest @ inverse @ nearest / 2)
        assert picture.alpha[row, column] == pytest.approx(expected, abs=0.004)
        assert expected > 0.05


def test_the_nearer_one_hides_the_farther():
    near, far = single((0, 0, 4), colour=GREEN, opacity=0.7), single((0, 0, 5), opacity=0.9)
    for pair in ([near, far], [far, near]):
        middle = render(Gaussians.join(pair), ahead()).rgb[15, 20]
        assert middle[1] > 2 * middle[0] > 0


def test_of_equally_near_ones_the_first_is_in_front():
    first, second = single(opacity=0.9), single(opacity=0.9, colour=GREEN)
    assert np.argmax(render(Gaussians.join([first, second]), ahead()).rgb[15, 20]) == 0
    assert np.argmax(render(Gaussians.join([second, first]), ahead()).rgb[15, 20]) == 1


def test_alpha_and_depth_are_weighted_means():
    pair = Gaussians.join([single((0, 0, 4), opacity=0.5), single((0, 0, 8), opacity=0.5)])
    picture = render(pair, ahead())
    assert picture.alpha[15, 20] == pytest.approx(0.75, abs=1e-5)
    assert picture.depth[15, 20] == pytest.approx((0.5 * 4 + 0.25 * 8) / 0.75, rel=1e-4)


def test_no_gaussian_is_quite_opaque():
    assert render(single(opacity=1 - 1e-9), ahead()).alpha.max() == pytest.approx(0.99)


def test_normals_face_the_camera():
    for turn in ((1, 0, 0, 0), (0, 1, 0, 0)):  # the second shows its other side
        normals = render(single(size=(0.1, 0.1, 0.001), rotation=turn), ahead()).normals
        np.testing.assert_allclose(normals[15, 20], [0, 0, -1], atol=1e-6)
        np.testing.assert_array_equal(normals[0, 0], 0)


def test_colour_depends_on_the_side():
    """A harmonic along -x is bright for a camera that looks along -x."""
    g = single(position=(0, 0, 0), colour=(0.5, 0.5, 0.5)).with_degree(1)
    sh = g.sh.copy()
    sh[0, 3] = 0.6
    g = Gaussians(g.positions, g.log_scales, g.rotations, g.opacity_logits, sh)
    view = {"field_of_view": 0.5, "width": 21, "height": 21}
    from_right = render(g, Camera.look_at((5, 0, 0), (0, 0, 0), **view)).rgb.max()
    from_left = render(g, Camera.look_at((-5, 0, 0), (0, 0, 0), **view)).rgb.max()
    # 0.6 * 0.4886 = 0.293 above and below 0.5, times the alpha of the middle.
    assert from_right - from_left == pytest.approx(2 * 0.2932 * 0.8, abs=0.01)


def test_a_similarity_of_world_and_camera_changes_nothing(cloud, camera):
    g = cloud(400, 3)
    turn = matrices(np.array([0.5, 0.5, -0.5, 0.5]))
    moved = Camera(
        camera.width, camera.height, camera.fx, camera.fy, camera.cx, camera.cy,
        camera.rotation @ turn.T,
        2 * camera.translation - camera.rotation @ turn.T @ [1, 2, 3],
        2 * camera.near,
    )  # fmt: skip
    before, after = render(g, camera), render(g.transformed(turn, 2, (1, 2, 3)), moved)
    np.testing.assert_allclose(after.rgb, before.rgb, atol=1 / 255)
    np.testing.assert_allclose(after.alpha, before.alpha, atol=1 / 255)


def test_the_order_in_the_file_does_not_matter(cloud, camera):
    g = cloud(400)
    shuffled = g.take(np.random.default_rng(0).permutation(400))
    # Sums of colours over coefficients may round differently.
    np.testing.assert_allclose(render(shuffled, camera).rgb, render(g, camera).rgb, atol=1e-6)


@pytest.mark.parametrize("z", [-5, 0, 0.009, np.nextafter(np.float32(0.01), np.float32(0))])
def test_behind_and_before_the_near_plane_nothing_is_drawn(z):
    assert render(single((0, 0, z)), ahead()).alpha.max() == 0


def test_on_the_near_plane_it_is_drawn():
    """The near plane is a float64; its float32 neighbour above is on its far side."""
    z = np.nextafter(np.float32(0.01), np.float32(1))
    assert render(single((0, 0, z), size=(1e-4,) * 3), ahead()).alpha.max() > 0.5


def test_a_tiny_one_is_as_large_as_the_dilation():
    picture = render(single(size=(1e-9,) * 3), ahead())
    assert picture.alpha[15, 20] == pytest.approx(0.8)
    assert picture.alpha[15, 21] == pytest.approx(0.8 * np.exp(-0.5 / 0.3), rel=1e-5)
    assert render(single(size=(1e-9,) * 3), ahead(), Settings(antialiased=True)).alpha.max() == 0
    assert render(single(size=(1e-9,) * 3), ahead(), NONE).alpha.sum() <= 0.8 + 1e-6


def test_a_huge_one_fills_the_picture():
    picture = render(single(size=(1e6,) * 3), ahead())
    np.testing.assert_allclose(picture.alpha, 0.8, atol=1e-4)
    assert np.isfinite(picture.rgb).all()


@pytest.mark.parametrize("size", [(1e13, 1e-13, 1e-13), (1e13,) * 3, (1e-13,) * 3])
def test_the_largest_and_smallest_allowed_give_numbers(size):
    for settings in (Settings(), Settings(antialiased=True), NONE):
        picture = render(single((0.1, 0.2, 5), size=size), ahead(), settings)
        assert np.isfinite(picture.rgb).all()
        assert 0 <= picture.alpha.min() <= picture.alpha.max() <= 0.99


def test_a_needle_seen_end_on_is_a_dot_and_a_disc_edge_on_a_line():
    dot = render(single(size=(1e-4, 1e-4, 1)), ahead(), Settings(dilation=0.1)).alpha
    assert (dot > 0.01).sum() <= 9
    line = render(single(size=(1, 1e-4, 1)), ahead(), Settings(dilation=0.1)).alpha
    assert (line[15] > 0.1).all()
    assert (line[:12] == 0).all()


def test_beside_the_picture_one_does_not_smear_across_it():
    """The linear projection is only good near the picture; beyond a margin it is held."""
    aside = single((30, 0, 1.0), size=(0.3,) * 3, opacity=0.99)
    assert render(aside, ahead()).alpha.max() == 0


def test_inside_a_cloud_nothing_breaks(cloud):
    inside = Camera.look_at((0, 0, 0), (0, 0, 1), field_of_view=1.2, width=32, height=24)
    picture = render(cloud(500, 3), inside)
    assert np.isfinite(picture.rgb).all()
    assert picture.alpha.max() <= 1


def test_a_gaussian_at_the_camera_itself():
    assert render(single((0, 0, 0)), ahead()).alpha.max() == 0


@pytest.mark.parametrize(("width", "height"), [(0, 0), (0, 5), (5, 0), (1, 1)])
def test_pictures_of_any_size(cloud, width, height):
    picture = render(cloud(20), ahead(width, height))
    assert picture.rgb.shape == (height, width, 3)
    assert picture.alpha.shape == picture.depth.shape == (height, width)


def test_no_gaussians_give_an_empty_picture():
    picture = render(Gaussians.empty(3), ahead())
    assert picture.alpha.max() == 0
    assert picture.rgb.max() == 0
    assert np.isinf(picture.depth).all()


def test_a_dilation_below_zero_is_refused():
    with pytest.raises(RigtalkError, match="dilation"):
        Settings(dilation=-1)
