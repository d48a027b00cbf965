"""The command line's scenes: opened, keyed, saved and exported, or refused in one line."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from rigtalk import rigs
from rigtalk.blender_addon import compat
from rigtalk.blender_addon.animation import keys
from rigtalk.blender_addon.characters import targets
from rigtalk.blender_addon.host import BlenderHost
from rigtalk.blender_addon.scenes import open_scene
from rigtalk.core.direction import Direction
from rigtalk.core.errors import RigtalkError
from rigtalk.core.performance import Performance
from rigtalk.core.scene_host import SceneJob

ARKIT = rigs.control_set("arkit")


@pytest.fixture
def performance() -> Performance:
    values = np.random.default_rng(2).uniform(0, 1, (90, 61)).astype(np.float32)
    return Performance(values, 60.0, ARKIT)


@pytest.fixture
def hero(scene, face, tmp_path):
    """A .blend with one character."""
    path = tmp_path / "hero.blend"
    scene.frame_end = 20
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return path


def read_back(name: str, frames: int, start: int = 1) -> np.ndarray:
    target = targets.find_target(bpy.data.objects[name])
    read = keys.read_performance(
        target.channels,
        target.controls,
        scene=bpy.context.scene,
        start_frame=start,
        frames=frames,
    )
    return read.values[:, :52]


def test_head_scene_holds_all_that_a_shot_needs(line, performance, tmp_path):
    blend, fbx = tmp_path / "shot.blend", tmp_path / "shot.fbx"
    job = SceneJob(line, performance, blend=blend, exports=(fbx,))
    report = BlenderHost().animate(job)
    assert report.outputs == (blend, fbx)
    assert (report.object_name, report.rig, report.frames, report.fps) == ("Head", "arkit", 90, 60)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shot.blend", "shot.fbx"]

    open_scene(blend)
    scene = bpy.context.scene
    assert (scene.frame_start, scene.frame_end) == (1, 90)
    assert scene.camera is not None
    assert any(item.type == "LIGHT" for item in scene.objects)
    (strip,) = compat.scene_sounds(scene)
    assert strip.sound.filepath.startswith("//")
    assert bpy.path.abspath(strip.sound.filepath).endswith("line.flac")
    np.testing.assert_allclose(read_back("Head", 90), performance.values[:, :52], atol=1e-5)


def test_a_scene_of_the_users_is_keyed_and_left_alone(line, performance, hero, tmp_path):
    before = hero.read_bytes()
    blend = tmp_path / "out" / "shot.blend"
    blend.parent.mkdir()
    job = SceneJob(line, performance, scene=hero, blend=blend, start_frame=101, fps=30.0)
    report = BlenderHost().animate(job)
    assert hero.read_bytes() == before
    assert report.fps == 30.0
    assert report.notes == ("the scene now runs at 30 fps instead of 60",)
    open_scene(blend)
    assert bpy.context.scene.frame_end == 145
    expected = performance.resampled(30.0).values[:, :52]
    np.testing.assert_allclose(read_back("Face", 45, start=101), expected, atol=1e-5)
    assert compat.strip_span(compat.scene_sounds(bpy.context.scene)[0])[0] == 101


def test_the_actor_plays_for_the_rate_and_rig_of_the_scene(line, board, actor, scene, tmp_path):
    path = tmp_path / "board.blend"
    scene.render.fps = 24
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    direction = Direction(seed=3)

    class Recorder(actor):
        def perform(
            self, audio, direction, *, fps, rig, progress, cancelled=lambda: False, note=None
        ):
            self.asked = (direction, fps, rig)
            return super().perform(
                audio, direction, fps=fps, rig=rig, progress=progress, cancelled=cancelled
            )

    source = Recorder()
    done: list[float] = []
    job = SceneJob(
        line,
        source,
        direction=direction,
        scene=path,
        blend=tmp_path / "o.blend",
        progress=done.append,
    )
    report = BlenderHost().animate(job)
    assert source.asked == (direction, 24.0, "metahuman-board")
    assert report.rig == "metahuman-board"
    assert done[-1] == 1.0


def job_for(line, performance, scene, tmp_path, **more) -> SceneJob:
    return SceneJob(line, performance, scene=scene, blend=tmp_path / "x.blend", **more)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.blend", None, "missing.blend does not exist"),
        ("text.blend", b"hello", "text.blend is not a .blend file"),
        ("empty.blend", b"", "empty.blend is not a .blend file"),
        ("cut.blend", b"BLENDER-v402REND", "cannot open .*cut.blend"),
    ],
)
def test_unusable_scenes_are_refused(line, performance, tmp_path, scene, name, content, message):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RigtalkError, match=message) as fault:
        BlenderHost().animate(job_for(line, performance, path, tmp_path))
    assert "\n" not in str(fault.value)
    assert not (tmp_path / "x.blend").exists()


def test_a_folder_is_no_scene(tmp_path, scene):
    with pytest.raises(RigtalkError, match="is a folder"):
        BlenderHost().list_rigs(tmp_path)


def test_a_scene_from_a_newer_blender_is_refused(hero, line, performance, tmp_path):
    newer = tmp_path / "newer.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(newer), compress=False)
    data = bytearray(newer.read_bytes())
    major, minor, _ = bpy.app.version
    # The header of a file says v0500 from 5.0 and v405 before.
    written = f"v{major:02d}{minor:02d}" if data[7:9].isdigit() else f"v{major}{minor:02d}"
    here = written.encode()
    at = data.find(here, 0, 24)
    assert at > 0
    data[at : at + len(here)] = here[:1] + b"9" * (len(here) - 1)
    newer.write_bytes(data)
    with pytest.raises(RigtalkError, match="newer Blender") as fault:
        BlenderHost().animate(job_for(line, performance, newer, tmp_path))
    assert "\n" not in str(fault.value)


def test_unknown_objects_get_the_list_of_characters(hero, line, performance, tmp_path):
    with pytest.raises(RigtalkError, match=r"no object 'Hedda' in .*hero.blend: name one of Face"):
        BlenderHost().animate(job_for(line, performance, hero, tmp_path, object_name="Hedda"))


def test_a_scene_without_shape_keys_is_refused(scene, line, performance, tmp_path):
    path = tmp_path / "bare.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    with pytest.raises(RigtalkError, match=r"no character in .*bare\.blend"):
        BlenderHost().animate(job_for(line, performance, path, tmp_path))


def test_several_characters_must_be_chosen_from(face, make_mesh, line, performance, tmp_path):
    make_mesh("Second", ARKIT.names[:52])
    path = tmp_path / "two.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    with pytest.raises(RigtalkError, match=r"several characters.*Face, Second"):
        BlenderHost().animate(job_for(line, performance, path, tmp_path))
    BlenderHost().animate(job_for(line, performance, path, tmp_path, object_name="Second"))
    assert compat.curves_to_read(bpy.data.objects["Face"].data.shape_keys) is None


def test_a_wrong_rig_is_refused(hero, line, performance, tmp_path):
    with pytest.raises(RigtalkError, match="Face is no metahuman character: it has arkit"):
        BlenderHost().animate(job_for(line, performance, hero, tmp_path, rig="metahuman"))


def test_a_failing_export_leaves_nothing(hero, line, performance, tmp_path, monkeypatch):
    from rigtalk.blender_addon.export import exporters as export

    def full(path):
        path.write_bytes(b"half")
        raise RuntimeError("Error: No space left on device")

    monkeypatch.setitem(export.EXPORTERS, ".fbx", full)
    exports = (tmp_path / "x.fbx",)
    with pytest.raises(RigtalkError, match="No space left"):
        BlenderHost().animate(job_for(line, performance, hero, tmp_path, exports=exports))
    assert [path.name for path in tmp_path.iterdir()] == ["hero.blend"]


def test_rigs_of_a_scene_are_listed(hero):
    (row,) = BlenderHost().list_rigs(hero)
    assert (row.object_name, row.rig, row.matched, row.total) == ("Face", "arkit", 52, 52)


def test_lines_of_a_scene_are_keyed_one_after_another(
    face, make_mesh, scene, line, performance, tmp_path
):
    make_mesh("Second", ARKIT.names[:52])
    room, blend = tmp_path / "room.blend", tmp_path / "talk.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(room))
    takes = tmp_path / "first.fbx", tmp_path / "all.glb"

    def job(who: str, **more) -> SceneJob:
        return SceneJob(line, performance, scene=room, object_name=who, blend=blend, **more)

    begun: list[int] = []
    reports = BlenderHost().animate_lines(
        [
            job("Face", start_frame=11, exports=takes),
            job("Nobody"),
            job("Second", gap=0.5),
            job("Face", gap=0.25, exports=takes[1:]),
            job("Face", start_frame=150),
        ],
        begun.append,
    )
    assert begun == [0, 1, 2, 3, 4]
    assert isinstance(reports[1], RigtalkError)
    assert "no object 'Nobody'" in str(reports[1])
    good = [report for report in reports if not isinstance(report, RigtalkError)]
    assert [report.object_name for report in good] == ["Face", "Second", "Face", "Face"]
    assert good[2].notes == ()
    assert (
        good[3].notes
        == (
            "replaces keys of line.flac: both speak on Face at the same time",
            "replaces keys of line.flac: both speak on Face at the same time",
        )[1:]
    )
    assert {path.name for path in tmp_path.iterdir()} == {
        "room.blend",
        "talk.blend",
        "first.fbx",
        "all.glb",
    }

    open_scene(blend)
    scene = bpy.context.scene
    # 90 frames each; 30 after frame 100, 15 after frame 219, and one over its end.
    np.testing.assert_allclose(read_back("Face", 90, 11), performance.values[:, :52], atol=1e-5)
    np.testing.assert_allclose(read_back("Second", 90, 130), performance.values[:, :52], atol=1e-5)
    np.testing.assert_allclose(read_back("Face", 90, 150), performance.values[:, :52], atol=1e-5)
    left = performance.values[6:, :52]
    np.testing.assert_allclose(read_back("Face", 84, 240), left, atol=1e-5)
    starts = sorted(compat.strip_span(strip)[0] for strip in compat.scene_sounds(scene))
    assert starts == [11, 130, 150, 234]
    assert scene.frame_end == 323


def test_exports_hold_the_frames_of_the_lines_that_name_them(line, performance, tmp_path):
    first, both = tmp_path / "first.fbx", tmp_path / "both.fbx"
    BlenderHost().animate_lines(
        [
            SceneJob(line, performance, exports=(first, both), fps=60.0),
            SceneJob(line, performance, exports=(both,), fps=60.0, gap=0.0),
        ],
        lambda at: None,
    )
    for path, frames in ((first, 90), (both, 180)):
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        bpy.ops.import_scene.fbx(filepath=str(path), anim_offset=0.0)
        ranges = [action.frame_range for action in bpy.data.actions]
        assert max(last for _, last in ranges) - min(first for first, _ in ranges) == frames - 1


def test_a_scene_in_which_no_line_can_be_keyed_is_not_saved(hero, line, performance, tmp_path):
    jobs = [job_for(line, performance, hero, tmp_path, object_name=name) for name in ("A", "B")]
    results = BlenderHost().animate_lines(jobs, lambda at: None)
    assert [type(result) for result in results] == [RigtalkError, RigtalkError]
    assert [path.name for path in tmp_path.iterdir()] == ["hero.blend"]


def test_workers_run_the_same_program():
    command = BlenderHost().worker_command(scenes=True)
    assert command[-1] == "batch-worker"
    assert "rigtalk" in command
