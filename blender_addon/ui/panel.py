"""The RigTalk tab in the sidebar of the 3D viewport: lines, what is asked of them, and Generate."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy

from rigtalk.core.direction import EMOTIONS, STRENGTH_REGIONS

from ..characters import targets
from ..dialogue.line import active_line, settings_of
from ..dialogue.properties import mix_name, strength_name
from ..dialogue.queue import Running
from ..dialogue.status import Status, status_of
from ..translations.text import OURS, translated
from .words import wrapped

__all__ = ["CLASSES"]

ROWS = 4
"""Lines that the list shows at least."""


class _Tab:
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "RigTalk"


class _OfLine(_Tab):
    """A part of the panel that is there only if there is a line."""

    bl_parent_id = "RIGTALK_PT_main"
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return active_line(context.scene) is not None


class MainPanel(_Tab, bpy.types.Panel):
    """From recordings to keys."""

    bl_idname = "RIGTALK_PT_main"
    bl_label = "RigTalk"

    def draw(self, context: bpy.types.Context) -> None:
        settings = settings_of(context.scene)
        layout = self.layout
        _draw_list(layout, settings)
        line = active_line(context.scene)
        if line is None:
            _draw_beginning(layout, context)
            return
        layout.use_property_split = True
        layout.use_property_decorate = False
        _draw_line(layout, context, line)
        _draw_generate(layout, settings)


class MixPanel(_OfLine, bpy.types.Panel):
    """Every emotion at once."""

    bl_idname = "RIGTALK_PT_mix"
    bl_label = "Emotion Mix"
    bl_order = 1

    def draw(self, context: bpy.types.Context) -> None:
        _draw_sliders(self.layout, context, [mix_name(name) for name in EMOTIONS])


class StrengthPanel(_OfLine, bpy.types.Panel):
    """More or less of a region."""

    bl_idname = "RIGTALK_PT_strength"
    bl_label = "Strength"
    bl_translation_context = OURS
    bl_order = 2

    def draw(self, context: bpy.types.Context) -> None:
        _draw_sliders(self.layout, context, [strength_name(name) for name in STRENGTH_REGIONS])


class KeysPanel(_OfLine, bpy.types.Panel):
    """What Generate makes, and how its keys are written."""

    bl_idname = "RIGTALK_PT_keys"
    bl_label = "Keys"
    bl_translation_context = OURS
    bl_order = 3

    def draw(self, context: bpy.types.Context) -> None:
        settings = settings_of(context.scene)
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(settings, "layer")
        layout.prop(settings, "use_range")
        if settings.use_range:
            column = layout.column(align=True)
            column.prop(settings, "range_first")
            column.prop(settings, "range_last")
        layout.prop(settings, "keep_edits")
        layout.separator()
        layout.prop(settings, "result")
        layout.prop(settings, "dense")
        column = layout.column()
        column.active = not settings.dense
        column.prop(settings, "tolerance", slider=True)
        column.prop(settings, "tolerance_mm")
        layout.separator()
        layout.prop(settings, "actor_path")


def _draw_list(layout: bpy.types.UILayout, settings: Any) -> None:
    row = layout.row()
    row.template_list(
        "RIGTALK_UL_lines", "", settings, "lines", settings, "active", rows=ROWS, sort_lock=True
    )
    side = row.column(align=True)
    side.operator("rigtalk.add_line", text="", icon="ADD")
    side.operator("rigtalk.remove_line", text="", icon="REMOVE")
    side.menu("RIGTALK_MT_lines", text="", icon="DOWNARROW_HLT")
    side.separator()
    side.operator("rigtalk.move_line", text="", icon="TRIA_UP").to = "UP"
    side.operator("rigtalk.move_line", text="", icon="TRIA_DOWN").to = "DOWN"


def _draw_beginning(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """What to do with an empty list."""
    column = layout.column()
    column.operator("rigtalk.add_lines", text="Add Recordings", icon="FILE_SOUND")
    column.operator("rigtalk.fill_from_strips", icon="SEQ_SEQUENCER")
    glance = targets.glance(context.object)
    if glance.problem:
        column.operator("rigtalk.add_head", icon="USER")
    _draw_character(
        layout.box().column(align=True), glance, translated("Select a character to begin with")
    )


def _draw_line(layout: bpy.types.UILayout, context: bpy.types.Context, line: Any) -> None:
    column = layout.column()
    column.row().prop(line, "audio_source", expand=True)
    if line.audio_source == "FILE":
        column.prop(line, "audio_path")
        column.prop(line, "start_frame")
        column.prop(line, "add_sound")
    else:
        column.prop(line, "audio_strip", icon="SOUND")
    _draw_words(column, line)
    column.prop(line, "character")
    box = layout.box().column(align=True)
    _draw_character(box, targets.glance(line.character), translated("Choose who speaks the line"))
    if line.character is None:
        box.operator("rigtalk.add_head", icon="USER")
    column = layout.column()
    row = column.row(align=True)
    row.prop(line, "emotion")
    row.operator_menu_enum("rigtalk.line_mood", "mood", text="", icon="PRESET")
    row = column.row()
    row.active = line.emotion != "neutral"
    row.prop(line, "intensity", slider=True)
    column.prop(line, "seed")
    status = status_of(context.scene, line)
    if status not in (Status.NEW, Status.GENERATED):
        box = layout.box().column(align=True)
        for i, text in enumerate(wrapped(line.fault or translated(status.label))):
            icon = status.icon if i == 0 else "BLANK1"
            box.label(text=text, icon=icon, translate=False)


def _draw_words(column: bpy.types.UILayout, line: Any) -> None:
    """A field across the whole panel; its name would take almost half of it."""
    row = column.row()
    row.use_property_split = False
    row.prop(line, "script", text="", icon="TEXT", placeholder=translated("Words: what is said"))


def _draw_character(column: bpy.types.UILayout, glance: Any, nobody: str) -> None:
    if glance.problem:
        for text in wrapped(glance.problem if glance.object_name else nobody):
            column.label(text=text, translate=False)
        return
    column.label(text=glance.object_name, icon="CHECKMARK", translate=False)
    for text in glance.summary:
        column.label(text=text)


def _draw_generate(layout: bpy.types.UILayout, settings: Any) -> None:
    queue = Running.queue
    if queue is not None:
        row = layout.row(align=True)
        count = len(queue.entries)
        done = sum(entry.done for entry in queue.entries)
        text = translated("Listening: {}%", round(100 * queue.fraction))
        if count > 1:
            text = translated("{} of {} lines", done, count)
        row.progress(factor=queue.fraction, text=text)
        row.operator("rigtalk.cancel", text="", icon="CANCEL")
        return
    row = layout.row(align=True)
    row.scale_y = 1.5
    row.operator("rigtalk.generate", icon="PLAY").which = "ACTIVE"
    if len(settings.lines) > 1:
        row = layout.row(align=True)
        chosen = sum(line.chosen for line in settings.lines)
        row.operator(
            "rigtalk.generate", text=translated("Selected ({})", chosen)
        ).which = "SELECTED"
        row.operator("rigtalk.generate", text="All").which = "ALL"
        row.operator("rigtalk.generate", text="Changed").which = "STALE"


def _draw_sliders(layout: bpy.types.UILayout, context: bpy.types.Context, names: list[str]) -> None:
    layout.use_property_split = True
    layout.use_property_decorate = False
    column = layout.column(align=True)
    for name in names:
        column.prop(active_line(context.scene), name, slider=True)


CLASSES = (MainPanel, MixPanel, StrengthPanel, KeysPanel)
