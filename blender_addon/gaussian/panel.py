"""The sub-panel of heads of Gaussians: bake one, watch it, bind, recolour and export it."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

import bpy

from rigtalk.core.splat.fitting.plan import QUALITIES
from rigtalk.core.splat.native.library import library_path

from .. import compat
from ..translations.text import translated
from ..ui.words import wrapped
from . import standing
from .baking import Running
from .labels import Label, forget, label_of, parts_fault
from .properties import holder_of
from .work import Work

__all__ = ["CLASSES", "contents"]


_BESIDE_ICON = 33
"""Letters that fit into a line after an icon."""


class GaussianPanel(bpy.types.Panel):
    """A character as a head of Gaussians."""

    bl_idname = "RIGTALK_PT_gaussian"
    bl_label = "Gaussian Head"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "RigTalk"
    bl_parent_id = "RIGTALK_PT_main"
    bl_options: ClassVar = {"DEFAULT_CLOSED"}
    bl_order = 70

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return context.object is not None

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        holder = holder_of(context.object)
        settings = holder.rigtalk_gaussian
        layout.use_property_split = True
        layout.use_property_decorate = False
        if not _draw_progress(layout, holder):
            _draw_bake(layout, settings)
        layout.separator()
        layout.prop(settings, "filepath")
        if settings.filepath:
            _draw_head(layout, context, holder, settings)
        layout.separator()
        column = layout.column(align=True)
        column.operator("rigtalk.bind_gaussian_scan", icon="IMPORT")
        column.operator("rigtalk.style_gaussian_head", icon="COLOR")
        column.operator("rigtalk.export_gaussian_frames", icon="EXPORT")


class GaussianMenu(bpy.types.Menu):
    """What can be done with a head of Gaussians"""

    bl_idname = "RIGTALK_MT_gaussian"
    bl_label = "Gaussian Head"

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator("rigtalk.bake_gaussian_head", icon="RENDER_STILL")
        layout.operator("rigtalk.gaussian_preview", icon="HIDE_OFF")
        layout.operator("rigtalk.gaussian_frames", icon="RENDER_ANIMATION")
        layout.separator()
        layout.operator("rigtalk.bind_gaussian_scan", icon="IMPORT")
        layout.operator("rigtalk.style_gaussian_head", icon="COLOR")
        layout.operator("rigtalk.export_gaussian_frames", icon="EXPORT")
        if compat.draws_gaussians():
            layout.operator("rigtalk.gaussian_cloud", icon="POINTCLOUD_DATA")


def contents(label: Label) -> str:
    """What a head's file holds, in a line; empty if it cannot be read."""
    if label.head is None:
        return ""
    words = [translated("{} Gaussians", f"{label.head.gaussians:,}")]
    quality = label.head.facts.get("psnr view")
    if isinstance(quality, int | float):
        words.append(f"{quality:.1f} dB")
    source = label.head.facts.get("source")
    if isinstance(source, str):
        words.append(source)
    return ", ".join(words)


def _draw_progress(layout: bpy.types.UILayout, holder: bpy.types.Object) -> bool:
    """The bar and what stops it, while something is being done; the last words after it."""
    words, fraction = standing.words_of(holder), standing.fraction_of(holder)
    if fraction < 0.0:
        _draw_lines(layout, words, "INFO")
        return False
    row = layout.row(align=True)
    row.progress(factor=fraction, text=words)
    if Work.running is not None:
        row.operator("rigtalk.gaussian_work_cancel", text="", icon="CANCEL")
    elif Running.bake is not None:
        row.operator("rigtalk.cancel_gaussian_bake", text="", icon="CANCEL")
    seconds = standing.seconds_left(holder)
    if seconds is not None:
        told = translated("About {} minutes left", max(1, round(seconds / 60)))
        layout.label(text=told, translate=False)
    return True


def _draw_bake(layout: bpy.types.UILayout, settings: Any) -> None:
    column = layout.column()
    column.prop(settings, "quality")
    column.prop(settings, "engine")
    column.prop(settings, "gaussians")
    quality = QUALITIES[settings.quality]
    pictures = quality.pictures + 2 * quality.judges
    count = settings.gaussians or quality.gaussians
    told = translated("{} pictures, up to {} Gaussians", pictures, f"{count:,}")
    column.label(text=told, translate=False)
    row = column.row()
    row.scale_y = 1.3
    row.operator("rigtalk.bake_gaussian_head", icon="RENDER_STILL")


def _draw_head(
    layout: bpy.types.UILayout,
    context: bpy.types.Context,
    holder: bpy.types.Object,
    settings: Any,
) -> None:
    label = label_of(holder)
    box = layout.box().column(align=True)
    fault = label.fault or parts_fault(label, context.view_layer.depsgraph)
    _draw_lines(box, contents(label), "CHECKMARK")
    _draw_lines(box, fault, "ERROR")
    if not _is_fast():
        _draw_lines(box, translated("No fast renderer is built: it is drawn slowly"), "INFO")
    row = layout.row(align=True)
    icon = "HIDE_OFF" if settings.show else "HIDE_ON"
    row.operator("rigtalk.gaussian_preview", icon=icon, depress=settings.show)
    row.operator("rigtalk.gaussian_frames", icon="RENDER_ANIMATION")
    if compat.draws_gaussians():
        layout.operator("rigtalk.gaussian_cloud", icon="POINTCLOUD_DATA")


def _draw_lines(layout: bpy.types.UILayout, text: str, icon: str) -> None:
    for i, line in enumerate(wrapped(text, _BESIDE_ICON) if text else ()):
        layout.label(text=line, icon=icon if i == 0 else "BLANK1", translate=False)


@cache
def _is_fast() -> bool:
    """Whether there is a library of compiled code; it does not come while Blender runs."""
    return any(library_path(name).is_file() for name in ("cpu", "cuda"))


CLASSES = (GaussianPanel, GaussianMenu)


def register() -> None:
    """Register the panel."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Remove it, and what was read for it."""
    forget()
    _is_fast.cache_clear()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
