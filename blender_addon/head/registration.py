"""Registers the embedded head with Blender."""

from __future__ import annotations

import bpy

from . import operators

__all__ = ["register", "unregister"]


def register() -> None:
    """Register the operators."""
    for cls in operators.CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Take them back."""
    for cls in reversed(operators.CLASSES):
        bpy.utils.unregister_class(cls)
