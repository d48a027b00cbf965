"""Pictures of a head of Gaussians at the scene's camera."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from rigtalk.core.errors import RigtalkError
from rigtalk.core.pictures import write_png
from rigtalk.core.splat.compositing import over, straight

from ..export.names import file_name
from .open_head import OpenHead, head_path
from .pinhole import Eye

__all__ = ["frame_path", "write_frames"]

MOST_PIXELS = 16384
"""Along an edge."""


def frame_path(character: bpy.types.Object, folder: Path, frame: int) -> Path:
    """The file of a frame."""
    return folder / f"{file_name(character.name)}_{frame:04d}.png"


def write_frames(
    character: bpy.types.Object,
    context: bpy.types.Context,
    *,
    frames: Sequence[int],
    folder: Path,
    background: Sequence[float] | None = None,
) -> Iterator[Path]:
    """Draw frames of the scene, each file whole or not at all; the scene's frame is put back.

    Parameters
    ----------
    character : bpy.types.Object
        It has a head.
    context : Context
        Its scene has the camera, the size of the pictures and the frames.
    frames : sequence of int
    folder : Path
        It exists.
    background : sequence of float, optional
        Red, green, blue, 0-1 as it is shown; transparent where absent.

    Yields
    ------
    Path
        Each file when it is written.

    Raises
    ------
    RigtalkError
        If there is no head, no camera, the meshes are not those that the head was made on, or a
        file cannot be written.
    """
    if not folder.is_dir():
        raise RigtalkError(f"there is no folder {folder}: make it, or choose another")
    if not character.visible_get(view_layer=context.view_layer):
        raise RigtalkError(f"{character.name} is hidden: show it, so that Blender moves it")
    with _opened(character) as head, _returning(context.scene):
        for frame in frames:
            context.scene.frame_set(frame)
            pixels = _drawn(head, context)
            path = frame_path(character, folder, frame)
            picture = straight(pixels) if background is None else over(pixels, np.array(background))
            write_png(path, picture)
            yield path


@contextmanager
def _opened(character: bpy.types.Object) -> Iterator[OpenHead]:
    head = OpenHead(character, head_path(character))
    try:
        yield head
    finally:
        head.close()


@contextmanager
def _returning(scene: bpy.types.Scene) -> Iterator[None]:
    """Show the frame again that was shown."""
    frame, part = scene.frame_current, scene.frame_subframe
    try:
        yield
    finally:
        scene.frame_set(frame, subframe=part)


def _drawn(head: OpenHead, context: bpy.types.Context) -> np.ndarray:
    """Colour times alpha, and alpha, of the whole picture."""
    depsgraph = context.evaluated_depsgraph_get()
    edited = head.follower.edited()
    if edited is not None:
        raise RigtalkError(f"{edited.name} is being edited: leave that mode first")
    head.follow(depsgraph)
    eye = _eye(head, context.scene, depsgraph)
    camera = eye.camera
    whole = np.zeros((camera.height, camera.width, 4), np.float32)
    window = head.window(eye)
    if window.width and window.height:
        rgba, _ = head.picture(eye.through(window))
        rows = slice(window.top, window.top + window.height)
        whole[rows, window.left : window.left + window.width] = rgba
    return whole


def _eye(head: OpenHead, scene: bpy.types.Scene, depsgraph: Any) -> Eye:
    if scene.camera is None:
        raise RigtalkError(f"the scene {scene.name} has no camera: add one")
    camera = scene.camera.evaluated_get(depsgraph)
    if camera.type != "CAMERA" or camera.data.type == "PANO":
        raise RigtalkError(f"{camera.name} is no camera with or without perspective: use another")
    render = scene.render
    share = render.resolution_percentage / 100
    width, height = (int(size * share) for size in (render.resolution_x, render.resolution_y))
    if not 0 < min(width, height) <= max(width, height) <= MOST_PIXELS:
        raise RigtalkError(f"pictures of {width} x {height} cannot be drawn: change the resolution")
    projection = camera.calc_matrix_camera(
        depsgraph,
        x=width,
        y=height,
        scale_x=render.pixel_aspect_x,
        scale_y=render.pixel_aspect_y,
    )
    view = camera.matrix_world.normalized().inverted_safe()
    return head.eye(np.array(view), np.array(projection), (width, height))
