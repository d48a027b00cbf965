"""All that is registered with Blender, in one order, and undone in the other."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import bpy
from bpy.app.handlers import persistent

from .dialogue import jobs, operators, properties
from .ui import panel

__all__ = ["register", "unregister"]

PACKAGES: tuple[ModuleType, ...] = ()
"""Modules with a `register` and an `unregister` of their own, in the order of registering."""

CLASSES = (*operators.CLASSES, *panel.CLASSES)


class _Commands:
    """Handles of the commands that ``blender --command`` knows of."""

    handles: list[Any] = []  # noqa: RUF012 - one list, emptied on unregistering


def register() -> None:
    """Register settings, operators, panels and the command line."""
    properties.register()
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    for package in PACKAGES:
        package.register()
    bpy.app.handlers.load_pre.append(_before_load)
    _Commands.handles.append(bpy.utils.register_cli_command("rigtalk", _command))


def unregister() -> None:
    """Stop what is running and leave nothing behind."""
    jobs.stop()
    for handle in _Commands.handles:
        bpy.utils.unregister_cli_command(handle)
    _Commands.handles.clear()
    bpy.app.handlers.load_pre.remove(_before_load)
    for package in reversed(PACKAGES):
        package.unregister()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
    properties.unregister()


@persistent
def _before_load(*_: object) -> None:
    jobs.stop()


def _command(argv: list[str]) -> int:
    from rigtalk.core.cli import main

    from .host import BlenderHost

    sys.stdout.flush()
    return main(argv, host=BlenderHost())
