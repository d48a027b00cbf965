"""Plays a line with its sound, and puts everything back when it ends."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import bpy

from rigtalk.core.errors import RigtalkError

from .. import compat
from ..translations.text import translated
from .line import PreviewLine

__all__ = ["begin", "is_playing", "stop"]

STRIP_NAME = "RigTalk Preview"
AUDIBLE_FRAMES = 0.51
"""A strip of the recording that starts this near to the line is the line's own sound."""


@dataclass
class _Playing:
    """What was changed for playing; names the scene by number, so that undo cannot break it."""

    scene_uid: int
    before: dict[str, Any] = field(default_factory=dict)
    during: dict[str, Any] = field(default_factory=dict)
    strip: str = ""
    had_editor: bool = True


class _Now:
    playing: ClassVar[_Playing | None] = None


def is_playing(context: bpy.types.Context) -> bool:
    """Whether any animation plays in the window."""
    return context.screen is not None and context.screen.is_animation_playing


def begin(context: bpy.types.Context, line: PreviewLine, *, first: float, last: float) -> str:
    """Play some frames of a line again and again until playback is stopped.

    Sets the preview range, sync to audio and sound, and adds the recording to the sequencer if it
    is not heard there; all of it is undone when playback stops, however that happens.

    Returns
    -------
    str
        Why it plays without sound; empty if it does not.

    Raises
    ------
    RigtalkError
        If there is nothing between the frames.
    """
    if not last > first:
        raise RigtalkError(f"{line.name} has no frames to play: check its recording")
    if is_playing(context):
        stop(context)
    _restore()
    scene = context.scene
    playing = _Playing(scene.session_uid, had_editor=scene.sequence_editor is not None)
    note = _make_audible(scene, line, playing)
    wanted = {
        "use_preview_range": True,
        "frame_preview_start": math.floor(first),
        "frame_preview_end": math.ceil(last),
        "sync_mode": "AUDIO_SYNC",
        "use_audio": True,
    }
    playing.before = {name: getattr(scene, name) for name in wanted}
    _assign(scene, wanted)
    playing.during = {name: getattr(scene, name) for name in wanted}
    scene.frame_set(scene.frame_preview_start)
    _Now.playing = playing
    bpy.app.handlers.animation_playback_post.append(_after_playback)
    with suppress(RuntimeError):  # without a window
        bpy.ops.screen.animation_play(sync=True)
    if not is_playing(context):
        _restore()
        raise RigtalkError("Blender cannot play here: open a window with a 3D viewport")
    return note


def stop(context: bpy.types.Context) -> None:
    """Stop playback at the frame where it is."""
    if is_playing(context):
        bpy.ops.screen.animation_cancel(restore_frame=False)
    _restore()


def forget() -> None:
    """Put back what was changed, whether or not playback has stopped."""
    _restore()


def _after_playback(*_: object) -> None:
    _restore()


def _restore() -> None:
    handlers = bpy.app.handlers.animation_playback_post
    if _after_playback in handlers:
        handlers.remove(_after_playback)
    playing, _Now.playing = _Now.playing, None
    if playing is None:
        return
    scene = next((s for s in bpy.data.scenes if s.session_uid == playing.scene_uid), None)
    if scene is None:
        return
    # What the user has changed while it played is the user's.
    untouched = [n for n, value in playing.during.items() if getattr(scene, n) == value]
    _assign(scene, {name: playing.before[name] for name in untouched})
    _remove_strip(scene, playing)


def _assign(scene: bpy.types.Scene, values: dict[str, Any]) -> None:
    # The start of a range cannot pass its end, so that the first time one of them may be clamped.
    for _ in range(2):
        for name, value in values.items():
            setattr(scene, name, value)


def _make_audible(scene: bpy.types.Scene, line: PreviewLine, playing: _Playing) -> str:
    for strip in compat.scene_sounds(scene):
        same = Path(bpy.path.abspath(strip.sound.filepath)).absolute() == line.audio
        near = abs(compat.strip_span(strip)[0] - line.start_frame) < AUDIBLE_FRAMES
        if same and near:
            return translated("The strip {} is muted", strip.name) if strip.mute else ""
    if not line.audio.is_file():
        return translated("it plays without sound: {} does not exist", line.audio)
    try:
        frame = round(line.start_frame)
        strip = compat.add_sound(scene, audio=line.audio, frame=frame, name=STRIP_NAME)
    except RigtalkError as fault:
        _remove_strip(scene, playing)
        return str(fault)
    playing.strip = strip.name
    return ""


def _remove_strip(scene: bpy.types.Scene, playing: _Playing) -> None:
    if scene.sequence_editor is None:
        return
    strips = compat.strips_of(scene)
    strip = strips.get(playing.strip) if playing.strip else None
    if strip is not None:
        sound = strip.sound
        strips.remove(strip)
        if sound is not None and not sound.users:
            bpy.data.sounds.remove(sound)
    if not playing.had_editor and not len(strips):
        scene.sequence_editor_clear()
