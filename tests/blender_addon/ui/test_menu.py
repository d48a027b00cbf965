"""Everything can be reached from Blender's own menus, and so be searched for."""

from __future__ import annotations

from types import SimpleNamespace

import bpy
import pytest

from rigtalk.blender_addon.ui import menu

from .test_panel import Layout

MENUS = ("VIEW3D_MT_object", "VIEW3D_MT_pose", "VIEW3D_MT_add", "TOPBAR_MT_file_export")


def entries(name: str) -> list[object]:
    return [
        each
        for each in getattr(bpy.types, name)._dyn_ui_initialize()
        if each.__module__ == menu.__name__
    ]


def test_blenders_menus_lead_to_ours_while_enabled(extension):
    seen: list[str] = []
    for name in MENUS:
        (draw,) = entries(name)
        draw(SimpleNamespace(layout=Layout(seen)), bpy.context)
    names = [each for each in seen if isinstance(each, str)]
    assert names == ["RIGTALK_MT_main", "RIGTALK_MT_main", "rigtalk.add_head", "rigtalk.export"]


def test_nothing_is_left_in_blenders_menus(scene):
    assert [entries(name) for name in MENUS] == [[]] * len(MENUS)


@pytest.mark.parametrize("name", ["generate", "go_to_line", "key_mood", "export", "bake_layers"])
def test_our_menu_has_what_is_done_often(extension, name):
    seen: list[str] = []
    menu.MainMenu.draw(SimpleNamespace(layout=Layout(seen)), bpy.context)
    assert f"rigtalk.{name}" in seen
