"""The panel draws in every state; what it shows is there to be shown."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from rigtalk.blender_addon.dialogue import jobs, operators
from rigtalk.blender_addon.ui import panel


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

    def label(self, *, text: str, icon: str = "NONE") -> None:
        assert len(text) < 60
        self.seen.append(text)

    def progress(self, *, factor: float, text: str) -> None:
        assert 0.0 <= factor <= 1.0
        self.seen.append(text)

    def separator(self) -> None:
        pass

    def row(self, **_: Any) -> Layout:
        return Layout(self.seen)

    column = box = row


def drawn(cls: type) -> list[str]:
    seen: list[str] = []
    cls.draw(SimpleNamespace(layout=Layout(seen)), bpy.context)
    return seen


def test_a_character_is_shown_with_what_was_found(extension, face):
    seen = drawn(panel.MainPanel)
    assert seen[4:7] == ["Face", "ARKit shape keys", "52 of 52 shape keys"]
    assert {"audio_path", "start_frame", "emotion", "rigtalk.generate"} <= set(seen)
    bpy.context.scene.rigtalk.audio_source = "STRIP"
    assert "audio_strip" in drawn(panel.MainPanel)


def test_where_there_is_no_character_one_is_offered(extension, scene, make_mesh):
    assert "rigtalk.add_head" in drawn(panel.MainPanel)
    make_mesh("Prop", ["bend"])
    seen = drawn(panel.MainPanel)
    assert "rigtalk.add_head" in seen
    assert any("Prop" in text for text in seen)


def test_while_it_works_progress_and_cancel_take_the_place_of_the_button(
    extension, face, monkeypatch
):
    job = SimpleNamespace(generation=SimpleNamespace(fraction=0.25, stop=lambda: None))
    monkeypatch.setattr(jobs.Running, "job", job)
    seen = drawn(panel.MainPanel)
    assert "Listening: 25%" in seen
    assert "rigtalk.cancel" in seen
    assert "rigtalk.generate" not in seen
    assert operators.why_not_generate(bpy.context) == "A line is being generated"


@pytest.mark.parametrize(("cls", "count"), [(panel.MixPanel, 7), (panel.StrengthPanel, 8)])
def test_every_slider_is_a_setting(extension, cls, count):
    assert len(set(drawn(cls))) == count
