"""Takes are exported from the panel."""

from __future__ import annotations

import os

import bpy
import pytest

from rigtalk.blender_addon.dialogue.queue import Running
from rigtalk.core.files import read_performance

pytestmark = pytest.mark.usefixtures("extension")


def test_takes_go_to_the_folder(hero, tmp_path):
    hero.scene.frame_start, hero.scene.frame_end = 1, 20
    for name, frame in (("hi", 1), ("bye", 11)):
        hero.scene.timeline_markers.new(name, frame=frame)
    done = bpy.ops.rigtalk.export(
        directory=str(tmp_path), preset="json", per="line", takes="MARKERS", basename="Ann"
    )
    assert done == {"FINISHED"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Ann_bye.json", "Ann_hi.json"]
    assert len(read_performance(tmp_path / "Ann_hi.json")) == 10


def test_one_file_for_the_character(hero, tmp_path):
    assert bpy.ops.rigtalk.export(
        directory=str(tmp_path), preset="unity", per="character", takes="SCENE"
    ) == {"FINISHED"}
    assert [path.name for path in tmp_path.iterdir()] == ["Face.fbx"]


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("", "there is no folder to write to"),
        ("//out", "relative to a file that was never saved"),
        ("nowhere", "there is no folder"),
    ],
)
def test_a_folder_that_will_not_do_is_one_line(hero, tmp_path, folder, message):
    place = str(tmp_path / folder) if folder == "nowhere" else folder
    with pytest.raises(RuntimeError, match=message) as caught:
        bpy.ops.rigtalk.export(directory=place, preset="json", takes="SCENE")
    assert len(str(caught.value).strip().splitlines()) == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything is open to root")
def test_a_read_only_folder_is_one_line(hero, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(RuntimeError, match="read-only"):
        bpy.ops.rigtalk.export(directory=str(tmp_path), preset="json", takes="SCENE")


def test_the_button_is_grey_without_a_character_and_while_generating(hero, monkeypatch):
    assert bpy.ops.rigtalk.export.poll()
    monkeypatch.setattr(Running, "queue", object())
    assert not bpy.ops.rigtalk.export.poll()
    monkeypatch.setattr(Running, "queue", None)
    bpy.context.view_layer.objects.active = None
    assert not bpy.ops.rigtalk.export.poll()


def test_every_property_is_described():
    for kind in (bpy.types.RIGTALK_OT_export, bpy.types.RIGTALK_OT_export_fbx):
        assert kind.__doc__
    own = bpy.ops.rigtalk.export.get_rna_type().properties
    undescribed = [p.identifier for p in own if not p.description and p.identifier != "rna_type"]
    assert not undescribed
