"""Generate and cancel: what the buttons do."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy

from rigtalk.core.errors import RigtalkError

from ..characters import targets
from ..translations.text import OURS, translated
from . import jobs
from .line import active_line, settings_of
from .properties import setting_fields
from .queue import Entry, Queue, Running
from .queue_operator import QueueOperator
from .sources import missing_source
from .status import Status, status_of

__all__ = ["CLASSES", "wanted_lines", "why_not_generate"]

WHICH_ITEMS = (
    ("ACTIVE", "Active Line", "The line that is shown below the list"),
    ("SELECTED", "Selected Lines", "All lines that are ticked"),
    ("ALL", "All Lines", "Every line of the list"),
    ("STALE", "What Changed", "Lines that are new, failed, or whose recording or words changed"),
)


class GenerateOperator(QueueOperator, bpy.types.Operator):
    """Animate characters with their lines, in one undoable step"""

    bl_idname = "rigtalk.generate"
    bl_label = "Generate"
    bl_options: ClassVar = {"UNDO"}
    __annotations__ = {
        "which": bpy.props.EnumProperty(
            name="Lines",
            description="Which lines to generate",
            items=WHICH_ITEMS,
            translation_context=OURS,
            default="ACTIVE",
            options={"SKIP_SAVE"},
        ),
    }

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        reason = why_not_generate(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def wanted(self, context: bpy.types.Context) -> Queue:
        """The lines that are asked for."""
        scene = context.scene
        lines = wanted_lines(scene, self.which)
        entries = [Entry(scene.session_uid, line.uid, line.name) for line in lines]
        return Queue(entries, jobs.options_of(settings_of(scene)))


class AnimateOperator(bpy.types.Operator):
    """Animate a character, with everything given by the call: for scripts"""

    bl_idname = "rigtalk.animate"
    bl_label = "Animate Character"
    bl_options: ClassVar = {"UNDO", "INTERNAL"}
    __annotations__ = {
        "object_name": bpy.props.StringProperty(
            name="Object",
            description="The character; the active object if empty",
            options={"SKIP_SAVE"},
        ),
        **setting_fields(),
    }

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene = context.scene
        name = self.object_name or (context.object.name if context.object else "")
        character = bpy.data.objects.get(name)
        try:
            if character is None:
                rows = targets.list_targets(scene.objects)
                known = ", ".join(row.object_name for row in rows) or "your characters (none found)"
                raise RigtalkError(f"there is no object {name!r}: name one of {known}")
            job = jobs.prepare(scene, self, character, jobs.options_of(settings_of(scene)))
            job.generation.run()
            self.report({"INFO"}, jobs.apply(job))
        except RigtalkError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        return {"FINISHED"}


class CancelOperator(bpy.types.Operator):
    """Stop: lines that are done stay, the others are as they were"""

    bl_idname = "rigtalk.cancel"
    bl_label = "Cancel"
    bl_options: ClassVar = {"INTERNAL"}

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if Running.queue is None:
            cls.poll_message_set(translated("Nothing is being generated"))
        return Running.queue is not None

    def execute(self, _context: bpy.types.Context) -> set[str]:
        if Running.queue is not None:
            Running.queue.cancel()
        return {"FINISHED"}


def wanted_lines(scene: bpy.types.Scene, which: str) -> list[Any]:
    """The lines that are meant, in the order of the list.

    Raises
    ------
    RigtalkError
        If there is none.
    """
    lines = list(settings_of(scene).lines)
    if which == "ACTIVE":
        line = active_line(scene)
        found = [] if line is None else [line]
    elif which == "SELECTED":
        found = [line for line in lines if line.chosen]
    elif which == "STALE":
        stale = (Status.NEW, Status.FAILED, Status.AUDIO_CHANGED, Status.WORDS_CHANGED)
        found = [line for line in lines if status_of(scene, line) in stale]
    else:
        found = lines
    if not found:
        raise RigtalkError(
            "there is no line: add one first" if not lines else "no line of the list is meant"
        )
    return found


def why_not_generate(context: bpy.types.Context) -> str:
    """Why the active line cannot be generated now; empty if it can."""
    if Running.queue is not None:
        return translated("Lines are being generated")
    line = active_line(context.scene)
    if line is None:
        return translated("Add a line first")
    if line.character is None:
        return translated("Choose who speaks the line first")
    return targets.glance(line.character).problem or missing_source(line)


CLASSES = (GenerateOperator, AnimateOperator, CancelOperator)
