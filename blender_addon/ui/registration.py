"""Registers the panels with Blender."""

from __future__ import annotations

import bpy

from . import layers, lines, panel

__all__ = ["register", "unregister"]

CLASSES = (*lines.CLASSES, *panel.CLASSES, *layers.CLASSES)


def register() -> None:
    """Register lists and panels."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Take them back."""
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
