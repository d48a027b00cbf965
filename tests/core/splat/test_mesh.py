import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.mesh import Mesh, mesh_signature, triangles_of

SQUARE = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])


def test_polygons_become_fans():
    triangles = triangles_of(np.array([4, 3, 5]), np.array([0, 1, 2, 3, 3, 2, 9, 4, 5, 6, 7, 8]))
    expected = [[0, 1, 2], [0, 2, 3], [3, 2, 9], [4, 5, 6], [4, 6, 7], [4, 7, 8]]
    np.testing.assert_array_equal(triangles, expected)


@pytest.mark.parametrize(("sizes", "corners"), [([2], [0, 1]), ([4], [0, 1, 2])])
def test_polygons_that_are_none_are_refused(sizes, corners):
    with pytest.raises(RigtalkError, match="polygons"):
        triangles_of(np.array(sizes), np.array(corners))


def test_a_signature_knows_how_the_mesh_is_joined():
    same = mesh_signature(4, np.array([4], np.int64), np.array([0, 1, 2, 3], np.int64))
    assert same == mesh_signature(4, np.array([4], np.int32), np.array([0, 1, 2, 3], np.uint8))
    others = [
        mesh_signature(5, np.array([4]), np.array([0, 1, 2, 3])),
        mesh_signature(4, np.array([4]), np.array([0, 1, 3, 2])),
        mesh_signature(4, np.array([3]), np.array([0, 1, 2])),
    ]
    assert len({same, *others}) == 4


@pytest.mark.parametrize(
    ("vertices", "triangles", "what"),
    [
        (SQUARE, [[0, 1, 4]], "none of the 4"),
        (SQUARE, [[0, 1, -1]], "none of the 4"),
        (SQUARE, [[0, 1, 2, 3]], "three vertices"),
        (SQUARE * np.nan, [[0, 1, 2]], "finite"),
        (SQUARE[:, :2], [[0, 1, 2]], "three finite"),
    ],
)
def test_what_is_no_mesh_is_refused(vertices, triangles, what):
    with pytest.raises(RigtalkError, match=what):
        Mesh(vertices, np.array(triangles))


def test_deformed_vertices_are_checked():
    mesh = Mesh(SQUARE, np.array([[0, 1, 2]]))
    assert mesh.deformed(SQUARE * 2).dtype == np.float64
    with pytest.raises(RigtalkError, match=r"4 vertices, not of 3.*modifiers"):
        mesh.deformed(SQUARE[:3])
    with pytest.raises(RigtalkError, match="not finite"):
        mesh.deformed(np.full((4, 3), np.inf))
