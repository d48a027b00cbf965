import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.mesh import Mesh
from rigtalk.core.splat.nearest import nearest_on_mesh


def soup(count: int, seed: int = 0, size: float = 0.2) -> Mesh:
    """Triangles anywhere, of very different sizes."""
    rng = np.random.default_rng(seed)
    sizes = size * 10 ** rng.uniform(-2, 1, (count, 1, 1))
    corners = rng.normal(size=(count, 1, 3)) + sizes * rng.normal(size=(count, 3, 3))
    return Mesh(corners.reshape(-1, 3), np.arange(3 * count).reshape(-1, 3))


def closest(point: np.ndarray, corners: np.ndarray) -> float:
    """Distance to a triangle by trying many of its points; a little too far at most."""
    u, v = (each.ravel() for each in np.meshgrid(np.linspace(0, 1, 60), np.linspace(0, 1, 60)))
    inside = u + v <= 1 + 1e-9
    u, v = u[inside, None], v[inside, None]
    points = (1 - u - v) * corners[0] + u * corners[1] + v * corners[2]
    return np.linalg.norm(points - point, axis=1).min()


@pytest.mark.parametrize("count", [1, 3, 4, 5, 200])
def test_nothing_is_nearer(count):
    mesh = soup(count)
    points = np.random.default_rng(1).normal(size=(40, 3)) * 1.5
    triangle, weights = nearest_on_mesh(points, mesh)
    corners = mesh.vertices.astype(float)[mesh.triangles]
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    found = np.linalg.norm(np.einsum("nc,nci->ni", weights, corners[triangle]) - points, axis=1)
    for i, point in enumerate(points):
        assert found[i] <= min(closest(point, each) for each in corners) + 1e-5


def test_points_of_the_mesh_find_themselves():
    mesh = soup(500, seed=3)
    rng = np.random.default_rng(2)
    of, weights = rng.integers(0, 500, 3000), rng.dirichlet((1, 1, 1), 3000)
    points = np.einsum("nc,nci->ni", weights, mesh.vertices[mesh.triangles[of]])
    triangle, found = nearest_on_mesh(points, mesh)
    back = np.einsum("nc,nci->ni", found, mesh.vertices[mesh.triangles[triangle]])
    np.testing.assert_allclose(back, points, atol=1e-5)


def test_triangles_without_an_area_have_edges_still():
    vertices = np.array([[0, 0, 0], [1, 0, 0], [3, 0, 0], [9, 9, 9]])
    mesh = Mesh(vertices, np.array([[0, 1, 2], [3, 3, 3]]))
    triangle, weights = nearest_on_mesh(np.array([[2.0, 1, 0], [8, 9, 9]]), mesh)
    np.testing.assert_array_equal(triangle, [0, 1])
    np.testing.assert_allclose(weights[0] @ vertices[[0, 1, 2]], [2, 0, 0], atol=1e-6)


def test_a_mesh_without_faces_is_refused():
    with pytest.raises(RigtalkError, match="no faces"):
        nearest_on_mesh(np.zeros((1, 3)), Mesh(np.zeros((3, 3)), np.zeros((0, 3), int)))
