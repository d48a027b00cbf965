import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.align import Similarity, align_to_mesh, similarity_of_pairs
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.mesh import Mesh
from rigtalk.core.splat.rotations import matrices, normalised, rotation_vectors


def blob() -> Mesh:
    """A closed surface 2 high with a nose to -y and one ear, so that no turn of it is the same."""
    u, v = np.meshgrid(np.linspace(0.05, 3.09, 24), np.arange(32) * np.pi / 16, indexing="ij")
    ways = np.stack([np.sin(u) * np.cos(v), np.sin(u) * np.sin(v), np.cos(u)], -1)
    bumps = [((0, -1, -0.1), 0.4, 12), ((1, 0, 0.1), 0.25, 20), ((0, 0.8, -0.7), 0.3, 6)]
    radius = np.ones(u.shape)
    for way, height, steep in bumps:
        radius += height * np.exp(steep * (ways @ (np.array(way) / np.linalg.norm(way)) - 1))
    i, j = (each.ravel() for each in np.meshgrid(np.arange(23), np.arange(32), indexing="ij"))
    a, b = i * 32 + j, i * 32 + (j + 1) % 32
    triangles = np.concatenate([np.stack([a, b + 32, b], 1), np.stack([a, a + 32, b + 32], 1)])
    points = ways * radius[..., None] * [0.8, 0.9, 1.1]
    return Mesh(points.reshape(-1, 3), triangles)


def scan(mesh: Mesh, truth: Similarity, *, seed: int = 0, floaters: int = 0) -> Gaussians:
    """Gaussians that the truth lays onto the mesh, but for noise and floaters."""
    rng = np.random.default_rng(seed)
    corners = mesh.vertices.astype(float)[mesh.triangles]
    area = np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    of = rng.choice(len(area), 2000, p=area / area.sum())
    on = np.einsum("nc,nci->ni", rng.dirichlet((1, 1, 1), 2000), corners[of])
    on = np.concatenate([on + rng.normal(0, 0.003, on.shape), rng.normal(0, 2, (floaters, 3))])
    points = (on - truth.translation) @ truth.rotation / truth.scale
    count = len(points)
    return Gaussians(
        points,
        np.full((count, 3), -5),
        np.tile([1, 0, 0, 0], (count, 1)),
        np.full(count, 3),
        np.zeros((count, 4, 3)),
    )


@pytest.mark.parametrize("seed", range(5))
def test_pairs_give_the_similarity(seed):
    rng = np.random.default_rng(seed)
    truth = Similarity(matrices(normalised(rng.normal(size=4))), 0.3 + seed, rng.normal(size=3))
    points = rng.normal(size=(3 + seed, 3))
    found = similarity_of_pairs(points, truth.of_points(points))
    np.testing.assert_allclose(found.rotation, truth.rotation, atol=1e-9)
    np.testing.assert_allclose(found.scale, truth.scale)
    np.testing.assert_allclose(found.translation, truth.translation, atol=1e-9)
    assert found.residual < 1e-9


def test_a_mirror_image_is_not_a_turn():
    points = np.random.default_rng(0).normal(size=(20, 3))
    found = similarity_of_pairs(points, points * [1, 1, -1])
    assert np.linalg.det(found.rotation) == pytest.approx(1)
    assert found.residual > 0.1


def test_weights_leave_pairs_out():
    rng = np.random.default_rng(1)
    source, target = rng.normal(size=(2, 10, 3))
    target[:6] = 2 * source[:6] + 1
    found = similarity_of_pairs(source, target, np.arange(10) < 6)
    np.testing.assert_allclose(found.scale, 2)
    assert found.residual < 1e-9


@pytest.mark.parametrize(
    ("source", "target", "what"),
    [
        (np.eye(3)[:2], np.eye(3)[:2], "three pairs"),
        (np.eye(3), np.eye(3)[:2], "as many points"),
        (np.eye(3) * np.nan, np.eye(3), "not finite"),
        (np.outer(np.arange(5), [1, 2, 3]), np.outer(np.arange(5), [1, 2, 3]), "in one line"),
        (np.ones((5, 3)), np.ones((5, 3)), "in one line"),
    ],
)
def test_pairs_that_say_too_little_are_refused(source, target, what):
    with pytest.raises(RigtalkError, match=what):
        similarity_of_pairs(source, target)


@pytest.mark.parametrize(("angle", "scale"), [(0.4, 1), (2.0, 0.01), (-2.6, 40), (np.pi, 3)])
def test_a_scan_finds_its_mesh(angle, scale):
    """In any unit, turned about the vertical by any angle, and leaning a little."""
    truth = Similarity(
        matrices(rotation_vectors(np.array([0.1, -0.08, angle]))), scale, np.array([1.0, -2, 3])
    )
    mesh = blob()
    g = scan(mesh, truth, floaters=200)
    found = align_to_mesh(g, mesh)
    surface = g.positions[:2000]
    gaps = np.linalg.norm(found.of_points(surface) - truth.of_points(surface), axis=1)
    assert gaps.mean() < 0.02  # of a head 2 high: 1 %
    assert found.scale / scale == pytest.approx(1, abs=0.02)
    np.testing.assert_allclose(
        found.of(g).positions, found.of_points(g.positions), atol=1e-4 * max(1, scale)
    )


def test_a_start_is_refined():
    """From a start, only what is near it is looked for, lying down or not."""
    lying = matrices(rotation_vectors(np.array([1.5, 0.3, 0])))
    truth = Similarity(lying, 2.0, np.array([5.0, 5, 5]))
    mesh = blob()
    g = scan(mesh, truth)
    near = matrices(rotation_vectors(np.array([0.1, 0.1, -0.1]))) @ lying
    start = Similarity(near, 2.1, truth.translation + 0.05)
    found = align_to_mesh(g, mesh, start=start, keep=0.95)
    gaps = np.linalg.norm(found.of_points(g.positions) - truth.of_points(g.positions), axis=1)
    assert gaps.mean() < 0.02


def test_it_is_the_same_every_time():
    mesh = blob()
    g = scan(mesh, Similarity(np.eye(3), 1.5, np.zeros(3)), floaters=50)
    first, second = align_to_mesh(g, mesh), align_to_mesh(g, mesh)
    np.testing.assert_array_equal(first.rotation, second.rotation)
    assert first.residual == second.residual


def test_what_cannot_be_aligned_is_refused():
    mesh = blob()
    g = scan(mesh, Similarity(np.eye(3), 1.0, np.zeros(3)))
    with pytest.raises(RigtalkError, match="0 opaque Gaussians"):
        align_to_mesh(Gaussians.empty(), mesh)
    faint = Gaussians(g.positions, g.log_scales, g.rotations, g.opacity_logits - 10, g.sh)
    with pytest.raises(RigtalkError, match="0 opaque Gaussians"):
        align_to_mesh(faint, mesh)
    with pytest.raises(RigtalkError, match="no faces"):
        align_to_mesh(g, Mesh(np.zeros((3, 3)), np.zeros((0, 3), int)))
    with pytest.raises(RigtalkError, match="share to keep"):
        align_to_mesh(g, mesh, keep=0)
    point = Gaussians(0 * g.positions, g.log_scales, g.rotations, g.opacity_logits, g.sh)
    with pytest.raises(RigtalkError, match="do not fit"):
        align_to_mesh(point, mesh)
