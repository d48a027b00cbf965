import numpy as np

from rigtalk.core.splat.fitting.surface import Surface, nearest_in_triangles
from rigtalk.core.splat.mesh import Mesh


def test_draws_by_weight_and_within_triangles(head):
    surface = Surface(head.mesh)
    rng = np.random.default_rng(0)
    triangle, barycentric = surface.draw(20000, surface.areas, rng)
    got = np.bincount(triangle, minlength=len(surface.areas)) / 20000
    np.testing.assert_allclose(got, surface.areas / surface.areas.sum(), atol=2.1 / 20000)
    assert barycentric.min() >= 0
    np.testing.assert_allclose(barycentric.sum(axis=1), 1)
    # Evenly over a triangle: the mean is its middle.
    np.testing.assert_allclose(barycentric.mean(axis=0), 1 / 3, atol=0.01)


def test_normals_point_out(head):
    surface = Surface(head.mesh)
    middles = surface.corners.mean(axis=1)
    assert (np.einsum("ti,ti->t", surface.normals, middles) > 0).all()


def test_neighbours_share_a_corner(head):
    surface = Surface(head.mesh)
    triangles = head.mesh.triangles
    for t in (0, 100, len(triangles) - 1):
        shared = np.isin(triangles, triangles[t]).any(axis=1)
        expected = set(np.nonzero(shared)[0])
        assert set(surface.neighbours[t]) <= expected
        if len(expected) <= 24:
            assert set(surface.neighbours[t]) == expected


def test_the_nearest_place_of_a_triangle_against_a_fine_grid():
    rng = np.random.default_rng(1)
    corners, points = rng.normal(size=(40, 3, 3)), 2 * rng.normal(size=(40, 3))
    weights, distance = nearest_in_triangles(points, corners)
    u, v = np.meshgrid(np.linspace(0, 1, 201), np.linspace(0, 1, 201))
    grid = np.stack([1 - u - v, u, v], axis=-1)[u + v <= 1]
    for i in range(40):
        dense = np.linalg.norm(grid @ corners[i] - points[i], axis=1).min()
        assert dense - 0.05 <= distance[i] <= dense + 1e-9
        foot = weights[i] @ corners[i]
        np.testing.assert_allclose(np.linalg.norm(foot - points[i]), distance[i], atol=1e-9)
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(axis=1), 1)


def test_a_foot_walks_over_the_mesh_and_never_jumps():
    # Two sheets a hair apart, as lips are: what stands on the lower stays on the lower.
    square = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], float)
    vertices = np.concatenate([square, square + np.array([0, 0, 0.01])])
    surface = Surface(Mesh(vertices, np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]])))
    points = np.array([[0.2, 0.7, 0.02], [0.9, 0.1, -0.5]])
    triangle, feet = surface.refooted(points, np.array([0, 1]))
    assert set(triangle) <= {0, 1}
    np.testing.assert_allclose(surface.at(triangle, feet), [[0.2, 0.7, 0], [0.9, 0.1, 0]])


def test_a_foot_leaves_flat_triangles():
    vertices = np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0], [0, 1, 0]], float)
    surface = Surface(Mesh(vertices, np.array([[0, 1, 2], [0, 1, 3]])))
    triangle, _ = surface.refooted(np.array([[0.5, 0.0, 0.1]]), np.array([0]))
    assert triangle[0] == 1
