"""Pictures and videos of a performance."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import bpy
import numpy as np

from rigtalk.core.errors import RigtalkError

from . import compat, outputs
from .changing import Change, changed
from .faults import reason_of

__all__ = ["render_contact_sheet", "render_video"]

ANTIALIASING = "5"
"""Workbench samples a pixel: clean edges at two thirds of the time of 8."""
AUDIO_KBPS = 192
LABEL_HEIGHT = 0.05
"""Of a picture in the contact sheet."""


def render_video(
    path: Path,
    *,
    scene: bpy.types.Scene,
    first: int,
    last: int,
    step: int = 1,
    size: int = 480,
    progress: Callable[[float], None] = lambda fraction: None,
) -> tuple[str, ...]:
    """Render frames of a scene with its camera and sound as MP4 (H.264, AAC).

    Parameters
    ----------
    path : Path
        Ends in .mp4.
    scene : bpy.types.Scene
        The active scene; its sound strips are heard.
    first, last : int
        Frames, both included.
    step : int
        Every how many frames one is shown; the video is as much slower in frames a second.
    size : int
        Edge of the square picture, in pixels; even.
    progress : callable
        Called with the fraction done, 0-1.

    Returns
    -------
    tuple of str
        What is missing, in words.

    Raises
    ------
    RigtalkError
        If the frames cannot be rendered or the file cannot be written.
    """
    frames = range(first, last + 1, step)
    with outputs.staged([path]) as parts, tempfile.TemporaryDirectory() as folder:
        with _settings(scene, size=size):
            pictures = []
            for done, frame in enumerate(frames):
                pictures.append(_picture(scene, frame, Path(folder) / f"{done:05d}.png"))
                progress((done + 1) / len(frames))
        return _encode(
            parts[path], scene=scene, pictures=pictures, first=first, step=step, size=size
        )


def render_contact_sheet(
    path: Path,
    *,
    scene: bpy.types.Scene,
    frames: Sequence[float],
    labels: Sequence[str],
    columns: int = 4,
    size: int = 360,
    zoom: float = 1.0,
) -> None:
    """Render chosen frames of a scene side by side as PNG.

    Parameters
    ----------
    path : Path
        Ends in .png.
    scene : bpy.types.Scene
        The active scene.
    frames : sequence of float
    labels : sequence of str
        Written into each picture; as many as there are frames.
    columns : int
        Pictures in a row.
    size : int
        Edge of each square picture, in pixels.
    zoom : float
        How much longer the camera's lens is than in the scene.

    Raises
    ------
    RigtalkError
        If the frames cannot be rendered or the file cannot be written.
    """
    rows = -(-len(frames) // columns)
    sheet = np.ones((rows * size, columns * size, 4), dtype=np.float32)
    with outputs.staged([path]) as parts, tempfile.TemporaryDirectory() as folder:
        with _settings(scene, size=size), changed(_zoomed(scene, zoom)):
            for i, (frame, label) in enumerate(zip(frames, labels, strict=True)):
                with _stamped(scene, label, size):
                    picture = _picture(scene, frame, Path(folder) / f"{i}.png")
                row, column = divmod(i, columns)
                # Blender counts rows of pixels from the bottom.
                bottom = (rows - 1 - row) * size
                left = column * size
                sheet[bottom : bottom + size, left : left + size] = _pixels(picture)
        _save_png(parts[path], sheet)


def _picture(scene: bpy.types.Scene, frame: float, path: Path) -> Path:
    scene.frame_set(int(frame), subframe=frame - int(frame))
    scene.render.filepath = str(path)
    try:
        bpy.ops.render.render(write_still=True, scene=scene.name)
    except RuntimeError as fault:
        raise RigtalkError(f"cannot render {scene.name}: {reason_of(fault)}") from None
    if not path.is_file():
        raise RigtalkError(f"cannot render {scene.name}: no picture arrived; is the disk full?")
    return path


def _encode(
    path: Path,
    *,
    scene: bpy.types.Scene,
    pictures: Sequence[Path],
    first: int,
    step: int,
    size: int,
) -> tuple[str, ...]:
    """Join pictures and the scene's sound to a video, in the sequencer of a scene of its own."""
    video = bpy.data.scenes.new("RigTalk Video")
    try:
        strip = compat.strips_of(video).new_image(
            name="Pictures", filepath=str(pictures[0]), channel=1, frame_start=1
        )
        for picture in pictures[1:]:
            strip.elements.append(picture.name)
        missing = _copy_sounds(scene, video, first=first, step=step)
        video.frame_start, video.frame_end = 1, len(pictures)
        _set_movie(video, scene, size=size, step=step)
        video.render.filepath = str(path)
        bpy.ops.render.render(animation=True, scene=video.name)
        return missing
    except RuntimeError as fault:
        raise RigtalkError(f"cannot encode the video: {reason_of(fault)}") from None
    finally:
        bpy.data.scenes.remove(video)


