"""Switches the preview of a head on and off."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy

from rigtalk.core.errors import RigtalkError

from ..translations.text import translated
from . import viewport
from .open_head import head_path
from .properties import holder_of

__all__ = ["CLASSES", "GaussianPreviewOperator", "why_no_head"]


def why_no_head(obj: bpy.types.Object | None) -> str:
    """Why there is no head to work with; empty if there is one."""
    holder = holder_of(obj)
    if holder is None:
        return translated("Select a character")
    if not holder.rigtalk_gaussian.filepath:
        return translated("Bake a head, or choose a file first")
    return ""


class GaussianPreviewOperator(bpy.types.Operator):
    """Draw the head of Gaussians over the viewports, in place of the meshes that it follows"""

    bl_idname = "rigtalk.gaussian_preview"
    bl_label = "Show Gaussians"
    bl_options: ClassVar = {"UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        reason = why_no_head(context.object)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, context: bpy.types.Context) -> set[str]:
        holder: Any = holder_of(context.object)
        settings = holder.rigtalk_gaussian
        if not settings.show:
            try:
                path = head_path(holder)
                if not path.is_file():
                    raise RigtalkError(f"{path}: no such file; bake the head, or choose another")
            except RigtalkError as fault:
                self.report({"ERROR"}, str(fault))
                return {"CANCELLED"}
        settings.show = not settings.show
        viewport.refresh()
        return {"FINISHED"}


CLASSES = (GaussianPreviewOperator,)


def register() -> None:
    """Register the operator."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Remove it."""
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
