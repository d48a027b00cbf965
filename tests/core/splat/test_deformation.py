import numpy as np
import pytest

from rigtalk.core.splat.deformation import RestFrames
from rigtalk.core.splat.mesh import Mesh
from rigtalk.core.splat.posed import unpacked
from rigtalk.core.splat.rotations import matrices, normalised


@pytest.fixture
def ball() -> Mesh:
    """A bumpy closed surface of 8 x 12 patches."""
    u, v = np.meshgrid(np.linspace(0.3, 2.8, 9), np.arange(12) * np.pi / 6, indexing="ij")
    rng = np.random.default_rng(0)
    r = 1 + 0.1 * rng.normal(size=u.shape)
    points = np.stack([np.sin(u) * np.cos(v), np.sin(u) * np.sin(v), np.cos(u)], -1) * r[..., None]
    i, j = (each.ravel() for each in np.meshgrid(np.arange(8), np.arange(12), indexing="ij"))
    a, b, c, d = i * 12 + j, i * 12 + (j + 1) % 12, (i + 1) * 12 + (j + 1) % 12, (i + 1) * 12 + j
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    return Mesh(points.reshape(-1, 3), triangles)


def test_at_rest_nothing_turns_or_stretches(ball):
    turns, stretches = RestFrames.of(ball).at_vertices(ball.vertices)
    np.testing.assert_allclose(np.abs(turns[:, 0]), 1, atol=1e-12)
    np.testing.assert_allclose(
        unpacked(stretches), np.broadcast_to(np.eye(3), (108, 3, 3)), atol=1e-7
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_similarity_is_found_at_every_vertex(ball, seed):
    """Half turns among them, where quaternions of neighbours may differ in sign."""
    rng = np.random.default_rng(seed)
    q = normalised(rng.normal(size=4)) if seed else np.array([0.0, 0.6, 0, 0.8])
    moved = 1.7 * ball.vertices @ matrices(q).T + rng.normal(size=3)
    turns, stretches = RestFrames.of(ball).at_vertices(moved)
    np.testing.assert_allclose(
        matrices(turns), np.broadcast_to(matrices(q), (108, 3, 3)), atol=1e-5
    )
    np.testing.assert_allclose(
        unpacked(stretches), np.broadcast_to(1.7 * np.eye(3), (108, 3, 3)), atol=1e-5
    )


def test_turn_times_stretch_is_the_map_of_each_triangle(ball):
    rng = np.random.default_rng(3)
    moved = ball.vertices @ (np.eye(3) + 0.4 * rng.normal(size=(3, 3))) + 0.05 * rng.normal(
        size=ball.vertices.shape
    )
    turns, stretches, weights = RestFrames.of(ball).at_triangles(moved)
    whole = matrices(turns) @ stretches
    before, after = ball.vertices.astype(float)[ball.triangles], moved[ball.triangles]
    for corner in (1, 2):
        edge = before[:, corner] - before[:, 0]
        expected = after[:, corner] - after[:, 0]
        np.testing.assert_allclose(np.einsum("tij,tj->ti", whole, edge), expected, atol=1e-6)
    np.testing.assert_allclose(stretches, np.swapaxes(stretches, 1, 2), atol=1e-9)
    assert (np.linalg.eigvalsh(stretches) > 0).all()
    normal = np.cross(before[:, 1] - before[:, 0], before[:, 2] - before[:, 0])
    turned = np.cross(after[:, 1] - after[:, 0], after[:, 2] - after[:, 0])
    mapped = np.einsum("tij,tj->ti", whole, normal)
    np.testing.assert_allclose(np.cross(mapped, turned), 0, atol=1e-6)
    growth = np.linalg.norm(turned, axis=1) / np.linalg.norm(normal, axis=1)
    lengths = np.linalg.norm(mapped, axis=1) / np.linalg.norm(normal, axis=1)
    np.testing.assert_allclose(lengths, np.sqrt(growth), rtol=1e-5)
    np.testing.assert_allclose(weights, np.linalg.norm(normal, axis=1) / 2, rtol=1e-6)


def test_which_edge_comes_first_does_not_matter(ball):
    rolled = Mesh(ball.vertices, np.roll(ball.triangles, 1, axis=1))
    moved = ball.vertices + 0.2 * np.random.default_rng(5).normal(size=ball.vertices.shape)
    first, second = (RestFrames.of(mesh).at_triangles(moved) for mesh in (ball, rolled))
    np.testing.assert_allclose(matrices(second[0]), matrices(first[0]), atol=1e-6)
    np.testing.assert_allclose(second[1], first[1], atol=1e-6)


def test_flat_triangles_have_no_say(ball):
    """A collapsed triangle, and a vertex that belongs to none."""
    at = len(ball.vertices)
    extra = np.array([[5, 5, 5], [6, 5, 5], [7, 5, 5], [8, 8, 8]], np.float32)
    mesh = Mesh(
        np.concatenate([ball.vertices, extra]),
        np.concatenate([ball.triangles, [[at, at + 1, at + 2], [0, 0, 1]]]),
    )
    turn = matrices(normalised(np.array([1.0, 2, 3, 4])))
    turns, stretches = RestFrames.of(mesh).at_vertices(mesh.vertices @ turn.T)
    np.testing.assert_allclose(matrices(turns[:at]), np.broadcast_to(turn, (at, 3, 3)), atol=1e-5)
    np.testing.assert_array_equal(turns[at:], [[1, 0, 0, 0]] * 4)
    np.testing.assert_array_equal(unpacked(stretches[at:]), [np.eye(3)] * 4)


def test_a_mesh_that_collapses_gives_numbers(ball):
    turns, stretches = RestFrames.of(ball).at_vertices(np.zeros_like(ball.vertices))
    assert np.isfinite(turns).all()
    assert np.isfinite(stretches).all()
    flat = ball.vertices * [1, 1, 0]
    turns, stretches = RestFrames.of(ball).at_vertices(flat)
    assert np.isfinite(turns).all()
    assert np.isfinite(stretches).all()
