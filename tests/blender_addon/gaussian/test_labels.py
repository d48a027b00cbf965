"""What the panel knows of a head's file and of the meshes that it was made on."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest

from rigtalk.blender_addon.gaussian import labels
from rigtalk.blender_addon.gaussian.labels import label_of, parts_fault


def fault_now(character: bpy.types.Object) -> str:
    return parts_fault(label_of(character), bpy.context.view_layer.depsgraph)


def test_a_good_file(extension, with_head):
    label = label_of(with_head)
    assert label.fault == ""
    assert label.head.gaussians == len(with_head.data.vertices)
    assert label.objects == ("Ball",)
    assert fault_now(with_head) == ""


def test_it_is_read_once(extension, with_head, monkeypatch):
    first = label_of(with_head)
    monkeypatch.setattr(labels, "read_head_label", lambda path: pytest.fail("read again"))
    monkeypatch.setattr(labels, "_SECONDS", -1.0)
    assert label_of(with_head) is first


def test_another_file_in_its_place_is_seen(extension, with_head, monkeypatch):
    label_of(with_head)
    Path(with_head.rigtalk_gaussian.filepath).write_bytes(b"something else")
    assert label_of(with_head).fault == "", "files are asked for their date every few seconds"
    monkeypatch.setattr(labels, "_SECONDS", -1.0)
    assert "not a head" in label_of(with_head).fault


def test_a_missing_file_is_said_without_its_path(extension, ball, tmp_path):
    ball.rigtalk_gaussian.filepath = str(tmp_path / "none.splathead")
    assert label_of(ball).fault == "no such file"


def test_a_relative_file_of_a_scene_that_was_never_saved(extension, ball):
    ball.rigtalk_gaussian.filepath = "//head.splathead"
    assert "never saved" in label_of(ball).fault


def test_an_edited_mesh(extension, with_head):
    with_head.modifiers.new("More", "TRIANGULATE")
    bpy.context.view_layer.update()
    assert fault_now(with_head) == "", "the same triangles"
    with_head.modifiers.new("Much", "SOLIDIFY")
    bpy.context.view_layer.update()
    assert "another mesh" in fault_now(with_head)


def test_a_mesh_that_is_gone(extension, with_head):
    with_head.name = "Other"
    assert "Ball is gone" in fault_now(with_head)


def test_what_cannot_be_counted_is_not_complained_about(extension, with_head):
    with_head.modifiers.new("Fine", "SUBSURF")
    bpy.context.view_layer.update()
    assert fault_now(with_head) == ""
