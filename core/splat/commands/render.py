"""``rigtalk head render``: a recording, or curves, as a video or as pictures."""

from __future__ import annotations

import argparse
import glob
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...audio import read_clip
from ...batch.progress import duration
from ...errors import RigtalkError
from ...pictures import write_png
from ...video import check_video, write_video
from ..attention import attention_offsets
from ..camera import Camera
from ..compositing import over, straight
from ..hearing import audio_features
from ..renderer import Renderer, open_renderer
from ..stance import is_inside
from .lines import Line, spoken_line
from .numbers import TRANSPARENT, parse_colour, parse_size, parse_view
from .places import check_file, check_folder, folder, open_head
from .talking import Progress, note, tell

__all__ = ["frames_of", "run_render"]

FPS = 30.0
_DARK = "dark"
_LONG = 20.0
"""Seconds of drawing after which one is told how long it takes."""


def run_render(arguments: argparse.Namespace) -> int:
    """Draw every frame of a line; returns the exit status."""
    width, height = parse_size(arguments.size)
    view = parse_view(arguments.camera)
    video = _is_video(arguments.output)
    background = parse_colour(arguments.background or (_DARK if video else TRANSPARENT))
    inputs = [path for path in (arguments.head, arguments.line, arguments.audio) if path]
    if video:
        if background is None:
            raise RigtalkError("a video has no transparency: write a folder of PNGs for that")
        check_video(width, height)
        check_file(arguments.output, inputs, ".mp4")
    else:
        check_folder(arguments.output)
    with Progress() as progress:
        head = open_head(arguments.head)
        line = spoken_line(
            arguments, head, usual_fps=FPS, progress=progress.of(arguments.line.name)
        )
        camera = line.acting.stance.camera(view, width, height)
        if is_inside(camera.centre, head.mesh.vertices, head.mesh.triangles):
            note("the camera is inside the head")
        renderer = open_renderer(arguments.backend or "", threads=arguments.threads)
        try:
            frames = frames_of(line, camera, renderer, progress)
            if video:
                assert background is not None  # noqa: S101 - checked above
                write_video(
                    arguments.output,
                    (over(rgba, background) for rgba in frames),
                    width=width,
                    height=height,
                    fps=line.fps,
                    sound=line.sound,
                    offset=line.offset,
                )
            else:
                _write_pictures(arguments, line, frames, background)
        finally:
            renderer.close()
    tell(arguments.output)
    return 0


def frames_of(
    line: Line, camera: Camera, renderer: Renderer, progress: Progress
) -> Iterator[np.ndarray]:
    """What the renderer draws of each frame, (h, w, 4) float32; the same array again and again."""
    head = line.acting.head
    renderer.show_head(head)
    rgba = np.zeros((camera.height, camera.width, 4), np.float32)
    count = len(line.acting)
    features = _heard(line)
    begin = time.monotonic()
    for done, pose in enumerate(line.acting):
        if head.correctives or features is not None:
            offsets = None
            if features is not None:
                heard = line.offset + done / line.fps
                offsets = attention_offsets(head, features, pose.weights, heard)
            mixed = head.correctives
            renderer.correct(mixed.coefficients(pose.weights) if mixed else None, offsets)
        # Turning the head is moving the camera about it the other way.
        moved = replace(
            camera,
            rotation=camera.rotation @ pose.rotation,
            translation=camera.rotation @ pose.translation + camera.translation,
        )
        yield renderer.draw_rgba(moved, vertices=pose.vertices, out=rgba)
        if done == 0 and renderer.backend == "numpy":
            progress.clear()
            _warn_of_slowness(renderer, time.monotonic() - begin, count)
        progress.show("drawing", (done + 1) / count)


def _heard(line: Line) -> np.ndarray | None:
    """What the head's attention hears, if it has one; see `audio_features`."""
    if not line.acting.head.attention:
        return None
    if line.sound is None:
        note("the head also moves by the sound: give it with --audio")
        return None
    return audio_features(read_clip(line.sound))


def _warn_of_slowness(renderer: Renderer, seconds: float, count: int) -> None:
    reason = f" ({renderer.reason})" if renderer.reason else ""
    text = f"drawing with numpy, the slow way{reason}: {seconds:.1f} s a frame"
    if seconds * count > _LONG:
        text += f", {duration(seconds * count)} for {count} frames"
    note(text)


def _write_pictures(
    arguments: argparse.Namespace,
    line: Line,
    frames: Iterator[np.ndarray],
    background: np.ndarray | None,
) -> None:
    stem = arguments.line.stem
    with folder(arguments.output) as place:
        for number, rgba in enumerate(frames, line.first):
            pixels = straight(_filled(rgba, background), arguments.bits)
            channels = 4 if background is None else 3
            write_png(place / f"{stem}.{number:04d}.png", pixels[..., :channels])
        _tell_of_others(place, stem, line.first, line.first + len(line.acting))


def _filled(rgba: np.ndarray, background: np.ndarray | None) -> np.ndarray:
    if background is None:
        return rgba
    colour = rgba[..., :3] + (1 - rgba[..., 3:]) * background
    return np.concatenate([colour, np.ones_like(rgba[..., 3:])], axis=2)


def _tell_of_others(place: Path, stem: str, first: int, stop: int) -> None:
    """Frames of a longer line that was here before would be taken for frames of this one."""
    ours = {f"{stem}.{number:04d}.png" for number in range(first, stop)}
    others = sorted(
        path.name for path in place.glob(f"{glob.escape(stem)}.*.png") if path.name not in ours
    )
    if others:
        note(f"{place} also holds pictures of an earlier run, such as {others[0]}")


def _is_video(output: Path) -> bool:
    """Whether a video is asked for, and not a folder."""
    if output.is_dir() or not output.suffix:
        return False
    if output.suffix.lower() == ".mp4":
        return True
    raise RigtalkError(f"{output}: name a .mp4, or a folder for PNGs")
