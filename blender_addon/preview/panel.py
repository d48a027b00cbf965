"""The sub-panel for hearing and seeing a line."""

from __future__ import annotations

from typing import ClassVar

import bpy

from . import playing

__all__ = ["CLASSES"]


class PreviewPanel(bpy.types.Panel):
    """Hear and see a line."""

    bl_idname = "RIGTALK_PT_preview"
    bl_label = "Preview"
    bl_parent_id = "RIGTALK_PT_main"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "RigTalk"
    bl_options: ClassVar = {"DEFAULT_CLOSED"}
    bl_order = 0

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        row = layout.row(align=True)
        if playing.is_playing(context):
            row.operator("rigtalk.preview_play", text="Stop", icon="PAUSE", depress=True)
        else:
            row.operator("rigtalk.preview_play", icon="PLAY_SOUND")
        row.operator("rigtalk.try_out", icon="TIME")
        manager = context.window_manager
        layout.prop(manager, "rigtalk_strip", toggle=True, icon="SEQ_HISTOGRAM")
        row = layout.row()
        row.active = manager.rigtalk_strip
        row.prop(manager, "rigtalk_strip_shows", expand=True)


CLASSES = (PreviewPanel,)
