"""The lines of a scene's list, as the preview shows them."""

from __future__ import annotations

from typing import Any

import bpy

from rigtalk.core.errors import RigtalkError

from ..animation.channel import scene_fps
from ..dialogue.line import active_line, settings_of
from ..dialogue.sources import Source, find_source
from .line import PreviewLine
from .mouth import mouth_of

__all__ = ["active_preview", "lines_of", "state_of"]


def lines_of(scene: bpy.types.Scene) -> tuple[PreviewLine, ...]:
    """Lines that have a recording, in the order of the list; the others are left out."""
    found = []
    active = active_line(scene)
    for line in settings_of(scene).lines:
        try:
            source = find_source(scene, line)
        except RigtalkError:
            continue
        found.append(_preview(scene, line, source, active=line == active))
    return tuple(found)


def state_of(scene: bpy.types.Scene) -> tuple[Any, ...]:
    """All that `lines_of` depends on but strips, which Blender tells of; cheap to compare."""
    settings = settings_of(scene)
    lines = tuple(
        (
            line.uid,
            line.name,
            line.audio_source,
            line.audio_path,
            line.audio_strip,
            line.start_frame,
            line.character.session_uid if line.character is not None else 0,
        )
        for line in settings.lines
    )
    return scene_fps(scene), settings.active, lines


def active_preview(scene: bpy.types.Scene) -> PreviewLine:
    """The active line.

    Raises
    ------
    RigtalkError
        If there is none, or it has no usable recording.
    """
    line = active_line(scene)
    if line is None:
        raise RigtalkError("there is no line: add one first")
    return _preview(scene, line, find_source(scene, line), active=True)


def _preview(scene: bpy.types.Scene, line: Any, source: Source, *, active: bool) -> PreviewLine:
    fps = scene_fps(scene)
    end = float("nan") if source.end is None else source.start_frame + source.end * fps
    return PreviewLine(
        name=line.name,
        audio=source.audio,
        start_frame=source.start_frame,
        first=source.start_frame + (source.begin or 0.0) * fps,
        last=end,
        curves=mouth_of(line.character),
        active=active,
    )
