"""The sub-panel draws in every state."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from rigtalk.blender_addon.gaussian import labels, standing
from rigtalk.blender_addon.gaussian.baking import Running
from rigtalk.blender_addon.gaussian.panel import GaussianPanel
from rigtalk.blender_addon.gaussian.properties import holder_of

from ..ui.test_panel import Layout

WIDEST = 36
"""Letters beside an icon in a sidebar as wide as it opens."""


def drawn() -> list[Any]:
    seen: list[Any] = []
    panel = SimpleNamespace(layout=Layout(seen))
    assert GaussianPanel.poll(bpy.context)
    GaussianPanel.draw(panel, bpy.context)
    texts = [each for each in seen if isinstance(each, str)]
    assert all(len(text) <= WIDEST for text in texts if " " in text), texts
    return seen


def test_without_an_object_there_is_no_panel(extension, scene):
    assert not GaussianPanel.poll(bpy.context)


def test_a_character_without_a_head(extension, ball):
    seen = drawn()
    assert {"quality", "engine", "gaussians", "filepath"} <= set(map(str, seen))
    assert "rigtalk.bake_gaussian_head" in seen
    assert "156 pictures, up to 50,000 Gaussians" in seen
    assert "rigtalk.gaussian_preview" not in seen
    ball.rigtalk_gaussian.gaussians = 1234
    assert "156 pictures, up to 1,234 Gaussians" in drawn()


def test_a_head_says_what_it_is(extension, with_head):
    seen = drawn()
    assert f"{len(with_head.data.vertices)} Gaussians, 34.6 dB" in seen
    assert "rigtalk.gaussian_preview" in seen


def test_what_is_being_done_takes_the_place_of_the_button(extension, ball, monkeypatch):
    monkeypatch.setattr(Running, "bake", object())
    standing.say(ball, "Picture 1 of 2", 0.5)
    seen = drawn()
    assert "Picture 1 of 2" in seen
    assert "rigtalk.cancel_gaussian_bake" in seen
    assert "rigtalk.bake_gaussian_head" not in seen
    monkeypatch.undo()
    standing.say(ball, "It went wrong, and that is why it has to be said at length")
    assert "rigtalk.bake_gaussian_head" in drawn()
    standing.clear(ball)


def test_the_time_that_is_left_is_told_once_there_is_a_pace(extension, ball, monkeypatch):
    clock = SimpleNamespace(now=0.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(standing, "time", clock)
    standing.say(ball, "Picture 40 of 100", 0.4)  # gone on with
    clock.now = 60.0
    standing.say(ball, "Picture 41 of 100", 0.41)
    assert standing.seconds_left(ball) is None
    standing.say(ball, "Picture 50 of 100", 0.5)
    assert standing.seconds_left(ball) == pytest.approx(300.0)
    assert "About 5 minutes left" in drawn()
    standing.say(ball, "Done")
    assert standing.seconds_left(ball) is None
    standing.clear(ball)


@pytest.mark.parametrize(
    ("break_it", "complaint"),
    [
        (lambda character: Path(character.rigtalk_gaussian.filepath).unlink(), "no such file"),
        (lambda character: character.modifiers.new("Much", "SOLIDIFY"), "was made for another"),
        (lambda character: setattr(character, "name", "Other"), "gone or renamed"),
    ],
)
def test_faults_are_told(extension, with_head, break_it, complaint):
    break_it(with_head)
    bpy.context.view_layer.update()
    labels.forget()
    assert complaint in " ".join(each for each in drawn() if isinstance(each, str))


def test_wherever_a_character_is_clicked_its_head_is_meant(extension, with_head):
    armature = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    bpy.context.scene.collection.objects.link(armature)
    with_head.parent = armature
    with_head.modifiers.new("Armature", "ARMATURE").object = armature
    bpy.context.view_layer.objects.active = armature
    bpy.context.view_layer.update()
    assert holder_of(armature) == with_head
    assert f"{len(with_head.data.vertices)} Gaussians, 34.6 dB" in drawn()


def test_settings_stay_with_the_file(extension, with_head, tmp_path):
    settings = with_head.rigtalk_gaussian
    settings.quality, settings.engine, settings.gaussians = "fine", "CYCLES", 777
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    settings = bpy.data.objects["Ball"].rigtalk_gaussian
    assert (settings.quality, settings.engine, settings.gaussians) == ("fine", "CYCLES", 777)
    assert bpy.path.abspath(settings.filepath) == str(tmp_path / "ball.splathead")
