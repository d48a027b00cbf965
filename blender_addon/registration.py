"""All that is registered with Blender, in one order, and undone in the other."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import bpy

from . import preferences
from .characters import registration as characters
from .dialogue import registration as dialogue
from .direction import registration as direction
from .export import registration as export
from .gaussian import registration as gaussian
from .head import registration as head
from .preview import registration as preview
from .translations import registration as translations
from .ui import registration as ui

__all__ = ["PACKAGES", "register", "unregister"]

PACKAGES: tuple[ModuleType, ...] = (
    preferences,
    dialogue,
    head,
    ui,  # the main panel comes before the sub-panels of the others
    preview,
    characters,
    direction,
    export,
    gaussian,
    translations,
)
"""Modules with a `register` and an `unregister` of their own, in the order of registering."""


class _Commands:
    """Handles of the commands that ``blender --command`` knows of."""

    handles: list[Any] = []  # noqa: RUF012 - one list, emptied on unregistering


def register() -> None:
    """Register every part, and the command line."""
    for package in PACKAGES:
        package.register()
    _Commands.handles.append(bpy.utils.register_cli_command("rigtalk", _command))


def unregister() -> None:
    """Stop what is running and leave nothing behind."""
    for handle in _Commands.handles:
        bpy.utils.unregister_cli_command(handle)
    _Commands.handles.clear()
    for package in reversed(PACKAGES):
        package.unregister()


def _command(argv: list[str]) -> int:
    from rigtalk.core.cli import main

    from .host import BlenderHost

    sys.stdout.flush()
    return main(argv, host=BlenderHost())
