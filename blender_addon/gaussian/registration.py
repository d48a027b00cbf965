"""Registers the Gaussian head with Blender."""

from __future__ import annotations

from types import ModuleType

from . import bake_operator, preview_operator, properties, viewport

__all__ = ["PARTS", "register", "unregister"]

PARTS: tuple[ModuleType, ...] = (properties, bake_operator, viewport, preview_operator)
"""Modules with a `register` and an `unregister` of their own, in the order of registering."""


def register() -> None:
    """Register properties, operators and panels."""
    for part in PARTS:
        part.register()


def unregister() -> None:
    """Stop what is running and leave nothing behind."""
    for part in reversed(PARTS):
        part.unregister()
