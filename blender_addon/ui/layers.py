"""The sub-panel of the layers, where the character has any."""

from __future__ import annotations

import bpy

from ..dialogue.layer_operators import LAYER_NAMES, influence_of, strip_of_layer
from ..dialogue.line import active_line

__all__ = ["CLASSES"]


class LayersPanel(bpy.types.Panel):
    """NLA layers of the active line's character."""

    bl_idname = "RIGTALK_PT_layers"
    bl_label = "Layers"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "RigTalk"
    bl_parent_id = "RIGTALK_PT_main"
    bl_order = 4

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return strip_of_layer(active_line(context.scene), "lips") is not None

    def draw(self, context: bpy.types.Context) -> None:
        line = active_line(context.scene)
        column = self.layout.column(align=True)
        for layer, title in LAYER_NAMES.items():
            strip = strip_of_layer(line, layer)
            if strip is None:
                continue
            row = column.row(align=True)
            row.active = not strip.mute
            icon = "CHECKBOX_DEHLT" if strip.mute else "CHECKBOX_HLT"
            given = row.operator("rigtalk.set_layer", text=title, icon=icon)
            given.layer, given.mute = layer, not strip.mute
            if layer != "lips":
                row.label(text=f"{influence_of(strip):.0%}")
        self.layout.operator("rigtalk.bake_layers", icon="NLA")


CLASSES = (LayersPanel,)
