"""The part of the tab from which takes are exported."""

from __future__ import annotations

from typing import ClassVar

import bpy

__all__ = ["CLASSES"]


class ExportPanel(bpy.types.Panel):
    """Takes for other programs."""

    bl_idname = "RIGTALK_PT_export"
    bl_label = "Export"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "RigTalk"
    bl_parent_id = "RIGTALK_PT_main"
    bl_options: ClassVar = {"DEFAULT_CLOSED"}
    bl_order = 80

    def draw(self, _context: bpy.types.Context) -> None:
        self.layout.operator("rigtalk.export", icon="EXPORT")
        self.layout.operator("rigtalk.export_fbx", text="FBX of Frame Range")


CLASSES = (ExportPanel,)
