"""``rigtalk export`` on a saved scene."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest

from rigtalk.blender_addon.dialogue.line import new_line
from rigtalk.blender_addon.host import BlenderHost
from rigtalk.core.cli import main
from rigtalk.core.files import read_performance


@pytest.fixture
def saved(hero, tmp_path) -> Path:
    path = tmp_path / "scene.blend"
    hero.scene.frame_start, hero.scene.frame_end = 1, 30
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return path


def run(*words: object) -> int:
    return main([str(word) for word in words], BlenderHost())


def test_takes_of_the_command_line(saved, tmp_path, capfd):
    out = tmp_path / "out"
    words = ("export", saved, "--preset", "json", "-o", out, "--takes", "a:-9-4,b b:7-30")
    assert run(*words) == 0
    assert sorted(path.name for path in out.iterdir()) == ["Face_a.json", "Face_b b.json"]
    assert len(read_performance(out / "Face_a.json")) == 14
    assert capfd.readouterr().out.split("\n")[:2] == [
        str(out / "Face_a.json"),
        str(out / "Face_b b.json"),
    ]


def test_lines_that_were_saved_with_the_scene_are_takes(extension, hero, tmp_path):
    line = new_line(hero.scene, "hello there")
    line.character, line.made, line.first, line.last = hero.face, True, 3.0, 12.0
    scene = tmp_path / "scene.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(scene))
    assert run("export", scene, "--preset", "unity", "-o", tmp_path, "--object", "Face") == 0
    assert (tmp_path / "Face_hello there.fbx").is_file()


def test_without_lines_the_frame_range_is_written(saved, tmp_path):
    assert run("export", saved, "--preset", "json", "-o", tmp_path, "--per", "character") == 0
    assert len(read_performance(tmp_path / "Face.json")) == 30
    assert not hasattr(bpy.types.Scene, "rigtalk")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--preset", "maya"], "unknown preset 'maya'"),
        (["--preset", "json", "--object", "Nobody"], "there is no object 'Nobody'"),
        (["--preset", "json", "--takes", "a:1"], "the take 'a:1' is not understood"),
        (["--preset", "json", "--takes", "a:4-1"], "the take a is empty"),
        (["--preset", "json", "--takes", "a:1-2,A:3-4"], "would both be written"),
    ],
)
def test_bad_words_are_one_line_and_leave_nothing(saved, tmp_path, capfd, words, message):
    out = tmp_path / "out"
    assert run("export", saved, "-o", out, *words) == 2
    complaint = capfd.readouterr().err.strip().splitlines()
    assert len(complaint) == 1
    assert message in complaint[0]
    assert not out.exists()


def test_two_characters_must_be_told_apart(hero, make_mesh, tmp_path, capfd):
    make_mesh("Second", [block.name for block in hero.face.data.shape_keys.key_blocks[1:]])
    scene = tmp_path / "scene.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(scene))
    assert run("export", scene, "--preset", "json", "-o", tmp_path) == 2
    assert "choose with --object one of Face, Second" in capfd.readouterr().err


def test_a_folder_that_is_a_file_or_lies_nowhere_is_refused(saved, tmp_path, capfd):
    assert run("export", saved, "--preset", "json", "-o", saved) == 2
    assert "is a file: name a folder" in capfd.readouterr().err
    assert run("export", saved, "--preset", "json", "-o", tmp_path / "a" / "b") == 2
    assert "cannot be made" in capfd.readouterr().err
    assert run("export", tmp_path / "no.blend", "--preset", "json", "-o", tmp_path / "a") == 2
    assert not (tmp_path / "a").exists()
