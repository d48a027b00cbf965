"""Blender's camera sees a point where ours says it does."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix, Vector

from rigtalk.blender_addon.changing import changed
from rigtalk.blender_addon.gaussian.capture import film
from rigtalk.blender_addon.gaussian.engines import engine_settings
from rigtalk.blender_addon.gaussian.shooting import camera_object, frame_settings, picture
from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.camera import Camera

SPACE = (
    Matrix.Translation((3.0, -1.0, 2.0))
    @ Euler((0.4, -0.7, 1.1)).to_matrix().to_4x4()
    @ Matrix.Scale(0.3, 4)
)
"""A character that was moved, turned and scaled."""
POINTS = np.array([(0.3, 0.1, -0.2), (-0.5, 0.4, 0.6), (0.0, 0.0, 0.0)])


def made(width: int, height: int, fx: float, fy: float, cx: float, cy: float) -> Camera:
    rotation = np.array(Euler((1.2, 0.3, 2.0)).to_matrix())
    forward = rotation[2]
    return Camera(width, height, fx, fy, cx, cy, rotation, rotation @ (4.0 * forward), 0.1)


CAMERAS = {
    "square": made(64, 64, 120.0, 120.0, 32.0, 32.0),
    "wide": made(96, 40, 150.0, 150.0, 48.0, 20.0),
    "tall": made(40, 96, 150.0, 150.0, 20.0, 48.0),
    "off the middle": made(80, 60, 130.0, 130.0, 31.0, 40.0),
    "long pixels": made(80, 60, 130.0, 100.0, 44.0, 27.0),
    "flat pixels": made(60, 80, 90.0, 140.0, 26.0, 45.0),
}


def expected(camera: Camera, points: np.ndarray) -> np.ndarray:
    """Pixels (n, 2) of points in the head's space."""
    x, y, z = camera.rotation @ points.T + camera.translation[:, None]
    return np.stack([camera.fx * x / z + camera.cx, camera.fy * y / z + camera.cy], axis=1)


@pytest.mark.parametrize("name", CAMERAS)
def test_points_fall_on_the_pixels_that_blender_projects_them_to(scene, name: str) -> None:
    camera = CAMERAS[name]
    with (
        camera_object(camera, SPACE, scene, far=20.0) as thing,
        changed(frame_settings(camera, scene)),
    ):
        render = scene.render
        depsgraph = bpy.context.evaluated_depsgraph_get()
        projection = thing.calc_matrix_camera(
            depsgraph,
            x=camera.width,
            y=camera.height,
            scale_x=render.pixel_aspect_x,
            scale_y=render.pixel_aspect_y,
        )
        into = projection @ thing.matrix_world.inverted() @ SPACE
        for point, (column, row) in zip(POINTS, expected(camera, POINTS), strict=True):
            clip = into @ Vector((*point, 1.0))
            assert clip.w > 0
            shown = (
                (clip.x / clip.w + 1) / 2 * camera.width,
                (1 - clip.y / clip.w) / 2 * camera.height,
            )
            # Single precision of Blender's matrices.
            assert shown == pytest.approx((column, row), abs=0.005)
    assert thing_count() == 0


def thing_count() -> int:
    return len(bpy.data.cameras) + len(bpy.data.objects)


@pytest.mark.usefixtures("needs_drawing")
@pytest.mark.parametrize("engine", ["CYCLES", "BLENDER_WORKBENCH"])
def test_a_square_is_rendered_where_it_is(scene, tmp_path, engine: str) -> None:
    camera = CAMERAS["flat pixels"]
    # A square in the plane of the picture, so that its middle is the middle of its picture.
    right, down, forward = camera.rotation
    middle = camera.centre + 5.0 * forward + 0.2 * right - 0.3 * down
    corners = [
        middle + 0.4 * (a * right + b * down) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    mesh = bpy.data.meshes.new("Square")
    mesh.from_pydata([tuple(c) for c in corners], [], [(0, 1, 2, 3)])
    thing = bpy.data.objects.new("Square", mesh)
    thing.matrix_world = SPACE
    scene.collection.objects.link(thing)
    scene.render.engine = engine
    settings = [*film(scene, bpy.context.view_layer, None), *frame_settings(camera, scene)]
    settings += engine_settings(engine, scene, samples=128)
    settings += [(scene.cycles, "use_denoising", False)] if engine == "CYCLES" else []
    with changed(settings), camera_object(camera, SPACE, scene, far=20.0) as eye:
        scene.camera = eye
        pixels = picture(scene, tmp_path / "picture.png")
    assert pixels.shape == (80, 60, 4)
    alpha = pixels[..., 3].astype(np.float64)
    rows, columns = np.mgrid[:80, :60] + 0.5
    found = (alpha * columns).sum() / alpha.sum(), (alpha * rows).sum() / alpha.sum()
    (wanted,) = expected(camera, middle[None])
    assert found == pytest.approx(tuple(wanted), abs=0.05)
    area = 0.8 * camera.fx / 5.0 * 0.8 * camera.fy / 5.0
    assert alpha.sum() == pytest.approx(area, rel=0.02)
    assert not (tmp_path / "picture.png").exists()


@pytest.mark.usefixtures("needs_drawing")
def test_a_picture_that_cannot_be_written(scene, tmp_path) -> None:
    camera = CAMERAS["square"]
    scene.render.engine = "BLENDER_WORKBENCH"
    (tmp_path / "file").write_bytes(b"")
    layer = bpy.context.view_layer
    with (
        camera_object(camera, SPACE, scene, far=20.0) as eye,
        changed([*film(scene, layer, eye), *frame_settings(camera, scene)]),
        pytest.raises(RigtalkError, match="is the disk full"),
    ):
        picture(scene, tmp_path / "file" / "picture.png")
