"""The RigTalk tab in the sidebar of the 3D viewport."""

from __future__ import annotations

from typing import ClassVar

import bpy

from rigtalk.core.direction import EMOTIONS, STRENGTH_REGIONS
from rigtalk.core.errors import RigtalkError

from ..characters import targets
from ..dialogue import jobs
from ..dialogue.properties import mix_name, settings_of, strength_name

__all__ = ["CLASSES"]


class _Tab:
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "RigTalk"


class MainPanel(_Tab, bpy.types.Panel):
    """From a recording to keys."""

    bl_idname = "RIGTALK_PT_main"
    bl_label = "RigTalk"

    def draw(self, context: bpy.types.Context) -> None:
        settings = settings_of(context.scene)
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False

        column = layout.column()
        column.row().prop(settings, "audio_source", expand=True)
        if settings.audio_source == "FILE":
            column.prop(settings, "audio_path")
            column.prop(settings, "start_frame")
            column.prop(settings, "add_sound")
        else:
            column.prop(settings, "audio_strip", icon="SOUND")

        _draw_target(layout.box().column(align=True), context)

        column = layout.column()
        column.prop(settings, "emotion")
        row = column.row()
        row.active = settings.emotion != "neutral"
        row.prop(settings, "intensity", slider=True)
        column.prop(settings, "seed")

        fraction = jobs.progress()
        if fraction is None:
            row = layout.row()
            row.scale_y = 1.5
            row.operator("rigtalk.generate", icon="PLAY")
        else:
            row = layout.row(align=True)
            row.progress(factor=fraction, text=f"Listening: {fraction:.0%}")
            row.operator("rigtalk.cancel", text="", icon="CANCEL")
        layout.operator("rigtalk.export_fbx", icon="EXPORT")


class MixPanel(_Tab, bpy.types.Panel):
    """Every emotion at once."""

    bl_idname = "RIGTALK_PT_mix"
    bl_label = "Emotion Mix"
    bl_parent_id = "RIGTALK_PT_main"
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        _draw_sliders(self.layout, context, [mix_name(name) for name in EMOTIONS])


class StrengthPanel(_Tab, bpy.types.Panel):
    """More or less of a region."""

    bl_idname = "RIGTALK_PT_strength"
    bl_label = "Strength"
    bl_parent_id = "RIGTALK_PT_main"
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        _draw_sliders(self.layout, context, [strength_name(name) for name in STRENGTH_REGIONS])


def _draw_target(column: bpy.types.UILayout, context: bpy.types.Context) -> None:
    try:
        if context.object is None:
            raise RigtalkError("Select a character, or add the embedded head")
        target = targets.find_target(context.object)
    except RigtalkError as fault:
        for line in _wrapped(str(fault)):
            column.label(text=line)
        column.separator()
        column.operator("rigtalk.add_head", icon="USER")
        return
    column.label(text=context.object.name, icon="CHECKMARK")
    for line in target.summary:
        column.label(text=line)


def _wrapped(text: str, width: int = 38) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _draw_sliders(layout: bpy.types.UILayout, context: bpy.types.Context, names: list[str]) -> None:
    layout.use_property_split = True
    layout.use_property_decorate = False
    column = layout.column(align=True)
    for name in names:
        column.prop(settings_of(context.scene), name, slider=True)


CLASSES = (MainPanel, MixPanel, StrengthPanel)
