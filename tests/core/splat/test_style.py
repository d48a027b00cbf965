import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.correctives import Correctives
from rigtalk.core.splat.gaussians import SH_C0, Gaussians
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.mesh import Mesh
from rigtalk.core.splat.style import recoloured

COUNT = 400


@pytest.fixture
def head(cloud) -> SplatHead:
    """Gaussians of one size and opacity, so that each colour counts the same."""
    g = cloud(COUNT, 1)
    rng = np.random.default_rng(0)
    colours = np.clip(rng.normal(0.5, [0.08, 0.05, 0.1], (COUNT, 3)), 0, 1)
    sh = g.sh.copy()
    sh[:, 0] = (colours - 0.5) / SH_C0
    plain = Gaussians(g.positions, np.full((COUNT, 3), -3), g.rotations, np.zeros(COUNT), sh)
    mesh = Mesh([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.array([[0, 1, 2]]))
    return SplatHead(
        plain, np.zeros(COUNT), np.tile([1, 0, 0], (COUNT, 1)), mesh,
        shape_names=("up",), shape_deltas=np.zeros((1, 3, 3)),
        correctives=Correctives.of_dense(
            np.ones((1, 1)), {"sh": rng.normal(0, 0.2, (1, COUNT, 4, 3))}
        ),
    )  # fmt: skip


@pytest.fixture
def picture() -> np.ndarray:
    rng = np.random.default_rng(1)
    mix = rng.normal(size=(3, 3)) * 0.05
    return np.clip(rng.normal(size=(40, 50, 3)) @ mix + [0.7, 0.4, 0.3], 0, 1)


def colours(head: SplatHead) -> np.ndarray:
    return 0.5 + SH_C0 * head.gaussians.sh[:, 0].astype(float)


def test_colours_become_those_of_the_picture(head, picture):
    found, wanted = colours(recoloured(head, picture)), picture.reshape(-1, 3)
    np.testing.assert_allclose(found.mean(axis=0), wanted.mean(axis=0), atol=1e-3)
    np.testing.assert_allclose(np.cov(found.T), np.cov(wanted.T), atol=2e-4)


def test_only_colours_change(head, picture):
    after = recoloured(head, picture)
    for name in ("positions", "log_scales", "rotations", "opacity_logits"):
        np.testing.assert_array_equal(getattr(after.gaussians, name), getattr(head.gaussians, name))
    assert after.shape_names == head.shape_names


def test_expressions_and_sides_are_recoloured_alike(head, picture):
    """The map of a corrected colour is the corrected map of the colour: it is affine."""
    weights = np.array([0.8])
    after = recoloured(head, picture).posed_by_weights(weights).sh.astype(float)
    before = head.posed_by_weights(weights).sh.astype(float)
    a = np.column_stack([before.reshape(-1, 3), np.tile([1, 0, 0, 0], COUNT)])
    left = np.linalg.lstsq(a, after.reshape(-1, 3), rcond=None)[0]
    np.testing.assert_allclose(a @ left, after.reshape(-1, 3), atol=2e-3)  # correctives are float16


def test_strength_goes_from_nothing_to_all(head, picture):
    none, half, full = (colours(recoloured(head, picture, strength=s)) for s in (0, 0.5, 1))
    np.testing.assert_allclose(none, colours(head), atol=1e-6)
    np.testing.assert_allclose(half, (none + full) / 2, atol=1e-6)


def test_its_own_colours_change_nothing(head):
    own = np.clip(colours(head), 0, 1).reshape(20, 20, 3)
    np.testing.assert_allclose(colours(recoloured(head, own)), colours(head), atol=1e-3)


def test_transparent_pixels_do_not_count(head, picture):
    wide = np.zeros((40, 100, 4))
    wide[:, :50, :3], wide[:, :50, 3] = picture, 1
    np.testing.assert_allclose(
        colours(recoloured(head, wide)), colours(recoloured(head, picture)), atol=1e-6
    )


def test_one_colour_paints_all(head):
    after = colours(recoloured(head, np.full((4, 4, 3), 0.25)))
    np.testing.assert_allclose(after.mean(axis=0), 0.25, atol=1e-4)
    assert after.std() < 0.02


@pytest.mark.parametrize(
    ("image", "what"),
    [
        (np.zeros((0, 5, 3)), "empty"),
        (np.zeros((4, 4, 4)), "transparent"),
        (np.zeros((4, 4)), "three or four"),
        (np.full((4, 4, 3), np.nan), "finite"),
    ],
)
def test_bad_pictures_are_refused(head, image, what):
    with pytest.raises(RigtalkError, match=what):
        recoloured(head, image)


def test_bad_strengths_and_empty_heads_are_refused(head, picture):
    with pytest.raises(RigtalkError, match="strength"):
        recoloured(head, picture, strength=1.5)
    none = SplatHead(Gaussians.empty(), np.zeros(0), np.zeros((0, 3)), head.mesh)
    with pytest.raises(RigtalkError, match="no Gaussians"):
        recoloured(none, picture)
