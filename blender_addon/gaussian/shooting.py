"""A camera of the head's space as one of Blender's, and a picture through it as numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import bpy
import numpy as np
from mathutils import Matrix, Vector

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.camera import Camera

from ..changing import Change
from ..faults import reason_of

__all__ = ["Interrupted", "camera_object", "frame_settings", "picture"]

_SENSOR = 36.0
"""Millimetres; any would do, for the lens is measured by it."""
_OPENCV = Matrix.Diagonal((1.0, -1.0, -1.0, 1.0))
"""Blender's cameras have y up and look along -z."""


class Interrupted(Exception):  # noqa: N818 - an outcome that was asked for, not an error
    """The user pressed Escape while Blender rendered."""


@contextmanager
def camera_object(
    camera: Camera, space: Matrix, scene: bpy.types.Scene, *, far: float
) -> Iterator[bpy.types.Object]:
    """A camera in a scene for as long as it takes.

    Parameters
    ----------
    camera : Camera
        In the head's space.
    space : Matrix
        From the head's space to the world; scaled evenly.
    scene : bpy.types.Scene
    far : float
        Depth beyond which nothing needs to be drawn, in the head's unit.
    """
    scale = space.median_scale
    data = bpy.data.cameras.new("RigTalk Bake")
    thing = bpy.data.objects.new("RigTalk Bake", data)
    try:
        data.type, data.sensor_fit, data.sensor_width = "PERSP", "HORIZONTAL", _SENSOR
        data.lens = camera.fx * _SENSOR / camera.width
        data.shift_x = (camera.width / 2 - camera.cx) / camera.width
        # Both shifts are parts of the width.
        data.shift_y = (camera.cy - camera.height / 2) * camera.fx / camera.fy / camera.width
        data.clip_start, data.clip_end = camera.near * scale, far * scale
        data.dof.use_dof = False
        thing.matrix_world = _place(camera, space)
        scene.collection.objects.link(thing)
        yield thing
    finally:
        bpy.data.objects.remove(thing)
        bpy.data.cameras.remove(data)


def _place(camera: Camera, space: Matrix) -> Matrix:
    turn = Matrix(camera.rotation.T.tolist()).to_4x4()
    local = Matrix.Translation(Vector(camera.centre)) @ turn @ _OPENCV
    world = space @ local
    location, rotation, _ = world.decompose()
    return Matrix.Translation(location) @ rotation.to_matrix().to_4x4()


def frame_settings(camera: Camera, scene: bpy.types.Scene) -> list[Change]:
    """The size and the shape of the pixels."""
    render = scene.render
    return [
        (render, "resolution_x", camera.width),
        (render, "resolution_y", camera.height),
        (render, "resolution_percentage", 100),
        (render, "pixel_aspect_x", max(1.0, camera.fy / camera.fx)),
        (render, "pixel_aspect_y", max(1.0, camera.fx / camera.fy)),
    ]


def picture(scene: bpy.types.Scene, path: Path) -> np.ndarray:
    """Render what the scene's camera sees.

    Parameters
    ----------
    scene : bpy.types.Scene
        Set up for PNG.
    path : Path
        A file to be used in between.

    Returns
    -------
    np.ndarray, shape (h, w, 4), float32
        Display-referred, straight alpha, 0-1; the first row is the top one.

    Raises
    ------
    RigtalkError
        If nothing can be rendered or written.
    Interrupted
    """
    scene.render.filepath = str(path)
    try:
        bpy.ops.render.render(write_still=True, scene=scene.name)
        if not path.is_file() and not bpy.app.background:
            raise Interrupted
        image = bpy.data.images.load(str(path))
    except RuntimeError as fault:
        raise RigtalkError(
            f"cannot render {scene.name}: {reason_of(fault)}; is the disk full?"
        ) from None
    try:
        # Numbers as they are in the file: neither linear nor multiplied by alpha.
        image.colorspace_settings.is_data = True
        image.alpha_mode = "CHANNEL_PACKED"
        width, height = image.size
        pixels = np.empty(width * height * 4, np.float32)
        if pixels.size == 0:
            raise RigtalkError(f"cannot render {scene.name}: no picture arrived; is the disk full?")
        image.pixels.foreach_get(pixels)
        return np.ascontiguousarray(pixels.reshape(height, width, 4)[::-1])
    finally:
        bpy.data.images.remove(image)
        with suppress(OSError):
            path.unlink()
