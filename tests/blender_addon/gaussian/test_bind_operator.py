"""A captured head becomes that of a character, at once or behind the scenes."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

from rigtalk.core.splat.files.formats import read_splats, write_splats
from rigtalk.core.splat.files.head_file import read_head
from rigtalk.core.splat.gaussians import Gaussians

from .conftest import complaint

GAP = 2e-6  # metres: positions are float32 and went through two matrices


def bind(path: Path, **words: object) -> set[str]:
    return bpy.ops.rigtalk.bind_gaussian_scan(filepath=str(path), **words)


def bound(character: bpy.types.Object):
    return read_head(Path(bpy.path.abspath(character.rigtalk_gaussian.filepath)))


def test_what_lies_in_place_stays_there_in_the_world(extension, ball, capture_file):
    ball.location, ball.scale, ball.rotation_euler.x = (1.0, 2.0, 3.0), (2.0,) * 3, 0.5
    bpy.context.view_layer.update()
    captured = read_splats(capture_file)[0]
    matrix = np.array(ball.matrix_world)
    write_splats(capture_file, captured.transformed(matrix[:3, :3] / 2, 2.0, matrix[:3, 3]))
    assert bind(capture_file, align=False, within=0.1) == {"FINISHED"}
    head = bound(ball)
    assert len(head) == len(captured) - 1, "what is far away was kept"
    np.testing.assert_allclose(head.gaussians.positions, captured.positions[:-1], atol=GAP)
    assert head.facts["source"] == "capture.ply"
    assert len(head.shape_names) == 52


def test_it_is_aligned_and_the_distance_is_told(extension, ball, capture_file, capfd):
    captured = read_splats(capture_file)[0].take(slice(0, -1))
    write_splats(capture_file, captured.transformed(np.eye(3), 7.0, (1.0, 2.0, 3.0)))
    assert bind(capture_file, keep=1.0) == {"FINISHED"}
    head = bound(ball)
    far = np.linalg.norm(head.gaussians.positions, axis=1)
    np.testing.assert_allclose(far, 0.1, rtol=0.04)  # the ball's radius; its faces are flat
    assert head.facts["alignment scale"] == pytest.approx(1 / 7, rel=0.05)
    assert "mm from the mesh" in capfd.readouterr().out


@pytest.mark.parametrize("align", [False, True])
def test_an_empty_puts_it_roughly_in_place(extension, ball, capture_file, align):
    turn = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])  # lies on its back
    captured = read_splats(capture_file)[0].take(slice(0, -1))
    write_splats(capture_file, captured.transformed(turn, 10.0, (0.0, 0.0, 5.0)))
    empty = bpy.data.objects.new("Here", None)
    bpy.context.scene.collection.objects.link(empty)
    empty.rotation_euler.x, empty.scale = -np.pi / 2, (0.1,) * 3
    empty.location = (0.0, -0.5, 0.0)
    bpy.context.view_layer.update()
    assert bind(capture_file, align=align, start="Here", keep=1.0) == {"FINISHED"}
    np.testing.assert_allclose(
        bound(ball).gaussians.positions, captured.positions, atol=0.002 if align else GAP
    )


def test_undo_takes_it_back(extension, ball, capture_file):
    bpy.ops.ed.undo_push(message="before")
    bind(capture_file, align=False)
    assert ball.rigtalk_gaussian.filepath
    bpy.ops.ed.undo()
    assert not bpy.data.objects["Ball"].rigtalk_gaussian.filepath


def test_no_head_is_written_over_another(extension, ball, capture_file):
    names = set()
    for _ in range(3):
        bind(capture_file, align=False)
        names.add(Path(ball.rigtalk_gaussian.filepath).name)
    assert len(names) == 3
    assert all((capture_file.parent / name).is_file() for name in names)


def test_a_saved_scene_names_it_relative(extension, ball, capture_file, tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    bind(capture_file, align=False)
    assert bpy.data.objects["Ball"].rigtalk_gaussian.filepath == "//capture on Ball.splathead"


def test_the_character_is_left_as_it_was(extension, ball, capture_file):
    keys = ball.data.shape_keys.key_blocks
    keys["jawOpen"].value = 0.7
    bind(capture_file, align=False)
    assert keys["jawOpen"].value == pytest.approx(0.7)
    assert bound(ball).mesh.vertices == pytest.approx(
        np.array([vertex.co for vertex in ball.data.vertices])
    )


def test_bad_input_gets_one_line_and_changes_nothing(extension, ball, capture_file, tmp_path):
    cut = tmp_path / "cut.ply"
    cut.write_bytes(capture_file.read_bytes()[:-5])
    nothing, text = tmp_path / "nothing.ply", tmp_path / "text.splat"
    write_splats(nothing, Gaussians.empty())
    text.write_text("hello")
    shear = bpy.data.objects.new("Shear", None)
    bpy.context.scene.collection.objects.link(shear)
    shear.scale = (1.0, 2.0, 1.0)
    bpy.context.view_layer.update()
    before = sorted(tmp_path.iterdir())
    for words, mention in (
        ({"filepath": ""}, "no file was chosen"),
        ({"filepath": "//capture.ply"}, "never saved"),
        ({"filepath": str(tmp_path / "none.ply")}, "no such file"),
        ({"filepath": str(tmp_path)}, "no such file"),
        ({"filepath": str(cut)}, "cut.ply"),
        ({"filepath": str(text)}, "text.splat"),
        ({"filepath": str(nothing)}, "no Gaussians"),
        ({"filepath": str(capture_file), "start": "Nobody"}, "'Nobody'"),
        ({"filepath": str(capture_file), "start": "Shear"}, "Shear is mirrored"),
    ):
        assert mention in complaint(bpy.ops.rigtalk.bind_gaussian_scan, **words)
        assert sorted(tmp_path.iterdir()) == before
        assert not ball.rigtalk_gaussian.filepath


def test_the_button_says_why_it_is_grey(extension, scene):
    assert not bpy.ops.rigtalk.bind_gaussian_scan.poll()
    bpy.ops.mesh.primitive_cube_add()
    assert not bpy.ops.rigtalk.bind_gaussian_scan.poll(), "a cube is no character"
