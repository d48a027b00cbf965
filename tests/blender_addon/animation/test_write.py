"""Plans are written all or none, stamps travel with the action, hand edits stay."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from rigtalk import rigs
from rigtalk.blender_addon import compat
from rigtalk.blender_addon.animation import write
from rigtalk.blender_addon.animation.curves import KEY_FIELDS, read_keys, write_keys
from rigtalk.blender_addon.animation.keys import scene_fps, write_performance
from rigtalk.blender_addon.animation.options import DENSE, KeyOptions
from rigtalk.blender_addon.animation.plan import plan_keys
from rigtalk.blender_addon.animation.snapshot import read_stamps, snapshot
from rigtalk.blender_addon.characters import targets
from rigtalk.core.errors import RigtalkError
from rigtalk.core.performance import Performance

SHARE = KeyOptions(mm=0.0)
JAW = 'key_blocks["jawOpen"].value'


def smooth(seed: int = 0, seconds: float = 4.0, fps: float = 60.0) -> Performance:
    """Every control swings at its own pace."""
    controls = rigs.control_set("arkit")
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * fps) + 1)[:, None] / fps
    pace, phase = rng.uniform(1, 12, (2, len(controls)))
    wave = 0.5 + 0.5 * np.sin(time * pace + phase)
    values = controls.lows + wave * (controls.highs - controls.lows)
    return Performance(values.astype(np.float32), fps, controls)


@pytest.fixture
def channels(scene, face):
    scene.render.fps, scene.render.fps_base = 60, 1.0
    return targets.find_target(face).channels


def curve_of(channels, path=JAW):
    return compat.curves_to_read(channels[0].owner).fcurves.find(path)


def everything(channels) -> dict[str, bytes]:
    """All keys of all curves, to the bit."""
    holder = compat.curves_to_read(channels[0].owner)
    return {
        curve.data_path: b"".join(
            getattr(read_keys(curve), name).tobytes() for name, _, _ in KEY_FIELDS
        )
        for curve in (holder.fcurves if holder else ())
    }


@pytest.mark.parametrize(
    ("fps", "base", "start"),
    [(24, 1.001, 1.0), (24, 1.0, -100.0), (25, 1.0, 10.37), (30, 1.001, -3.5), (60, 1.0, 0.0)],
)
@pytest.mark.parametrize("dense", [False, True])
def test_keys_are_on_whole_frames_in_time_with_the_sound(scene, channels, fps, base, start, dense):
    scene.render.fps, scene.render.fps_base = fps, base
    performance = smooth()
    options = KeyOptions(dense=dense, mm=0.0)
    written = write_performance(
        performance, channels, scene=scene, start_frame=start, options=options
    )
    frames = np.arange(written.first, written.last + 1)
    assert written.first == np.ceil(start)
    assert abs(written.last - (start + 4.0 * scene_fps(scene))) < 1.0
    column = performance.controls.index("jawOpen")
    expected = performance.at((frames - start) / scene_fps(scene))[:, column]
    keys = read_keys(curve_of(channels))
    np.testing.assert_array_equal(keys.frames, np.round(keys.frames))
    shown = [curve_of(channels).evaluate(frame) for frame in frames]
    np.testing.assert_allclose(shown, expected, atol=1e-5 if dense else 0.005 * 1.01)


def test_stamps_come_back_with_a_file_and_a_copy(scene, face, channels, tmp_path):
    write_performance(smooth(), channels, scene=scene, start_frame=1, options=SHARE)
    owner = channels[0].owner
    _, stamps = read_stamps(owner)
    assert len(stamps) == 52
    copy = owner.animation_data.action.copy()
    slot = getattr(owner.animation_data, "action_slot", None)
    handle = None if slot is None else slot.handle
    owner.animation_data.action = copy
    if handle is not None:
        owner.animation_data.action_slot = next(s for s in copy.slots if s.handle == handle)
    assert len(read_stamps(owner)[1]) == 52
    assert write.count_edits(channels) == 0

    path = tmp_path / "stamped.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.wm.open_mainfile(filepath=str(path))
    again = targets.find_target(bpy.data.objects["Face"]).channels
    assert len(read_stamps(again[0].owner)[1]) == 52
    assert write.count_edits(again) == 0


def test_edits_of_the_hand_are_counted_and_kept(scene, channels):
    write_performance(smooth(), channels, scene=scene, start_frame=1, options=SHARE, take="a")
    assert write.count_edits(channels, take="a") == 0
    curve = curve_of(channels)
    point = curve.keyframe_points[4]
    point.co.y = 0.123
    curve.update()
    frame = point.co.x
    assert write.count_edits(channels) == write.count_edits(channels, take="a") == 1
    written = write_performance(
        smooth(1), channels, scene=scene, start_frame=1, options=SHARE, take="a"
    )
    assert written.kept == 1
    assert curve_of(channels).evaluate(frame) == pytest.approx(0.123)
    plain = KeyOptions(mm=0.0, keep_edits=False)
    written = write_performance(
        smooth(1), channels, scene=scene, start_frame=1, options=plain, take="a"
    )
    assert written.replaced == 1
    assert write.count_edits(channels) == 0


def test_an_edit_that_updates_every_handle_is_one_edit(scene, channels):
    write_performance(smooth(), channels, scene=scene, start_frame=1, options=SHARE)
    for curve in compat.curves_to_read(channels[0].owner).fcurves:
        for _ in range(5):
            curve.update()
    assert write.count_edits(channels) == 0


def test_only_some_controls_are_written(scene, channels):
    write_performance(smooth(), channels, scene=scene, start_frame=1, options=SHARE)
    before = everything(channels)
    some = KeyOptions(mm=0.0, controls=frozenset({"jawOpen", "mouthClose"}))
    written = write_performance(smooth(1), channels, scene=scene, start_frame=1, options=some)
    assert written.curves == 2
    after = everything(channels)
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {JAW, 'key_blocks["mouthClose"].value'}


def test_a_shorter_line_leaves_nothing_of_the_longer_one(scene, channels):
    for take, start in (("a", 1), ("b", 400)):
        write_performance(
            smooth(), channels, scene=scene, start_frame=start, options=SHARE, take=take
        )
    write_performance(
        smooth(1, seconds=2.0), channels, scene=scene, start_frame=1, options=SHARE, take="a"
    )
    frames = read_keys(curve_of(channels)).frames
    assert not ((frames > 121) & (frames < 400)).any()
    assert (frames >= 400).any()


def test_clearing_takes_only_our_own_keys_of_the_line(scene, channels):
    for take, start in (("a", 1), ("b", 400)):
        write_performance(
            smooth(), channels, scene=scene, start_frame=start, options=SHARE, take=take
        )
    count = sum(len(curve.keyframe_points) for curve in curves(channels))
    gone = write.clear_keys(channels, take="a")
    assert min(curve.range()[0] for curve in curves(channels)) == 400
    left = sum(len(curve.keyframe_points) for curve in curves(channels))
    assert gone + left == count
    write.clear_keys(channels)
    assert not list(curves(channels))


def curves(channels):
    return compat.curves_to_read(channels[0].owner).fcurves


@pytest.mark.parametrize("before", [False, True])
def test_a_failure_puts_everything_back(scene, face, channels, monkeypatch, before):
    if before:
        write_performance(smooth(), channels, scene=scene, start_frame=1, options=SHARE)
    was, stamps = everything(channels), read_stamps(channels[0].owner)[1].keys()
    calls = []

    def failing(curve, keys):
        calls.append(curve)
        if len(calls) == 20:
            raise MemoryError
        write_keys(curve, keys)

    monkeypatch.setattr(write, "write_keys", failing)
    with pytest.raises(MemoryError):
        write_performance(smooth(1), channels, scene=scene, start_frame=50, options=SHARE)
    assert everything(channels) == was
    assert read_stamps(channels[0].owner)[1].keys() == stamps
    if not before:
        assert face.data.shape_keys.animation_data.action is None
        assert not len(bpy.data.actions)


def test_a_plan_is_not_written_over_what_changed_meanwhile(scene, face, channels):
    now = snapshot(channels, scene=scene)
    plan = plan_keys(smooth(), now, start_frame=1, options=SHARE)
    face.data.shape_keys.key_blocks["jawOpen"].keyframe_insert("value", frame=3)
    with pytest.raises(write.Stale, match="jawOpen were changed meanwhile"):
        write.write_plan(plan, channels)
    with pytest.raises(write.Stale, match="controls of the character"):
        write.write_plan(plan, channels[5:])


def test_a_renamed_object_gets_its_keys_all_the_same(scene, face, channels):
    now = snapshot(channels, scene=scene)
    plan = plan_keys(smooth(), now, start_frame=1, options=SHARE)
    face.name, face.data.shape_keys.name = "Somebody", "Other"
    found = targets.find_target(face).channels
    assert write.write_plan(plan, found).curves == 52


def test_lost_curves_come_back(scene, channels):
    write_performance(smooth(), channels, scene=scene, start_frame=1, options=SHARE)
    curves(channels).remove(curve_of(channels))
    write_performance(smooth(), channels, scene=scene, start_frame=1, options=SHARE)
    assert len(curve_of(channels).keyframe_points) > 10


def test_dense_and_reduced_replace_each_other(scene, channels):
    keep = KeyOptions(dense=True)
    write_performance(smooth(), channels, scene=scene, start_frame=1, options=keep)
    dense = len(curve_of(channels).keyframe_points)
    write_performance(smooth(), channels, scene=scene, start_frame=1, options=SHARE)
    few = len(curve_of(channels).keyframe_points)
    write_performance(smooth(), channels, scene=scene, start_frame=1, options=DENSE)
    assert dense == len(curve_of(channels).keyframe_points) == 241
    assert few < 80


def test_a_range_beside_the_line_is_refused(scene, channels):
    with pytest.raises(RigtalkError, match="frames 500 to 600"):
        write_performance(
            smooth(), channels, scene=scene, start_frame=1, options=KeyOptions(span=(500, 600))
        )


def test_damaged_stamps_only_forget(scene, channels):
    write_performance(smooth(), channels, scene=scene, start_frame=1, options=SHARE)
    user = channels[0].owner.animation_data
    action, name = compat.stamp_place(user, "rigtalk_keys")
    action[name] = action[name][:-7] + "scratch"
    assert read_stamps(channels[0].owner) == ((), {})
    write_performance(smooth(1), channels, scene=scene, start_frame=1, options=SHARE)
    assert write.count_edits(channels) == 0
