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
    # Only what is in a menu of the editor is found by Blender's search.
    bpy.types.VIEW3D_MT_object.append(panel.draw_in_object_menu)


def unregister() -> None:
    """Take them back; mappings stay in the file."""
    glances.forget()
    bpy.types.VIEW3D_MT_object.remove(panel.draw_in_object_menu)
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
    properties.unregister()
