"""Registers the panels with Blender."""

from __future__ import annotations

import bpy

from . import layers, lines, menu, panel

__all__ = ["register", "unregister"]

CLASSES = (*lines.CLASSES, *panel.CLASSES, *layers.CLASSES, *menu.CLASSES)


def register() -> None:
    """Register lists, panels and what is in Blender's own menus."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    menu.add_entries()


def unregister() -> None:
    """Take them back."""
    menu.remove_entries()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
