"""Takes by preset, in the file that a batch names."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from rigtalk import rigs
from rigtalk.blender_addon.host import BlenderHost
from rigtalk.core.errors import RigtalkError
from rigtalk.core.performance import Performance
from rigtalk.core.scene_host import SceneJob

ARKIT = rigs.control_set("arkit")


@pytest.fixture
def performance() -> Performance:
    values = np.random.default_rng(2).uniform(0, 1, (30, 61)).astype(np.float32)
    return Performance(values, 60.0, ARKIT)


def test_each_line_is_a_take_of_its_name(face, line, performance, tmp_path):
    room = tmp_path / "room.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(room))
    glb, first = tmp_path / "both.glb", tmp_path / "first.glb"
    BlenderHost().animate_lines(
        [
            SceneJob(
                line, performance, scene=room, exports=exports, preset="godot", take=take, gap=gap
            )
            for exports, take, gap in (((glb, first), "hello", None), ((glb,), "bye", 0.2))
        ],
        lambda at: None,
    )
    for path, names in ((glb, {"hello", "bye"}), (first, {"hello"})):
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        bpy.ops.import_scene.gltf(filepath=str(path))
        found = {action.name.split("_")[0].split(".")[0] for action in bpy.data.actions}
        assert found == names
    assert {path.name for path in tmp_path.iterdir()} == {"room.blend", "both.glb", "first.glb"}


@pytest.mark.parametrize(
    ("preset", "name", "message"),
    [
        ("unreal-arkit", "x.glb", "the preset unreal-arkit writes .fbx; name the output so"),
        ("amiga", "x.glb", "unknown preset 'amiga': choose from"),
    ],
)
def test_presets_that_do_not_fit(line, performance, tmp_path, preset, name, message):
    job = SceneJob(line, performance, exports=(tmp_path / name,), preset=preset)
    with pytest.raises(RigtalkError, match=message):
        BlenderHost().animate(job)
    assert list(tmp_path.iterdir()) == []


def test_two_characters_do_not_go_into_one_file(face, make_mesh, line, performance, tmp_path):
    make_mesh("Second", ARKIT.names[:52])
    room = tmp_path / "room.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(room))
    jobs = [
        SceneJob(
            line,
            performance,
            scene=room,
            object_name=who,
            exports=(tmp_path / "x.fbx",),
            preset="unreal-arkit",
            take=who,
        )
        for who in ("Face", "Second")
    ]
    with pytest.raises(RigtalkError, match="a preset writes one character to a file"):
        BlenderHost().animate_lines(jobs, lambda at: None)
    assert [path.name for path in tmp_path.iterdir()] == ["room.blend"]
