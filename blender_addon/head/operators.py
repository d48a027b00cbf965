"""Adds the embedded head to a scene."""

from __future__ import annotations

from typing import ClassVar

import bpy

from .board import create_face_board
from .scene import create_head

__all__ = ["CLASSES", "AddHeadOperator"]


class AddHeadOperator(bpy.types.Operator):
    """Add the embedded head, to try things out or to act with"""

    bl_idname = "rigtalk.add_head"
    bl_label = "Add Head"
    bl_options: ClassVar = {"REGISTER", "UNDO"}
    __annotations__ = {
        "face_board": bpy.props.BoolProperty(
            name="Face Board",
            description="Add sliders like those of MetaHuman that move the head",
        ),
    }

    def execute(self, context: bpy.types.Context) -> set[str]:
        head = create_head(context.scene, neck=True)
        if self.face_board:
            create_face_board(head)
        for item in context.selected_objects:
            item.select_set(False)
        head.select_set(True)
        context.view_layer.objects.active = head
        _look_at_selection(context)
        return {"FINISHED"}


def _look_at_selection(context: bpy.types.Context) -> None:
    """Frame what was added; life-size it is a dot in a new scene."""
    if context.area is None or context.area.type != "VIEW_3D":
        return
    region = next(region for region in context.area.regions if region.type == "WINDOW")
    with context.temp_override(region=region):
        bpy.ops.view3d.view_axis(type="FRONT")
        bpy.ops.view3d.view_selected()


CLASSES = (AddHeadOperator,)
