"""Registers the direction of characters with Blender."""

from __future__ import annotations

import bpy

from . import operators, panel, properties

__all__ = ["register", "unregister"]

_CLASSES = (*operators.CLASSES, *panel.CLASSES)


def register() -> None:
    """Register properties, operators and panels."""
    properties.register()
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Take them back."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
    properties.unregister()
