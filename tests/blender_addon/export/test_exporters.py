"""What is exported says the same when it is imported."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np
import pytest

from rigtalk import rigs
from rigtalk.blender_addon import compat
from rigtalk.blender_addon.animation import keys
from rigtalk.blender_addon.characters import targets
from rigtalk.blender_addon.export import exporters as export
from rigtalk.blender_addon.export.glb import read_glb
from rigtalk.core.errors import RigtalkError
from rigtalk.core.performance import Performance

ARKIT = rigs.control_set("arkit")
TOLERANCE = 1e-4  # FBX keeps percents as float32: 6e-8 in fact; glTF and USD keep float32

IMPORTERS: dict[str, Callable[[str], object]] = {
    ".fbx": lambda path: bpy.ops.import_scene.fbx(filepath=path, anim_offset=0.0),
    ".glb": lambda path: bpy.ops.import_scene.gltf(filepath=path),
    ".usd": lambda path: bpy.ops.wm.usd_import(filepath=path),
}


def animate(face: bpy.types.Object, scene: bpy.types.Scene, frames: int = 60) -> Performance:
    values = np.random.default_rng(1).uniform(0, 1, (frames, 61)).astype(np.float32)
    performance = Performance(values, keys.scene_fps(scene), ARKIT)
    channels = targets.find_target(face).channels
    keys.write_performance(performance, channels, scene=scene, start_frame=1)
    scene.frame_start, scene.frame_end = 1, frames
    return performance


@pytest.mark.parametrize("suffix", export.EXPORTERS)
def test_every_format_returns_the_curves(scene, face, tmp_path, suffix):
    performance = animate(face, scene)
    path = tmp_path / f"face{suffix}"
    export.export_scene(path, objects=[face], scene=scene)
    assert [item.name for item in tmp_path.iterdir()] == [path.name]

    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.scene.render.fps, bpy.context.scene.render.fps_base = 60, 1.0
    IMPORTERS[suffix](str(path))
    (mesh,) = (item for item in bpy.data.objects if item.type == "MESH")
    blocks = mesh.data.shape_keys.key_blocks
    for frame in (1, 2, 31, 60):
        bpy.context.scene.frame_set(frame)
        shown = [blocks[name].value for name in ARKIT.names[:52]]
        np.testing.assert_allclose(shown, performance.values[frame - 1, :52], atol=TOLERANCE)


@pytest.mark.parametrize("suffix", export.EXPORTERS)
def test_a_face_that_a_board_drives_is_written_as_it_looks(scene, face, board, tmp_path, suffix):
    driver = face.data.shape_keys.key_blocks["jawOpen"].driver_add("value").driver
    variable = driver.variables.new()
    variable.targets[0].id = board
    variable.targets[0].data_path = 'pose.bones["CTRL_C_jaw"].location[1]'
    driver.expression = f"{variable.name} * 0.5"
    target = targets.find_target(board)
    values = np.zeros((20, len(target.controls)), dtype=np.float32)
    jaw = np.random.default_rng(3).uniform(0, 1, 20).astype(np.float32)
    values[:, target.controls.index("CTRL_C_jaw.Y")] = jaw
    performance = Performance(values, 60.0, target.controls)
    keys.write_performance(performance, target.channels, scene=scene, start_frame=1)
    scene.frame_start, scene.frame_end = 1, 20
    path = tmp_path / f"face{suffix}"
    export.export_scene(path, objects=[face, board], scene=scene)

    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.context.scene.render.fps, bpy.context.scene.render.fps_base = 60, 1.0
    IMPORTERS[suffix](str(path))
    shape_keys = (item.data.shape_keys for item in bpy.data.objects if item.type == "MESH")
    (blocks,) = (keys_of.key_blocks for keys_of in shape_keys if keys_of is not None)
    for frame in (1, 2, 11, 20):
        bpy.context.scene.frame_set(frame)
        assert blocks["jawOpen"].value == pytest.approx(jaw[frame - 1] * 0.5, abs=TOLERANCE)


def test_times_in_an_fbx_are_right_at_29_97_fps(scene, face, tmp_path):
    """Blender's importer places keys as if 29.97 were 30, so its frames are 1.001 too late."""
    scene.render.fps, scene.render.fps_base = 30, 1.001
    performance = animate(face, scene, 600)
    path = tmp_path / "face.fbx"
    export.export_scene(path, objects=[face], scene=scene)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_scene.fbx(filepath=str(path), anim_offset=0.0)
    (mesh,) = (item for item in bpy.data.objects if item.type == "MESH")
    curve = compat.curves_to_read(mesh.data.shape_keys).fcurves.find('key_blocks["jawOpen"].value')
    points = np.array([point.co for point in curve.keyframe_points])
    np.testing.assert_allclose(points[:, 0] / 1.001, np.arange(1, 601), atol=1e-3)
    np.testing.assert_allclose(points[:, 1], performance.curve("jawOpen"), atol=TOLERANCE)


