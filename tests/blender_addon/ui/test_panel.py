"""The panel draws in every state; what it shows is there to be shown."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from rigtalk.blender_addon.dialogue import operators, queue
from rigtalk.blender_addon.dialogue.line import new_line
from rigtalk.blender_addon.dialogue.status import Status
from rigtalk.blender_addon.ui import lines, panel


class Layout:
    """Writes down what is drawn, and refuses what Blender would refuse."""

    def __init__(self, seen: list[str]) -> None:
        self.seen = seen

    def prop(self, data: Any, name: str, **words: Any) -> None:
        assert name in data.bl_rna.properties, name
        self._icon(words)
        self.seen.append(name)

    def operator(self, name: str, **words: Any) -> Any:
        assert name.partition(".")[2] in dir(bpy.ops.rigtalk), name
        self._icon(words)
        self.seen.append(name)
        given = SimpleNamespace()
        self.seen.append(given)  # type: ignore[arg-type] - what is set on it is looked at later
        return given

    def operator_menu_enum(self, name: str, _property: str, **words: Any) -> None:
        self.operator(name, **words)

    def label(self, *, text: str, icon: str = "NONE", translate: bool = True) -> None:
        assert len(text) < 60
        self._icon({"icon": icon})
        self.seen.append(text)

    def progress(self, *, factor: float, text: str) -> None:
        assert 0.0 <= factor <= 1.0
        self.seen.append(text)

    def menu(self, name: str, **words: Any) -> None:
        assert hasattr(bpy.types, name), name
        self.seen.append(name)

    def template_list(self, kind: str, _id: str, data: Any, name: str, at: Any, active: str, **_):
        assert hasattr(bpy.types, kind), kind
        assert name in data.bl_rna.properties
        assert active in at.bl_rna.properties
        self.seen.append(kind)

    def separator(self) -> None:
        pass

    def row(self, **_: Any) -> Layout:
        return Layout(self.seen)

    column = box = split = row

    @staticmethod
    def _icon(words: dict[str, Any]) -> None:
        icons = bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items
        assert words.get("icon", "NONE") in icons, words


def drawn(cls: type) -> list[str]:
    seen: list[Any] = []
    cls.draw(SimpleNamespace(layout=Layout(seen)), bpy.context)
    return [each for each in seen if isinstance(each, str)]


@pytest.fixture
def spoken(extension, face):
    said = new_line(bpy.context.scene, "Said")
    said.character = face
    return said


def test_an_empty_list_says_how_to_begin(extension, scene):
    seen = drawn(panel.MainPanel)
    assert {"rigtalk.add_lines", "rigtalk.fill_from_strips", "rigtalk.add_head"} <= set(seen)
    assert "rigtalk.generate" not in seen
    assert not panel.KeysPanel.poll(bpy.context)


def test_a_character_is_shown_with_what_was_found(spoken):
    seen = drawn(panel.MainPanel)
    at = seen.index("Face")
    assert seen[at : at + 3] == ["Face", "ARKit shape keys", "52 of 52 shape keys"]
    assert {"audio_path", "script", "start_frame", "emotion", "rigtalk.generate"} <= set(seen)
    spoken.audio_source = "STRIP"
    assert "audio_strip" in drawn(panel.MainPanel)


def test_what_is_wrong_with_a_character_is_said(spoken, make_mesh):
    spoken.character = make_mesh("Prop", ["bend"])
    assert any("Prop" in text for text in drawn(panel.MainPanel))
    spoken.character = None
    seen = drawn(panel.MainPanel)
    assert "Choose who speaks the line" in seen
    assert "rigtalk.add_head" in seen


def test_what_is_wrong_with_a_line_is_said(spoken):
    spoken.fault = "the recording gone.wav does not exist: choose another"
    seen = drawn(panel.MainPanel)
    assert any(text.startswith("the recording gone.wav") for text in seen)


def test_several_lines_are_generated_together(spoken):
    assert drawn(panel.MainPanel).count("rigtalk.generate") == 1
    new_line(bpy.context.scene, "Other")
    assert drawn(panel.MainPanel).count("rigtalk.generate") == 4


def test_while_it_works_progress_and_cancel_take_the_place_of_the_button(spoken, monkeypatch):
    entry = queue.Entry(0, spoken.uid, "Said", fraction=0.25)
    running = SimpleNamespace(
        entries=[entry], fraction=0.25, entry=lambda uid: entry, stop=lambda: None
    )
    monkeypatch.setattr(queue.Running, "queue", running)
    seen = drawn(panel.MainPanel)
    assert "Listening: 25%" in seen
    assert "rigtalk.cancel" in seen
    assert "rigtalk.generate" not in seen
    assert operators.why_not_generate(bpy.context) == "Lines are being generated"
    assert _row(spoken) == ["chosen", "Said"]


def test_a_row_shows_how_a_line_stands(spoken):
    assert _row(spoken) == ["chosen", "name", "Face"]
    spoken.character = None
    assert _row(spoken)[-1] == "Nobody"


def test_every_status_has_an_icon_of_blenders():
    icons = bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items
    assert all(status.icon in icons for status in Status)


@pytest.mark.parametrize(("cls", "count"), [(panel.MixPanel, 7), (panel.StrengthPanel, 9)])
def test_every_slider_is_a_setting(spoken, cls, count):
    assert len(set(drawn(cls))) == count


def test_a_range_is_asked_for_only_where_it_counts(spoken):
    settings = bpy.context.scene.rigtalk
    assert "range_first" not in drawn(panel.KeysPanel)
    settings.use_range = True
    assert {"range_first", "range_last"} <= set(drawn(panel.KeysPanel))


def _row(line: Any) -> list[str]:
    seen: list[Any] = []
    lines.LineList.draw_item(
        SimpleNamespace(), bpy.context, Layout(seen), None, line, 0, None, "active"
    )
    return seen
