"""The sub-panel draws in every state; the list is searched by all that a row names."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from rigtalk.blender_addon.characters import operators, panel, preset_operators


class Layout:
    """Writes down what is drawn, and refuses what Blender would refuse."""

    def __init__(self, seen: list[str]) -> None:
        self.seen = seen

    def prop(self, data: Any, name: str, **_: Any) -> None:
        assert name in data.bl_rna.properties, name
        self.seen.append(name)

    def operator(self, name: str, **_: Any) -> SimpleNamespace:
        assert name.partition(".")[2] in dir(bpy.ops.rigtalk), name
        self.seen.append(name)
        return SimpleNamespace()

    def menu(self, name: str, **_: Any) -> None:
        assert hasattr(bpy.types, name)
        self.seen.append(name)

    def label(self, *, text: str, **_: Any) -> None:
        self.seen.append(text)

    def template_list(self, name: str, *_: Any, **__: Any) -> None:
        assert hasattr(bpy.types, name)
        self.seen.append(name)

    def separator(self) -> None:
        pass

    def row(self, **_: Any) -> Layout:
        return Layout(self.seen)

    column = box = split = row


def drawn(cls: type) -> list[str]:
    seen: list[str] = []
    cls.draw(SimpleNamespace(layout=Layout(seen)), bpy.context)
    return seen


def test_without_a_mapping_one_can_be_made(editor, face):
    assert drawn(panel.CharacterPanel) == [
        "rigtalk.find_controls",
        "RIGTALK_MT_mapping_presets",
        "RIGTALK_MT_mapping",
    ]
    bpy.context.view_layer.objects.active = None
    assert "rigtalk.find_controls" in drawn(panel.CharacterPanel)


def test_the_active_row_is_edited_below_the_list(editor, face):
    bpy.ops.rigtalk.find_controls()
    seen = drawn(panel.CharacterPanel)
    assert {"RIGTALK_UL_mapping", "control", "gain", "invert", "low", "trial"} <= set(seen)
    assert not {"channel", "bone"} & set(seen)
    face.rigtalk_mapping.rows[0].target = "gone"
    seen = drawn(panel.CharacterPanel)
    assert "trial" not in seen
    assert "Face has no shape key 'gone':" in " ".join(seen)


def test_bones_and_properties_show_what_they_need(editor, make_armature):
    rig = make_armature("Rig", ["jaw"])
    bpy.ops.rigtalk.mapping_add()
    row = rig.rigtalk_mapping.rows[0]
    row.kind = "BONE"
    assert "channel" in drawn(panel.CharacterPanel)
    row.kind = "PROPERTY"
    assert "bone" in drawn(panel.CharacterPanel)


@pytest.mark.parametrize("cls", [panel.MappingMenu, panel.PresetMenu])
def test_menus_draw(editor, face, cls):
    assert drawn(cls)


def test_everything_for_a_mapping_is_in_its_menu(editor, face):
    ours = {cls.bl_idname for cls in (*operators.CLASSES, *preset_operators.CLASSES)}
    assert ours - {*drawn(panel.MappingMenu), *drawn(panel.PresetMenu)} <= {
        "rigtalk.mapping_preset_apply"  # one entry for each preset
    }


def listed(face, *, search="", only_faults=False):
    """Controls that the list shows."""
    mapping = face.rigtalk_mapping
    mapping.only_faults = only_faults
    state = SimpleNamespace(filter_name=search, bitflag_filter_item=1 << 30)
    flags, order = panel.MappingList.filter_items(state, bpy.context, mapping, "rows")
    assert order == []
    rows = mapping.rows
    return [r.control for i, r in enumerate(rows) if not flags or flags[i]]


def test_the_list_is_searched_and_filtered(editor, face):
    bpy.ops.rigtalk.find_controls()
    assert len(listed(face)) == 52
    assert listed(face, search="JAWo") == ["jawOpen"]
    assert len(listed(face, search="face")) == 52
    face.rigtalk_mapping.rows[7].target = "gone"
    wrong = [face.rigtalk_mapping.rows[7].control]
    assert listed(face, only_faults=True) == wrong
    assert listed(face, search="gone") == wrong
    assert listed(face, search="jawOpen", only_faults=True) == []


def test_a_row_of_the_list_shows_what_is_wrong(editor, face):
    bpy.ops.rigtalk.find_controls()
    mapping = face.rigtalk_mapping
    mapping.rows[1].control = ""
    for row in list(mapping.rows)[:2]:
        seen: list[str] = []
        panel.MappingList.draw_item(
            None, bpy.context, Layout(seen), mapping, row, 0, mapping, "active"
        )
        assert seen == ["enabled", row.control or "(held)", row.target, "gain"]
