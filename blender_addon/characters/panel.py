"""The sub-panel of a character: what was found, and its mapping as a list."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy

from rigtalk.rigs import control_set

from ..translations.text import translated
from ..ui.words import wrapped
from .finding import mapping_owner
from .glances import glance
from .keeping import meant_by
from .preset_operators import preset_files
from .rows import fault_of

__all__ = ["CLASSES"]

_ROWS = 6
"""Rows of the list that are seen at once."""

_ICONS = {
    "SHAPE_KEY": "SHAPEKEY_DATA",
    "BONE": "BONE_DATA",
    "PROPERTY": "PROPERTIES",
    "DATA": "ARMATURE_DATA",
}


class MappingList(bpy.types.UIList):
    """Controls and what they move: searched by control, target and object."""

    bl_idname = "RIGTALK_UL_mapping"

    def draw_item(
        self,
        _context: bpy.types.Context,
        layout: bpy.types.UILayout,
        data: Any,
        item: Any,
        _icon: int,
        _active_data: Any,
        _active_property: str,
    ) -> None:
        wrong = bool(fault_of(item, control_set(data.controls)))
        row = layout.row(align=True)
        row.prop(item, "enabled", text="")
        row = row.row(align=True)
        row.active = item.enabled
        row.alert = wrong
        split = row.split(factor=0.45)
        split.label(text=item.control or translated("(held)"), translate=False)
        split = split.split(factor=0.7)
        icon = "ERROR" if wrong else _ICONS[item.kind]
        split.label(text=item.target or "?", icon=icon, translate=False)
        split.prop(item, "gain", text="", emboss=False)

    def filter_items(
        self, _context: bpy.types.Context, data: Any, name: str
    ) -> tuple[list[int], list[int]]:
        rows = getattr(data, name)
        if not self.filter_name and not data.only_faults:
            return [], []
        controls = control_set(data.controls)
        text = self.filter_name.casefold()
        shown = [
            text in _searched(row) and not (data.only_faults and not fault_of(row, controls))
            for row in rows
        ]
        return [self.bitflag_filter_item if yes else 0 for yes in shown], []


def _searched(row: Any) -> str:
    thing = row.thing.name if row.thing else ""
    return f"{row.control} {row.target} {thing} {row.bone}".casefold()


class MappingMenu(bpy.types.Menu):
    """What can be done to the whole list"""

    bl_idname = "RIGTALK_MT_mapping"
    bl_label = "Mapping"

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator("rigtalk.find_controls", icon="VIEWZOOM")
        layout.operator("rigtalk.mapping_check", icon="CHECKMARK")
        layout.operator("rigtalk.mapping_mirror", icon="MOD_MIRROR")
        layout.operator("rigtalk.mapping_reset", text="Reset Every Row").every = True
        layout.separator()
        layout.operator("rigtalk.mapping_load", icon="IMPORT")
        layout.operator("rigtalk.mapping_save", icon="EXPORT")
        layout.separator()
        layout.operator("rigtalk.mapping_add", icon="ADD")
        layout.operator("rigtalk.mapping_remove", icon="REMOVE")
        layout.operator("rigtalk.mapping_put_back", icon="LOOP_BACK")
        layout.menu("RIGTALK_MT_mapping_presets", icon="PRESET")
        layout.separator()
        layout.operator("rigtalk.mapping_clear", icon="X")
        layout.operator("rigtalk.override_character", icon="LIBRARY_DATA_OVERRIDE")


class PresetMenu(bpy.types.Menu):
    """Mappings that are kept for other characters and files"""

    bl_idname = "RIGTALK_MT_mapping_presets"
    bl_label = "Mapping Presets"

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        for name in preset_files():
            entry = layout.operator("rigtalk.mapping_preset_apply", text=name, translate=False)
            entry.name = name
        layout.separator()
        layout.operator("rigtalk.mapping_preset_add", icon="ADD")
        # It asks which one.
        layout.operator_context = "INVOKE_DEFAULT"
        layout.operator("rigtalk.mapping_preset_remove", icon="REMOVE")


class CharacterPanel(bpy.types.Panel):
    """What moves what on the active character."""

    bl_idname = "RIGTALK_PT_character"
    bl_label = "Character"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "RigTalk"
    bl_parent_id = "RIGTALK_PT_main"
    bl_order = 20
    bl_options: ClassVar = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        seen = glance(context.object)
        owner = mapping_owner(context.object) if context.object else None
        row = layout.row(align=True)
        row.operator("rigtalk.find_controls", icon="VIEWZOOM")
        row.menu("RIGTALK_MT_mapping_presets", text="", icon="PRESET")
        row.menu("RIGTALK_MT_mapping", text="", icon="DOWNARROW_HLT")
        if "Override Character" in seen.problem + "".join(seen.summary):
            layout.operator("rigtalk.override_character", icon="LIBRARY_DATA_OVERRIDE")
        if owner is None:
            return
        mapping = owner.rigtalk_mapping
        row = layout.row()
        row.prop(mapping, "enabled", text=meant_by(owner).name, translate=False)
        row.prop(mapping, "only_faults", text="", icon="ERROR")
        body = layout.column()
        body.active = mapping.enabled
        row = body.row()
        row.template_list("RIGTALK_UL_mapping", "", mapping, "rows", mapping, "active", rows=_ROWS)
        column = row.column(align=True)
        column.operator("rigtalk.mapping_add", text="", icon="ADD")
        column.operator("rigtalk.mapping_remove", text="", icon="REMOVE")
        column.separator()
        column.operator("rigtalk.mapping_mirror", text="", icon="MOD_MIRROR")
        column.operator("rigtalk.mapping_reset", text="", icon="LOOP_BACK")
        if 0 <= mapping.active < len(mapping.rows):
            _draw_row(body, mapping, mapping.rows[mapping.active])


def _draw_row(layout: bpy.types.UILayout, mapping: Any, row: Any) -> None:
    layout.use_property_split = True
    layout.use_property_decorate = False
    column = layout.column()
    column.prop(row, "control")
    column.prop(row, "thing")
    column.prop(row, "kind")
    column.prop(row, "target")
    if row.kind == "PROPERTY" and row.thing is not None and row.thing.type == "ARMATURE":
        column.prop(row, "bone")
    if row.kind == "BONE":
        column.prop(row, "channel")
    column = layout.column(align=True)
    column.prop(row, "gain")
    column.prop(row, "offset")
    column.prop(row, "invert")
    column = layout.column(align=True, heading="Limits")
    column.prop(row, "limited", text="")
    limits = column.column(align=True)
    limits.active = row.limited
    limits.prop(row, "low")
    limits.prop(row, "high")
    fault = fault_of(row, control_set(mapping.controls))
    if fault:
        for line in wrapped(fault):
            layout.label(text=line, translate=False)
        return
    test = layout.row(align=True)
    test.prop(mapping, "trial", slider=True)
    test.operator("rigtalk.mapping_put_back", text="", icon="LOOP_BACK")


CLASSES = (MappingList, MappingMenu, PresetMenu, CharacterPanel)
