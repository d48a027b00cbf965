"""Registers what belongs to characters with Blender."""

from __future__ import annotations

import bpy

from . import glances, operators, panel, preset_operators, properties

__all__ = ["register", "unregister"]

CLASSES = (*operators.CLASSES, *preset_operators.CLASSES, *panel.CLASSES)


def register() -> None:
    """Add the mapping to every object, and the means to edit it."""
    properties.register()
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Take them back; mappings stay in the file."""
    glances.forget()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
    properties.unregister()
