"""Captured heads on rigged meshes: aligned whichever way the mesh stands, or left in place."""

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.align import Similarity
from rigtalk.core.splat.binding import bind_scan
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.head_mesh import HeadMesh
from rigtalk.core.splat.mesh import Mesh
from rigtalk.core.splat.rotations import matrices, normalised

from .test_align import blob, scan

TURN = matrices(normalised(np.array([0.9, 0.05, 0.1, 0.3])))
STILL = Similarity(np.eye(3), 1.0, np.zeros(3))


def character(
    mesh: Mesh, *, front=(0.0, -1.0, 0.0), up=(0.0, 0.0, 1.0), moving: slice = slice(None)
) -> HeadMesh:
    deltas = np.zeros((1, *mesh.vertices.shape))
    deltas[0, moving] = 0.1
    return HeadMesh(mesh, "of a test", ("jawOpen",), deltas, ("Head",), "arkit", front, up)


def apart(found: Similarity, truth: Similarity) -> float:
    points = blob().vertices
    return float(np.abs(found.of_points(points) - truth.of_points(points)).max())


def test_a_scan_is_aligned_and_bound():
    truth = Similarity(TURN, 0.13, np.array([0.2, -1.0, 3.0]))
    captured = scan(blob(), truth, floaters=100)
    bound = bind_scan(captured, character(blob()), within=0.1, facts={"source": "a.ply"})
    assert apart(bound.similarity, truth) < 0.02  # of a head 2 high
    assert 80 <= bound.left_out <= 120
    assert len(bound.head) == len(captured) - bound.left_out
    assert bound.head.shape_names == ("jawOpen",)
    assert bound.head.signature == "of a test"
    assert bound.head.facts["rig"] == "arkit"
    assert bound.head.facts["source"] == "a.ply"
    assert bound.head.facts["alignment residual"] == bound.similarity.residual < 0.05
    np.testing.assert_allclose(bound.head.gaussians.positions[:9], truth.of(captured).positions[:9],
                               atol=0.02)  # fmt: skip


def test_a_mesh_may_lie_on_its_back():
    """Its own vertical is y, and the face looks along z."""
    lying = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    mesh = Mesh(blob().vertices @ lying.T, blob().triangles)
    truth = Similarity(TURN, 0.5, np.array([0.0, 1.0, 0.0]))
    captured = scan(blob(), truth)
    up, front = tuple(lying @ (0, 0, 1)), tuple(lying @ (0, -1, 0))
    bound = bind_scan(captured, character(mesh, front=front, up=up))
    expected = Similarity(lying @ truth.rotation, truth.scale, lying @ truth.translation)
    assert apart(bound.similarity, expected) < 0.02


def test_a_body_is_cut_to_its_head():
    head = blob()
    low = head.vertices - [0, 0, 8]
    body = Mesh(
        np.concatenate([head.vertices, 4 * low]),
        np.concatenate([head.triangles, head.triangles + len(head.vertices)]),
    )
    truth = Similarity(np.eye(3), 2.0, np.array([1.0, 0, 0]))
    rig = character(body, moving=slice(0, len(head.vertices)))
    bound = bind_scan(scan(head, truth), rig)
    assert apart(bound.similarity, truth) < 0.02


def test_a_start_is_refined_or_taken_as_it_is():
    truth = Similarity(TURN, 0.13, np.array([0.2, -1.0, 3.0]))
    near = Similarity(TURN, 0.14, np.array([0.25, -1.0, 3.0]))
    captured = scan(blob(), truth)
    aligned = bind_scan(captured, character(blob()), start=near)
    assert apart(aligned.similarity, truth) < 0.02
    taken = bind_scan(captured, character(blob()), start=near, align=False)
    assert taken.similarity is near


def test_what_lies_in_place_is_left_there():
    captured = scan(blob(), STILL)
    bound = bind_scan(captured, character(blob()), align=False)
    assert bound.left_out == 0
    np.testing.assert_array_equal(bound.head.gaussians.positions, captured.positions)


@pytest.mark.parametrize(
    ("gaussians", "words", "complaint"),
    [
        (Gaussians.empty(), {}, "no Gaussians"),
        (scan(blob(), STILL), {"within": -1.0}, "0 or more"),
        (scan(blob(), STILL), {"within": float("nan")}, "0 or more"),
        (scan(blob(), Similarity(np.eye(3), 1.0, np.full(3, 50.0))),
         {"within": 1.0, "align": False}, "none of 2000"),
    ],
)  # fmt: skip
def test_bad_input(gaussians, words, complaint):
    with pytest.raises(RigtalkError, match=complaint):
        bind_scan(gaussians, character(blob()), **words)
