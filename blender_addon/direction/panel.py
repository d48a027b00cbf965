"""Direction in the RigTalk tab: properties with the diamonds that key them."""

from __future__ import annotations

from typing import ClassVar

import bpy

from rigtalk.core.direction import EMOTIONS, STRENGTH_REGIONS
from rigtalk.core.errors import RigtalkError

from ..translations.text import OURS, translated
from ..ui.words import wrapped
from .keying import check_keyable
from .properties import INTENSITY, settings_of, strength_property
from .sampling import driven_properties

__all__ = ["CLASSES"]


class _Tab:
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "RigTalk"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.object is not None


class DirectionPanel(_Tab, bpy.types.Panel):
    """What the character feels over time."""

    bl_idname = "RIGTALK_PT_direction"
    bl_label = "Direction"
    bl_translation_context = OURS
    bl_parent_id = "RIGTALK_PT_main"
    bl_order = 10
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, obj = self.layout, context.object
        try:
            check_keyable(obj)
        except RigtalkError as fault:
            for line in wrapped(str(fault)):
                layout.label(text=line, translate=False)
            return
        row = layout.row(align=True)
        row.operator_menu_enum("rigtalk.key_mood", "mood", text="Key Mood", icon="KEY_HLT")
        row.operator("rigtalk.key_neutral", text="Neutral")
        row.operator("rigtalk.clear_direction", text="", icon="X")
        layout.operator("rigtalk.key_markers", icon="MARKER_HLT")

        layout.use_property_split = True
        column = layout.column(align=True)
        column.prop(settings_of(obj), INTENSITY, slider=True)
        column = layout.column(align=True)
        for emotion in EMOTIONS:
            column.prop(settings_of(obj), emotion, slider=True)
        driven = driven_properties(obj)
        if driven:
            for line in wrapped(translated("Drivers are not followed: {}", ", ".join(driven))):
                layout.label(text=line, translate=False)


class DirectionStrengthPanel(_Tab, bpy.types.Panel):
    """How much shows over time."""

    bl_idname = "RIGTALK_PT_direction_strength"
    bl_label = "Strength over Time"
    bl_parent_id = "RIGTALK_PT_direction"
    bl_order = 1
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        self.layout.use_property_split = True
        column = self.layout.column(align=True)
        for region in STRENGTH_REGIONS:
            column.prop(settings_of(context.object), strength_property(region), slider=True)


CLASSES = (DirectionPanel, DirectionStrengthPanel)
