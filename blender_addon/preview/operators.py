"""Play a line, and try a part of it: what the buttons do."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy

from rigtalk.core.errors import RigtalkError

from ..animation.channel import scene_fps
from ..dialogue.line import active_line
from ..dialogue.operators import why_not_generate
from ..dialogue.queue import Queue
from ..dialogue.queue_operator import QueueOperator
from ..dialogue.sources import missing_source
from ..translations.text import translated
from . import playing
from .source import active_preview
from .trying import TRY_SECONDS, frames_to_try, known_length, try_queue

__all__ = ["CLASSES"]


class PlayOperator(bpy.types.Operator):
    """Play the active line with its sound, again and again; press it once more to stop"""

    bl_idname = "rigtalk.preview_play"
    bl_label = "Play Line"
    __annotations__ = {
        "frames": bpy.props.IntVectorProperty(
            name="Frames",
            description="First and last frame to play; the whole line if they are the same",
            size=2,
            options={"HIDDEN", "SKIP_SAVE"},
        ),
    }

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if playing.is_playing(context):
            return True
        reason = _why_not_play(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, context: bpy.types.Context) -> set[str]:
        first, last = self.frames
        if playing.is_playing(context) and first == last:
            playing.stop(context)
            return {"FINISHED"}
        try:
            line = known_length(context.scene, active_preview(context.scene))
            if first == last:
                first, last = line.first, line.last
            note = playing.begin(context, line, first=first, last=last)
        except RigtalkError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        if note:
            self.report({"WARNING"}, note)
        return {"FINISHED"}


class TryOutOperator(QueueOperator, bpy.types.Operator):
    """Animate about five seconds of the active line around the current frame, and play them"""

    bl_idname = "rigtalk.try_out"
    bl_label = "Try 5 Seconds"
    bl_options: ClassVar = {"UNDO"}
    __annotations__ = {
        "play": bpy.props.BoolProperty(
            name="Play", description="Play what was made, again and again", default=True
        ),
    }
    _frames: tuple[int, int] = (0, 0)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        reason = why_not_generate(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def wanted(self, context: bpy.types.Context) -> Queue:
        """The active line, a part of it alone."""
        scene = context.scene
        line = known_length(scene, active_preview(scene))
        length = TRY_SECONDS * scene_fps(scene)
        self._frames = frames_to_try(
            scene.frame_current, first=line.first, last=line.last, length=length
        )
        return try_queue(scene, line, self._frames)

    def ended(self, context: bpy.types.Context, *, made: bool) -> None:
        """Play it, once the step that can be undone is complete."""
        if made and self.play:
            _play_later(context.window, self._frames)


def _play_later(window: bpy.types.Window, frames: tuple[int, int]) -> None:
    pointer = window.as_pointer()

    def play() -> None:
        windows: Any = bpy.context.window_manager.windows
        found = next((w for w in windows if w.as_pointer() == pointer), None)
        if found is None:
            return
        with bpy.context.temp_override(window=found, screen=found.screen):
            if bpy.ops.rigtalk.preview_play.poll():
                bpy.ops.rigtalk.preview_play(frames=frames)

    bpy.app.timers.register(play, first_interval=0.0)


def _why_not_play(context: bpy.types.Context) -> str:
    if bpy.app.background or context.screen is None:
        return translated("Playing needs a window")
    line = active_line(context.scene)
    return translated("Add a line first") if line is None else missing_source(line)


CLASSES = (PlayOperator, TryOutOperator)