def test_selection_and_visibility_are_given_back(scene, face, make_mesh, tmp_path):
    other = make_mesh("Other", ["bend"])
    animate(face, scene, 2)
    face.hide_set(True)
    other.select_set(True)
    scene.frame_set(7)
    export.export_scene(tmp_path / "face.fbx", objects=[face], scene=scene)
    assert face.hide_get()
    assert not face.select_get()
    assert other.select_get()
    assert scene.frame_current == 7


def test_only_the_character_is_written(scene, face, make_mesh, tmp_path):
    make_mesh("Other", ["bend"])
    export.export_scene(tmp_path / "face.fbx", objects=[face], scene=scene)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_scene.fbx(filepath=str(tmp_path / "face.fbx"))
    assert [item.name for item in bpy.data.objects] == ["Face"]


def test_unknown_formats_are_refused(scene, face, tmp_path):
    with pytest.raises(RigtalkError, match=r"face\.obj: the endings are \.fbx, \.glb, \.usd"):
        export.write_export(
            Path("face.obj"), part=tmp_path / "part.obj", objects=[face], scene=scene
        )
    assert not list(tmp_path.iterdir())


def test_an_object_outside_the_view_layer_is_refused(scene, face, tmp_path):
    scene.collection.objects.unlink(face)
    with pytest.raises(RigtalkError, match="Face is not in the view layer"):
        export.export_scene(tmp_path / "face.fbx", objects=[face], scene=scene)


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files as Linux can")
@pytest.mark.parametrize("suffix", [*export.EXPORTERS, ".blend"])
def test_a_full_disk_is_one_line_and_leaves_no_file(tmp_path, suffix):
    script = tmp_path / "full.py"
    script.write_text(FULL_DISK)
    out = tmp_path / "out"
    out.mkdir()
    answer = subprocess.run(
        [sys.executable, script, out / f"head{suffix}"], capture_output=True, text=True, check=False
    )
    complaint = [line for line in answer.stdout.splitlines() if line.startswith("refused: ")]
    assert len(complaint) == 1, answer.stdout + answer.stderr
    assert f"head{suffix}" in complaint[0]
    assert "part" not in complaint[0]
    assert not list(out.iterdir())


FULL_DISK = r"""
import resource, signal, sys
from pathlib import Path

import bpy

from rigtalk.blender_addon.export import exporters as export
from rigtalk.blender_addon.export.glb import read_glb
from rigtalk.blender_addon import outputs, scenes
from rigtalk.blender_addon.head.scene import create_head
from rigtalk.core.errors import RigtalkError

path = Path(sys.argv[1])
bpy.ops.wm.read_factory_settings(use_empty=True)
head = create_head(bpy.context.scene)
# A file that may not grow fails as one on a full disk does.
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    if path.suffix == ".blend":
        with outputs.staged([path]) as parts:
            scenes.save_blend(path, part=parts[path])
    else:
        export.export_scene(path, objects=[head], scene=bpy.context.scene)
except RigtalkError as fault:
    print(f"\nrefused: {fault}")
"""


@pytest.mark.parametrize("base", [1.0, 1.001])
def test_gltf_times_are_those_of_the_scene(scene, face, tmp_path, base):
    scene.render.fps, scene.render.fps_base = 30, base
    animate(face, scene, frames=601)
    path = tmp_path / "face.glb"
    export.export_scene(path, objects=[face], scene=scene)
    assert scene.render.fps_base == pytest.approx(base)
    document, numbers = read_glb(path)
    (animation,) = document["animations"]
    for sampler in animation["samplers"]:
        accessor = document["accessors"][sampler["input"]]
        begin = document["bufferViews"][accessor["bufferView"]].get("byteOffset", 0)
        times = np.frombuffer(numbers, "<f4", accessor["count"], begin)
        assert times[-1] - times[0] == pytest.approx(600 * base / 30, abs=1e-4)
        assert accessor["max"] == pytest.approx([times[-1]])