def _copy_sounds(
    scene: bpy.types.Scene, video: bpy.types.Scene, *, first: int, step: int
) -> tuple[str, ...]:
    sounds = compat.scene_sounds(scene)
    if not sounds:
        return ("the video has no sound: there is no sound strip in the scene",)
    missing = []
    for strip in sounds:
        start = round(1 + (compat.strip_span(strip)[0] - first) / step)
        audio = Path(bpy.path.abspath(strip.sound.filepath))
        try:
            compat.add_sound(video, audio=audio, frame=start, name=strip.name)
        except RigtalkError as fault:
            missing.append(str(fault))
    return tuple(missing)


def _set_movie(video: bpy.types.Scene, scene: bpy.types.Scene, *, size: int, step: int) -> None:
    render = video.render
    render.fps, render.fps_base = scene.render.fps, scene.render.fps_base * step
    render.resolution_x = render.resolution_y = size
    render.resolution_percentage = 100
    # The pictures have their final colours.
    video.view_settings.view_transform = "Standard"
    compat.set_movie_format(render.image_settings)
    render.ffmpeg.format, render.ffmpeg.codec = "MPEG4", "H264"
    render.ffmpeg.constant_rate_factor = "HIGH"
    render.ffmpeg.audio_codec, render.ffmpeg.audio_bitrate = "AAC", AUDIO_KBPS


@contextmanager
def _settings(scene: bpy.types.Scene, *, size: int) -> Iterator[None]:
    """Square PNG pictures from the camera, for as long as it takes."""
    render, frame = scene.render, scene.frame_current
    wanted: list[Change] = [
        (render, "resolution_x", size),
        (render, "resolution_y", size),
        (render, "resolution_percentage", 100),
        (render, "use_sequencer", False),
        (render, "filepath", render.filepath),
        (scene.display, "render_aa", ANTIALIASING),
    ]
    wanted += compat.picture_settings(render.image_settings)
    with changed(wanted):
        yield
    scene.frame_set(frame)


def _zoomed(scene: bpy.types.Scene, zoom: float) -> list[Change]:
    if scene.camera is None:
        raise RigtalkError(f"cannot render {scene.name}: it has no camera; add one")
    lens = scene.camera.data
    return [(lens, "lens", lens.lens * zoom)]


@contextmanager
def _stamped(scene: bpy.types.Scene, label: str, size: int) -> Iterator[None]:
    """A text in the corner of the picture and nothing else."""
    render = scene.render
    fields = [name for name in dir(render) if name.startswith("use_stamp_")]
    wanted: list[Change] = [(render, name, False) for name in fields]
    wanted += [
        (render, "use_stamp", True),
        (render, "use_stamp_note", True),
        (render, "stamp_note_text", label),
        (render, "stamp_background", (0.0, 0.0, 0.0, 0.6)),
        (render, "stamp_font_size", max(8, round(LABEL_HEIGHT * size))),
    ]
    with changed(wanted):
        yield


def _pixels(path: Path) -> np.ndarray:
    """A picture as (height, width, 4), float32, 0-1, the lowest row first."""
    image = bpy.data.images.load(str(path))
    try:
        width, height = image.size
        pixels = np.empty(width * height * 4, dtype=np.float32)
        image.pixels.foreach_get(pixels)
        return pixels.reshape(height, width, 4)
    finally:
        bpy.data.images.remove(image)


def _save_png(path: Path, pixels: np.ndarray) -> None:
    height, width, _ = pixels.shape
    image = bpy.data.images.new("RigTalk Sheet", width, height)
    try:
        image.pixels.foreach_set(pixels.ravel())
        image.file_format = "PNG"
        image.save(filepath=str(path))
    finally:
        bpy.data.images.remove(image)
