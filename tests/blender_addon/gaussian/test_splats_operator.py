"""Frames of a head for other programs: where the character stands in the scene."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

from rigtalk.blender_addon.gaussian import splats_operator
from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.files.formats import read_splats

from .conftest import complaint


def export(path: Path, **words: object) -> set[str]:
    return bpy.ops.rigtalk.export_gaussian_frames(filepath=str(path), **words)


def world(thing: bpy.types.Object) -> np.ndarray:
    shown = thing.evaluated_get(bpy.context.evaluated_depsgraph_get())
    places = np.array([vertex.co for vertex in shown.data.vertices])
    matrix = np.array(shown.matrix_world)
    return places @ matrix[:3, :3].T + matrix[:3, 3]


@pytest.mark.parametrize(("suffix", "gap"), [(".ply", 1e-5), (".spz", 1e-4), (".glb", 1e-5)])
def test_the_frame_that_is_shown(extension, with_head, tmp_path, suffix, gap):
    with_head.location, with_head.rotation_euler.z = (0.5, -1.0, 2.0), 1.0
    with_head.scale = (3.0,) * 3
    with_head.data.shape_keys.key_blocks["jawOpen"].value = 1.0
    bpy.context.view_layer.update()
    assert export(tmp_path / "now.xyz", format=suffix) == {"FINISHED"}
    written = read_splats(tmp_path / f"now{suffix}")[0]
    np.testing.assert_allclose(written.positions, world(with_head), atol=gap)


def test_a_range_is_a_file_for_each_frame(extension, with_head, tmp_path):
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 4, 6
    block = with_head.data.shape_keys.key_blocks["jawOpen"]
    for frame, value in ((4, 0.0), (6, 1.0)):
        block.value = value
        block.keyframe_insert("value", frame=frame)
    scene.frame_set(5, subframe=0.25)
    assert export(tmp_path / "shot.ply", frames="RANGE") == {"FINISHED"}
    assert sorted(path.name for path in tmp_path.glob("shot*")) == [
        "shot.0004.ply", "shot.0005.ply", "shot.0006.ply",
    ]  # fmt: skip
    assert (scene.frame_current, scene.frame_subframe) == (5, 0.25)
    first, middle, last = (
        read_splats(tmp_path / f"shot.{n:04d}.ply")[0].positions for n in (4, 5, 6)
    )
    assert np.abs(last - first).max() > 0.01
    np.testing.assert_allclose(middle, (first + last) / 2, atol=2e-3)  # eased by the keys


def test_bad_input_gets_one_line_and_leaves_nothing(extension, with_head, tmp_path):
    there = sorted(tmp_path.iterdir())
    for path, mention in (
        ("", "no file was chosen"),
        ("//now.ply", "never saved"),
        (str(tmp_path / "none" / "now.ply"), "there is no folder"),
    ):
        assert mention in complaint(bpy.ops.rigtalk.export_gaussian_frames, filepath=path)
    with_head.modifiers.new("Much", "SOLIDIFY")
    refusal = complaint(bpy.ops.rigtalk.export_gaussian_frames, filepath=str(tmp_path / "a.ply"))
    assert "another mesh" in refusal
    assert sorted(tmp_path.iterdir()) == there


def test_the_frame_comes_back_if_a_frame_fails(extension, with_head, monkeypatch):
    scene = bpy.context.scene
    scene.frame_set(9)

    def fail(*_: object) -> None:
        raise RigtalkError("no")

    monkeypatch.setattr(splats_operator.Follower, "look", fail)
    head = splats_operator.read_head(Path(with_head.rigtalk_gaussian.filepath))
    frames = splats_operator.frames_of(head, with_head, bpy.context, range(1, 4))
    with pytest.raises(RigtalkError):
        next(frames)
    assert scene.frame_current == 9


def test_without_a_head_the_button_is_grey(extension, ball):
    assert not bpy.ops.rigtalk.export_gaussian_frames.poll()
