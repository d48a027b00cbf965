"""Registers the preview with Blender."""

from __future__ import annotations

from typing import Any

import bpy

from ..translations.text import OURS
from . import operators, overlay, panel, playing

__all__ = ["register", "unregister"]

CLASSES = (*operators.CLASSES, *panel.CLASSES)


def register() -> None:
    """Register operators, the panel and the switch of the strip."""
    manager = bpy.types.WindowManager
    # What the switch says is whether the strip is there; nothing is saved with the file.
    manager.rigtalk_strip = bpy.props.BoolProperty(
        name="Strip in Viewport",
        description="Show waveform, jaw, lips and closures at the bottom of the 3D viewports",
        get=_is_on,
        set=_turn,
    )
    manager.rigtalk_strip_shows = bpy.props.EnumProperty(
        name="Strip Shows",
        description="What the strip in the viewport spans",
        items=(
            ("LINE", "Line", "The line at the current frame, or the active one"),
            ("SCENE", "Scene", "All lines in the frame range of the scene"),
        ),
        update=_redraw,
        translation_context=OURS,
    )
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Stop playing, take the strip away and leave nothing behind."""
    playing.forget()
    overlay.turn(False)
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
    del bpy.types.WindowManager.rigtalk_strip_shows
    del bpy.types.WindowManager.rigtalk_strip


def _is_on(_manager: Any) -> bool:
    return overlay.is_on()


def _turn(_manager: Any, on: bool) -> None:
    overlay.turn(on)


def _redraw(_manager: Any, _context: bpy.types.Context) -> None:
    overlay.redraw()
