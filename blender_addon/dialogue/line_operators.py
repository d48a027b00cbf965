"""What can be done with the active line."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy

from rigtalk.core.errors import RigtalkError

from ..direction.moods import NEUTRAL, moods
from ..translations.text import translated
from .line import active_line
from .properties import set_mood
from .sources import find_source

__all__ = ["CLASSES", "NeedsLine", "line_start"]


class NeedsLine:
    """An operator for which there must be a line."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        there = active_line(context.scene) is not None
        if not there:
            cls.poll_message_set(translated("There is no line yet"))  # type: ignore[attr-defined]
        return there


class LineMoodOperator(NeedsLine, bpy.types.Operator):
    """Give the line the emotions and strengths of a mood"""

    bl_idname = "rigtalk.line_mood"
    bl_label = "Mood"
    bl_options: ClassVar = {"REGISTER", "UNDO"}
    __annotations__ = {
        "mood": bpy.props.EnumProperty(
            name="Mood",
            description="What the line is given",
            items=[
                (mood.name, mood.title, mood.description) for mood in (NEUTRAL, *moods().values())
            ],
        ),
    }

    def execute(self, context: bpy.types.Context) -> set[str]:
        set_mood(active_line(context.scene), {NEUTRAL.name: NEUTRAL, **moods()}[self.mood])
        return {"FINISHED"}


class GoToLineOperator(NeedsLine, bpy.types.Operator):
    """Set the current frame and the preview range to the line, and select its character"""

    bl_idname = "rigtalk.go_to_line"
    bl_label = "Go to Line"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene = context.scene
        line = active_line(scene)
        start = int(line_start(scene, line) // 1)
        scene.frame_set(start)
        if line.made:
            scene.use_preview_range = True
            scene.frame_preview_start = max(0, int(line.first // 1))
            scene.frame_preview_end = max(0, int(-(-line.last // 1)))
        character = line.character
        if character is not None and context.view_layer.objects.get(character.name) == character:
            for item in context.selected_objects:
                item.select_set(False)
            character.select_set(True)
            context.view_layer.objects.active = character
        return {"FINISHED"}


def line_start(scene: bpy.types.Scene, line: Any) -> float:
    """Where a line starts to sound; one whose strip is gone comes where it would as a file."""
    if line.audio_source == "STRIP":
        try:
            return find_source(scene, line).start_frame
        except RigtalkError:
            pass
    return float(line.start_frame)


CLASSES = (LineMoodOperator, GoToLineOperator)
