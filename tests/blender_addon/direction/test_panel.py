from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import bpy

from rigtalk.blender_addon.direction import panel
from rigtalk.blender_addon.direction.properties import NAMES


class Layout:
    """Writes down what is drawn, and refuses what Blender would refuse."""

    def __init__(self, seen: list[str]) -> None:
        self.seen = seen

    def prop(self, data: Any, name: str, **_: Any) -> None:
        assert name in data.bl_rna.properties, name
        self.seen.append(name)

    def operator(self, name: str, **_: Any) -> None:
        assert name.partition(".")[2] in dir(bpy.ops.rigtalk), name
        self.seen.append(name)

    def operator_menu_enum(self, name: str, prop: str, **_: Any) -> None:
        kind = getattr(bpy.ops.rigtalk, name.partition(".")[2]).get_rna_type()
        assert prop in kind.properties
        self.seen.append(name)

    def label(self, *, text: str, **_: Any) -> None:
        self.seen.append(text)

    def row(self, **_: Any) -> Layout:
        return Layout(self.seen)

    column = row


def drawn(cls: type) -> list[str]:
    seen: list[str] = []
    cls.draw(SimpleNamespace(layout=Layout(seen)), bpy.context)
    return seen


def test_every_property_is_shown_once(anna):
    seen = [*drawn(panel.DirectionPanel), *drawn(panel.DirectionStrengthPanel)]
    assert sorted(name for name in seen if name in NAMES) == sorted(NAMES)
    assert {"rigtalk.key_mood", "rigtalk.key_neutral", "rigtalk.key_markers"} <= set(seen)


def test_drivers_are_named(anna):
    anna.driver_add("rigtalk_direction.joy")
    assert any("joy" in text and "Drivers" in text for text in drawn(panel.DirectionPanel))


def test_without_an_object_there_is_no_panel(anna):
    assert panel.DirectionPanel.poll(bpy.context)
    bpy.context.view_layer.objects.active = None
    assert not panel.DirectionPanel.poll(bpy.context)
