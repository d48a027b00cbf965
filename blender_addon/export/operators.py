"""Exports from the panel."""

from __future__ import annotations

from pathlib import Path

import bpy
from bpy_extras.io_utils import ExportHelper

from rigtalk.core.errors import RigtalkError

from ..characters import targets
from ..dialogue.queue import Running
from . import exporters

__all__ = ["CLASSES", "ExportFbxOperator"]


class ExportFbxOperator(bpy.types.Operator, ExportHelper):
    """Write the active character and its animation, over the frame range of the scene"""

    bl_idname = "rigtalk.export_fbx"
    bl_label = "Export FBX"
    filename_ext = ".fbx"
    __annotations__ = {
        "filter_glob": bpy.props.StringProperty(default="*.fbx", options={"HIDDEN"}),
    }

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        reason = "Nothing can be exported while generating" if Running.queue else ""
        reason = reason or _why_no_target(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            target = targets.find_target(context.object)
            path = Path(bpy.path.abspath(self.filepath)).absolute()
            exporters.export_scene(path, objects=target.objects, scene=context.scene)
        except RigtalkError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        self.report({"INFO"}, f"Wrote {path}")
        return {"FINISHED"}


def _why_no_target(context: bpy.types.Context) -> str:
    if context.object is None:
        return "Select a character first"
    try:
        targets.find_target(context.object)
    except RigtalkError as fault:
        return str(fault)
    return ""


CLASSES = (ExportFbxOperator,)
