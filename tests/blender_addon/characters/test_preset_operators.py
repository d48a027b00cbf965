"""Mappings go to files and presets and come back on another character."""

from __future__ import annotations

import bpy
import pytest

from rigtalk import rigs
from rigtalk.blender_addon.characters import preset_operators

ARKIT = rigs.control_set("arkit").names[:52]


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """The user's folder of presets, for this test alone."""
    folder = tmp_path / "presets"
    folder.mkdir()
    monkeypatch.setattr(bpy.utils, "user_resource", lambda *_, **__: str(folder))
    monkeypatch.setattr(bpy.utils, "preset_paths", lambda _: [str(folder)])
    return folder


@pytest.fixture
def tuned(editor, face):
    """A face with a mapping that differs from what is found."""
    bpy.ops.rigtalk.find_controls()
    face.rigtalk_mapping.rows[3].gain = 0.5
    return face


def test_a_file_goes_from_one_character_to_another(tuned, make_mesh, tmp_path):
    path = tmp_path / "tuned.json"
    assert bpy.ops.rigtalk.mapping_save(filepath=str(path)) == {"FINISHED"}
    other = make_mesh("Other", ARKIT)
    assert bpy.ops.rigtalk.mapping_load(filepath=str(path)) == {"FINISHED"}
    assert other.rigtalk_mapping.rows[3].gain == 0.5
    assert other.rigtalk_mapping.rows[3].thing == other


def test_a_wrong_file_changes_nothing(tuned, tmp_path):
    path = tmp_path / "wrong.json"
    path.write_text("{}", "utf-8")
    with pytest.raises(RuntimeError, match="is not a mapping"):
        bpy.ops.rigtalk.mapping_load(filepath=str(path))
    assert (len(tuned.rigtalk_mapping.rows), tuned.rigtalk_mapping.rows[3].gain) == (52, 0.5)


def test_a_file_that_cannot_be_written_is_said(tuned, tmp_path):
    with pytest.raises(RuntimeError, match="there is no folder"):
        bpy.ops.rigtalk.mapping_save(filepath=str(tmp_path / "no" / "a.json"))


def test_presets_are_kept_applied_and_removed(tuned, make_mesh, own_folder):
    bpy.ops.rigtalk.mapping_preset_add(name="My Hero: v2")
    assert len(list(own_folder.glob("*.json"))) == 1
    [name] = preset_operators.preset_files()
    assert name.startswith("My Hero")
    other = make_mesh("Other", ARKIT)
    bpy.ops.rigtalk.mapping_preset_apply(name=name)
    assert other.rigtalk_mapping.rows[3].gain == 0.5
    bpy.ops.rigtalk.mapping_preset_remove(name=name)
    assert not preset_operators.preset_files()
    with pytest.raises(RuntimeError, match="there is no preset"):
        bpy.ops.rigtalk.mapping_preset_apply(name=name)


def test_a_preset_needs_a_name_of_its_own(tuned, own_folder):
    for name in ("", "   ", "///"):
        with pytest.raises(RuntimeError, match="has no name"):
            bpy.ops.rigtalk.mapping_preset_add(name=name)
    bpy.ops.rigtalk.mapping_preset_add(name="../../outside")
    assert len(list(own_folder.glob("*.json"))) == 1


def test_presets_of_others_are_not_removed(tuned, tmp_path, monkeypatch):
    bpy.ops.rigtalk.mapping_preset_add(name="Shared")
    monkeypatch.setattr(bpy.utils, "user_resource", lambda *_, **__: str(tmp_path / "mine"))
    with pytest.raises(RuntimeError, match="not among your own presets"):
        bpy.ops.rigtalk.mapping_preset_remove(name="Shared")
    assert preset_operators.preset_files()
