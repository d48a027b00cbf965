"""Entries in Blender's own menus; its search (F3) finds only what is in a menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy

__all__ = ["CLASSES", "add_entries", "remove_entries"]


class MainMenu(bpy.types.Menu):
    """Animate characters with recorded dialogue"""

    bl_idname = "RIGTALK_MT_main"
    bl_label = "RigTalk"

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        # Buttons run with what Blender asks for, as those of the panels do.
        layout.operator_context = "INVOKE_REGION_WIN"
        layout.operator("rigtalk.generate", icon="PLAY").which = "ACTIVE"
        layout.operator("rigtalk.generate", text="Generate All Lines").which = "ALL"
        layout.operator("rigtalk.try_out", icon="TIME")
        layout.operator("rigtalk.preview_play", icon="PLAY_SOUND")
        layout.operator("rigtalk.go_to_line", icon="TIME")
        layout.separator()
        layout.operator("rigtalk.add_line", icon="ADD")
        layout.operator("rigtalk.remove_line", icon="REMOVE")
        layout.menu("RIGTALK_MT_lines")
        layout.operator_menu_enum("rigtalk.line_mood", "mood")
        layout.separator()
        layout.operator_menu_enum("rigtalk.key_mood", "mood", icon="KEY_HLT")
        layout.operator("rigtalk.key_neutral")
        layout.operator("rigtalk.key_markers", icon="MARKER_HLT")
        layout.operator("rigtalk.clear_direction", icon="X")
        layout.separator()
        layout.menu("RIGTALK_MT_mapping")
        layout.operator("rigtalk.bake_layers", icon="NLA")
        layout.separator()
        layout.menu("RIGTALK_MT_gaussian")
        layout.separator()
        layout.operator("rigtalk.export", icon="EXPORT")


def add_entries() -> None:
    """Add ours to Blender's menus."""
    for menu, draw in _entries():
        menu.append(draw)


def remove_entries() -> None:
    """Take them back."""
    for menu, draw in _entries():
        menu.remove(draw)


def _entries() -> tuple[tuple[Any, Callable[[Any, Any], None]], ...]:
    types = bpy.types
    return (
        (types.VIEW3D_MT_object, _draw_main),
        (types.VIEW3D_MT_pose, _draw_main),
        (types.VIEW3D_MT_add, _draw_add),
        (types.TOPBAR_MT_file_export, _draw_export),
    )


def _draw_main(menu: bpy.types.Menu, _context: bpy.types.Context) -> None:
    menu.layout.separator()
    menu.layout.menu("RIGTALK_MT_main")


def _draw_add(menu: bpy.types.Menu, _context: bpy.types.Context) -> None:
    menu.layout.operator("rigtalk.add_head", text="RigTalk Head", icon="USER")


def _draw_export(menu: bpy.types.Menu, _context: bpy.types.Context) -> None:
    menu.layout.operator("rigtalk.export", text="RigTalk Takes")


CLASSES = (MainMenu,)
