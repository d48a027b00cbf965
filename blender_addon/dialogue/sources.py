"""Which recording is meant, and where it lies in time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from rigtalk.core.errors import RigtalkError

from .. import compat
from ..animation.keys import scene_fps

__all__ = ["Source", "add_sound_once", "find_source", "fingerprint", "missing_source"]


@dataclass(frozen=True)
class Source:
    """A recording on the time line.

    Attributes
    ----------
    audio : Path
    start_frame : float
        Frame at which the untrimmed recording starts.
    begin, end : float or None
        What of it is to be used, in seconds; None for all.
    """

    audio: Path
    start_frame: float
    begin: float | None = None
    end: float | None = None


def missing_source(settings: Any) -> str:
    """What the user must still choose; empty if nothing."""
    if settings.audio_source == "FILE" and not settings.audio_path.strip():
        return "Choose a recording first"
    if settings.audio_source == "STRIP" and not settings.audio_strip.strip():
        return "Choose a sound strip first"
    return ""


def find_source(scene: bpy.types.Scene, settings: Any) -> Source:
    """The recording that a line, or an operator's properties, name.

    Raises
    ------
    RigtalkError
        If none is chosen, or the strip does not exist or cannot be used.
    """
    missing = missing_source(settings)
    if missing:
        raise RigtalkError(f"there is no audio: {missing[0].lower()}{missing[1:]}")
    if settings.audio_source == "FILE":
        path = Path(bpy.path.abspath(settings.audio_path.strip())).absolute()
        return Source(path, settings.start_frame)
    strips = compat.sound_strips(scene)
    for strip in strips:
        if strip.name == settings.audio_strip:
            return _source_of_strip(strip, scene_fps(scene))
    known = ", ".join(strip.name for strip in strips) or "none; add one in the Video Sequencer"
    raise RigtalkError(
        f"there is no sound strip {settings.audio_strip!r}: choose another (there are: {known})"
    )


def fingerprint(source: Source) -> str:
    """What tells that a recording, or the part that is used of it, is another one than before.

    Where the line lies in time does not matter; the content is taken to change with size or date.
    """
    try:
        found = source.audio.stat()
    except OSError:
        return ""
    cut = tuple(None if part is None else round(part, 6) for part in (source.begin, source.end))
    return f"{found.st_size}:{found.st_mtime_ns}:{cut[0]}:{cut[1]}"


def _source_of_strip(strip: Any, fps: float) -> Source:
    if compat.is_retimed(strip):
        raise RigtalkError(
            f"the strip {strip.name} is retimed: remove its retiming keys, or choose a file instead"
        )
    start, first, end = compat.strip_span(strip)
    # Sounds rarely last a whole number of frames: what ends with the strip ends with the sound.
    trimmed = end < start + compat.strip_length(strip) - 0.5
    return Source(
        audio=_file_of(strip.sound),
        start_frame=start,
        begin=(first - start) / fps if first > start else None,
        end=(end - start) / fps if trimmed else None,
    )


def _file_of(sound: bpy.types.Sound) -> Path:
    path = Path(bpy.path.abspath(sound.filepath, library=sound.library)).absolute()
    if path.is_file() or sound.packed_file is None:
        return path
    # Blender empties its own temporary folder when it ends.
    unpacked = Path(bpy.app.tempdir) / f"rigtalk_{path.name or sound.name}"
    unpacked.write_bytes(sound.packed_file.data)
    return unpacked


def add_sound_once(scene: bpy.types.Scene, *, audio: Path, frame: int) -> str:
    """Put a recording into the sequencer unless it is there; says so if it cannot be done."""
    for strip in compat.strips_of(scene):
        if strip.type != "SOUND" or not strip.sound:
            continue
        same = Path(bpy.path.abspath(strip.sound.filepath)).absolute() == audio
        if same and round(compat.strip_span(strip)[0]) == frame:
            return ""
    try:
        compat.add_sound(scene, audio=audio, frame=frame, name=audio.stem)
    except RigtalkError as fault:
        return str(fault)
    return ""
