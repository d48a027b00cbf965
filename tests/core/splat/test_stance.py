from dataclasses import replace

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.mesh import Mesh
from rigtalk.core.splat.stance import Stance, View, is_inside


@pytest.fixture(scope="module")
def ball() -> SplatHead:
    """A sphere of radius 2 about (1, 2, 3)."""
    u, v = np.meshgrid(np.linspace(0, 2 * np.pi, 25)[:-1], np.linspace(0, np.pi, 13))
    points = np.stack([np.cos(u) * np.sin(v), np.sin(u) * np.sin(v), np.cos(v)], -1).reshape(-1, 3)
    a = np.arange(12 * 24).reshape(12, 24)
    b = np.roll(a, -1, axis=1)
    triangles = np.concatenate([np.stack([a, a + 24, b], -1), np.stack([b, a + 24, b + 24], -1)])
    mesh = Mesh(2 * points + [1, 2, 3], triangles.reshape(-1, 3))
    return SplatHead(Gaussians.empty(), np.zeros(0, int), np.zeros((0, 3)), mesh)


def facing(head: SplatHead, **facts: str) -> Stance:
    return Stance.of(replace(head, facts=facts))


def test_usual_directions(ball):
    stance = Stance.of(ball)
    np.testing.assert_allclose(stance.front, [0, -1, 0])
    np.testing.assert_allclose(stance.left, [1, 0, 0])  # the character's
    np.testing.assert_allclose(stance.centre, [1, 2, 3], atol=1e-6)
    assert stance.radius == pytest.approx(2)


def test_directions_of_the_facts(ball):
    stance = facing(ball, front="[2, 0, 0]", up="[0.5, 1, 0]")
    np.testing.assert_allclose(stance.front, [1, 0, 0])
    np.testing.assert_allclose(stance.up, [0, 1, 0])
    np.testing.assert_allclose(stance.left, np.cross(stance.up, stance.front))
    assert facing(ball, rig="klingon").radius == pytest.approx(2)


@pytest.mark.parametrize(
    "front", ["north", "[1, 2]", "[0, 0, 0]", "{}", "[[1,2,3]]", "[1,2,null]", "NaN"]
)
def test_facts_that_make_no_sense(ball, front):
    with pytest.raises(RigtalkError, match="not a list of three numbers"):
        facing(ball, front=front)
    with pytest.raises(RigtalkError, match="its front is up"):
        facing(ball, front="[0, 0, -3]")


@pytest.mark.parametrize(
    ("angles", "front", "up"),
    [
        # As Live Link Face records them: to the head's right, down, to its left shoulder.
        ((0.1, 0, 0), [-np.sin(0.1), -np.cos(0.1), 0], [0, 0, 1]),
        ((0, 0.1, 0), [0, -np.cos(0.1), -np.sin(0.1)], [0, -np.sin(0.1), np.cos(0.1)]),
        ((0, 0, 0.1), [0, -1, 0], [np.sin(0.1), 0, np.cos(0.1)]),
    ],
)
def test_turning(ball, angles, front, up):
    rotation, translation = Stance.of(ball).turned(angles)
    np.testing.assert_allclose(rotation @ [0, -1, 0], front, atol=1e-12)
    np.testing.assert_allclose(rotation @ [0, 0, 1], up, atol=1e-12)
    joint = np.array([1, 2, 3 - 0.31 * 2])
    np.testing.assert_allclose(rotation @ joint + translation, joint, atol=1e-12)


def test_the_order_is_that_of_the_embedded_head_in_blender(ball):
    """Its neck bone turns by YXZ, bone axes: to the left, up, to the front."""
    yaw, pitch, roll = 0.3, -0.2, 0.25
    rotation, _ = Stance.of(ball).turned((yaw, pitch, roll))

    def about(axis: int, angle: float) -> np.ndarray:
        c, s = np.cos(angle), np.sin(angle)
        matrix, (i, j) = np.eye(3), ((axis + 1) % 3, (axis + 2) % 3)
        matrix[i, i], matrix[i, j], matrix[j, i], matrix[j, j] = c, -s, s, c
        return matrix

    bone = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], float)  # columns: left, up, front
    euler = about(2, -roll) @ about(0, pitch) @ about(1, -yaw)
    np.testing.assert_allclose(rotation, bone @ euler @ bone.T, atol=1e-12)


def test_cameras(ball):
    stance = Stance.of(ball)
    front = stance.camera(View(), 100, 80)
    np.testing.assert_allclose(front.rotation @ [0, 1, 0], [0, 0, 1], atol=1e-9)  # looks to +y
    left = stance.camera(View(yaw=90, distance=5), 100, 80)
    np.testing.assert_allclose(left.centre, [6, 2, 3], atol=1e-9)
    above = stance.camera(View(pitch=90, distance=5), 100, 80)
    np.testing.assert_allclose(above.centre, [1, 2, 8], atol=1e-9)
    # The crown of one who is seen from above is up in the picture, away from his face.
    np.testing.assert_allclose(above.rotation @ [0, 1, 0], [0, -1, 0], atol=1e-9)


@pytest.mark.parametrize(("width", "height"), [(100, 100), (300, 100), (100, 300)])
def test_the_head_fills_the_shorter_edge(ball, width, height):
    camera = Stance.of(ball).camera(View(), width, height)
    points = ball.mesh.vertices @ camera.rotation.T + camera.translation
    u = camera.fx * points[:, 0] / points[:, 2] + camera.cx
    v = camera.fy * points[:, 1] / points[:, 2] + camera.cy
    # A ball is cut a little: heads have empty corners.
    assert np.ptp(u) == pytest.approx(111, abs=4)
    assert np.ptp(v) == pytest.approx(111, abs=4)
    assert (points[:, 2] > camera.near).all()


@pytest.mark.parametrize(
    "view",
    [
        View(pitch=91),
        View(distance=-1),
        View(field_of_view=0),
        View(field_of_view=171),
        View(yaw=np.inf),
    ],
)
def test_views_that_cannot_be(ball, view):
    with pytest.raises(RigtalkError, match="camera"):
        Stance.of(ball).camera(view, 10, 10)


@pytest.mark.parametrize(
    ("point", "inside"),
    [((1, 2, 3), True), ((1, 2, 4.8), True), ((1, 2, 5.2), False), ((9, 2, 3), False)],
)
def test_inside(ball, point, inside):
    mesh = ball.mesh
    assert is_inside(np.array(point), mesh.vertices, mesh.triangles) == inside
    assert is_inside(np.array(point), mesh.vertices, mesh.triangles[:, ::-1]) == inside
    holed = mesh.triangles[:-60]  # an open neck
    assert is_inside(np.array(point), mesh.vertices, holed) == inside
