"""Blender's views as pinhole cameras: the same places on the screen, the same depths."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rigtalk.blender_addon.gaussian.pinhole import Window, eye_of, window_of
from rigtalk.core.errors import RigtalkError

SIZE = (640, 480)
NEAR, FAR = 0.1, 100.0
ORIGIN = np.array([30.0, -20.0, 5.0])


def look(yaw: float, distance: float) -> np.ndarray:
    """World to view: turned, at a distance before the origin of the head."""
    c, s = np.cos(yaw), np.sin(yaw)
    view = np.eye(4)
    view[:3, :3] = np.array([[c, s, 0.0], [0.0, 0.0, 1.0], [s, -c, 0.0]])
    view[:3, 3] = (0.02, -0.01, -distance) - view[:3, :3] @ ORIGIN
    return view


def perspective(shift: tuple[float, float]) -> np.ndarray:
    matrix = np.zeros((4, 4))
    matrix[0, 0], matrix[1, 1] = 2.0, 2.0 * SIZE[0] / SIZE[1]
    matrix[0, 2], matrix[1, 2] = shift
    matrix[2, 2], matrix[2, 3] = -(FAR + NEAR) / (FAR - NEAR), -2 * FAR * NEAR / (FAR - NEAR)
    matrix[3, 2] = -1.0
    return matrix


def orthographic(shift: tuple[float, float]) -> np.ndarray:
    matrix = np.eye(4)
    matrix[0, 0], matrix[1, 1] = 3.0, 3.0 * SIZE[0] / SIZE[1]
    matrix[0, 3], matrix[1, 3] = shift
    matrix[2, 2], matrix[2, 3] = -2 / (FAR + FAR), 0.0
    return matrix


def points(count: int = 200) -> np.ndarray:
    """Within a radius of 0.2 of the origin of the head's space."""
    rng = np.random.default_rng(1)
    return rng.uniform(-0.1, 0.1, (count, 3))


def on_screen(view: np.ndarray, projection: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pixels from the upper left and depths -1 to 1, as OpenGL finds them."""
    world = np.concatenate([points() + ORIGIN, np.ones((200, 1))], axis=1)
    clip = world @ view.T @ projection.T
    device = clip[:, :3] / clip[:, 3:]
    pixels = (device[:, :2] * (1, -1) + 1) / 2 * SIZE
    return pixels, device[:, 2]


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.3, -0.2)])
@pytest.mark.parametrize(
    ("kind", "apart"),
    [(perspective, 1e-6), (orthographic, 0.15)],  # a thousandth of the head's 110 pixels
)
def test_places_and_depths_are_those_of_blender(kind, apart, shift) -> None:
    view, projection = look(0.4, 1.5), kind(shift)
    eye = eye_of(view, projection, SIZE, origin=ORIGIN, centre=np.zeros(3), radius=0.17)
    pixels, depths = on_screen(view, projection)
    camera = eye.camera
    seen = points() @ camera.rotation.T + camera.translation
    x = camera.fx * seen[:, 0] / seen[:, 2] + camera.cx
    y = camera.fy * seen[:, 1] / seen[:, 2] + camera.cy
    assert np.abs(np.stack([x, y], axis=1) - pixels).max() < apart
    z = eye.shift - seen[:, 2]
    a, b, c, d = eye.depth
    assert np.abs((a * z + b) / (c * z + d) - depths).max() < 1e-9
    assert (seen[:, 2] > camera.near).all()


def test_what_is_nearer_than_the_clip_start_is_left_out() -> None:
    eye = eye_of(
        look(0.0, 1.5), perspective((0, 0)), SIZE, origin=ORIGIN, centre=np.zeros(3), radius=0.1
    )
    assert eye.camera.near == pytest.approx(NEAR)


def test_a_part_of_the_picture_is_that_part() -> None:
    eye = eye_of(
        look(0.0, 1.5), perspective((0, 0)), SIZE, origin=ORIGIN, centre=np.zeros(3), radius=0.1
    )
    part = eye.through(Window(100, 50, 200, 120), 0.5)
    assert (part.width, part.height) == (100, 60)
    whole = eye.camera
    assert part.cx == pytest.approx((whole.cx - 100) / 2)
    assert part.cy == pytest.approx((whole.cy - 50) / 2)
    assert part.fx == pytest.approx(whole.fx / 2)


def test_a_skewed_view_is_refused() -> None:
    view = look(0.0, 1.5)
    view[0, :3] *= 2
    with pytest.raises(RigtalkError, match="orthogonal"):
        eye_of(view, perspective((0, 0)), SIZE, origin=ORIGIN, centre=np.zeros(3), radius=0.1)


@pytest.mark.parametrize("kind", [perspective, orthographic])
def test_the_window_holds_all_that_stands_out(kind) -> None:
    view, projection = look(0.4, 1.5), kind((0.1, 0.0))
    eye = eye_of(view, projection, SIZE, origin=ORIGIN, centre=np.zeros(3), radius=0.17)
    window = window_of(eye.camera, points(), 0.03)
    camera = eye.camera
    rng = np.random.default_rng(2)
    way = rng.normal(size=(200, 3))
    out = points() + 0.03 * way / np.linalg.norm(way, axis=1, keepdims=True)
    seen = out @ camera.rotation.T + camera.translation
    x = camera.fx * seen[:, 0] / seen[:, 2] + camera.cx
    y = camera.fy * seen[:, 1] / seen[:, 2] + camera.cy
    assert window.left <= x.min()
    assert x.max() <= window.left + window.width
    assert window.top <= y.min()
    assert y.max() <= window.top + window.height
    assert window.width * window.height < 0.8 * SIZE[0] * SIZE[1]


def test_windows_where_there_is_little_to_see() -> None:
    def window(distance: float, x: float = 0.0, **size: int) -> Window:
        eye = eye_of(
            look(0.0, distance), perspective((0, 0)), SIZE,
            origin=ORIGIN, centre=np.zeros(3), radius=0.2,
        )  # fmt: skip
        return window_of(replace(eye.camera, **size), points() + np.array([x, 0, 0]), 0.01)

    behind, inside, beside = window(-2.0), window(0.05), window(1.5, x=20.0)
    assert behind.width == behind.height == 0
    assert (inside.width, inside.height) == SIZE
    assert beside.width == 0
    nothing = window(1.5, width=0, height=0)
    assert nothing.width == nothing.height == 0
