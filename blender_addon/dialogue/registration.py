"""Registers the list of lines with Blender, and watches for what concerns it."""

from __future__ import annotations

import bpy
from bpy.app.handlers import persistent

from . import layer_operators, line, line_operators, list_operators, operators, queue, status

__all__ = ["register", "unregister"]

CLASSES = (
    *operators.CLASSES,
    *line_operators.CLASSES,
    *layer_operators.CLASSES,
    *list_operators.CLASSES,
)


def register() -> None:
    """Register lines, operators and handlers."""
    line.register()
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.app.handlers.load_pre.append(_before_load)
    bpy.app.handlers.depsgraph_update_post.append(_after_change)
    bpy.app.handlers.undo_post.append(_after_undo)
    bpy.app.handlers.redo_post.append(_after_undo)


def unregister() -> None:
    """Stop what is running and leave nothing behind."""
    queue.stop()
    bpy.app.handlers.redo_post.remove(_after_undo)
    bpy.app.handlers.undo_post.remove(_after_undo)
    bpy.app.handlers.depsgraph_update_post.remove(_after_change)
    bpy.app.handlers.load_pre.remove(_before_load)
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
    line.unregister()
    status.forget()


@persistent
def _before_load(*_: object) -> None:
    queue.stop()
    status.forget()


@persistent
def _after_change(_scene: object, depsgraph: bpy.types.Depsgraph) -> None:
    # Called after edits, not in playback; only those of keys can make a line "edited by hand".
    if depsgraph.id_type_updated("ACTION"):
        status.forget_edits()


@persistent
def _after_undo(*_: object) -> None:
    status.forget()
