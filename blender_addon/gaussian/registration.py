"""Registers the Gaussian head with Blender."""

from __future__ import annotations

from types import ModuleType

from . import (
    bake_operator,
    bind_operator,
    frames_operator,
    native_clouds,
    panel,
    preview_operator,
    properties,
    splats_operator,
    style_operator,
    viewport,
    work,
)

__all__ = ["PARTS", "register", "unregister"]

PARTS: tuple[ModuleType, ...] = (
    properties,
    bake_operator,
    work,
    bind_operator,
    style_operator,
    splats_operator,
    viewport,
    preview_operator,
    frames_operator,
    native_clouds,
    panel,
)
"""Modules with a `register` and an `unregister` of their own, in the order of registering."""


def register() -> None:
    """Register properties, operators and panels."""
    for part in PARTS:
        part.register()


def unregister() -> None:
    """Stop what is running and leave nothing behind."""
    for part in reversed(PARTS):
        part.unregister()
