"""Keys on F-curves say what the performance said, and nothing else is touched."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from rigtalk import rigs
from rigtalk.blender_addon import compat
from rigtalk.blender_addon.animation import keys
from rigtalk.blender_addon.characters import targets
from rigtalk.core.errors import RigtalkError
from rigtalk.core.performance import Performance

EXACT = 1e-5  # asked for; F-curves keep float32, so the error is 0 in fact


def noise(rig: str, frames: int, fps: float = 60.0, start: float = 0.0) -> Performance:
    controls = rigs.control_set(rig)
    size = (frames, len(controls))
    values = np.random.default_rng(0).uniform(controls.lows, controls.highs, size)
    return Performance(values.astype(np.float32), fps, controls, start)


def curve_of(owner: bpy.types.ID, path: str, index: int = 0) -> bpy.types.FCurve:
    return compat.curves_to_read(owner).fcurves.find(path, index=index)


@pytest.mark.parametrize(("fps", "base"), [(24, 1.0), (25, 1.0), (30, 1.001), (30, 1.0), (60, 1.0)])
def test_shape_keys_read_back_as_predicted_at_every_rate(scene, face, fps, base):
    scene.render.fps, scene.render.fps_base = fps, base
    channels = targets.find_target(face).channels
    performance = noise("arkit", 240)

    written = keys.write_performance(performance, channels, scene=scene, start_frame=10)

    expected = performance.resampled(keys.scene_fps(scene))
    assert written.first == 10
    assert written.last == 10 + len(expected) - 1
    assert written.keys == 52 * len(expected)
    read = keys.read_performance(
        channels, performance.controls, scene=scene, start_frame=10, frames=len(expected)
    )
    np.testing.assert_allclose(read.values[:, :52], expected.values[:, :52], atol=EXACT)


def test_blender_itself_plays_the_keys(scene, face):
    performance = noise("arkit", 30)
    keys.write_performance(
        performance, targets.find_target(face).channels, scene=scene, start_frame=1
    )
    for frame in (1, 7, 30):
        scene.frame_set(frame)
        shown = [block.value for block in face.data.shape_keys.key_blocks[1:]]
        np.testing.assert_allclose(shown, performance.values[frame - 1, :52], atol=EXACT)


def test_board_bones_get_values_on_their_own_axis(scene, board):
    target = targets.find_target(board)
    performance = noise("metahuman-board", 20)
    keys.write_performance(performance, target.channels, scene=scene, start_frame=1)
    scene.frame_set(12)
    jaw = board.pose.bones["CTRL_C_jaw"].location
    assert jaw.x == pytest.approx(performance.curve("CTRL_C_jaw.X")[11], abs=EXACT)
    assert jaw.y == pytest.approx(performance.curve("CTRL_C_jaw.Y")[11], abs=EXACT)
    curve = curve_of(board, 'pose.bones["CTRL_C_jaw"].location', 1)
    assert curve.group.name == "CTRL_C_jaw"


def test_keys_outside_the_range_stay_with_all_their_settings(scene, face):
    path = 'key_blocks["jawOpen"].value'
    block = face.data.shape_keys.key_blocks["jawOpen"]
    for frame, value in ((1, 0.25), (40, 0.9), (500, 0.75)):
        block.value = value
        block.keyframe_insert("value", frame=frame)
    curve = curve_of(face.data.shape_keys, path)
    curve.keyframe_points[0].interpolation = "BEZIER"
    curve.keyframe_points[0].handle_left_type = curve.keyframe_points[0].handle_right_type = "FREE"
    curve.keyframe_points[0].handle_right = (6.0, 0.6)
    curve.keyframe_points[2].type = "EXTREME"
    action = face.data.shape_keys.animation_data.action

    keys.write_performance(
        noise("arkit", 60), targets.find_target(face).channels, scene=scene, start_frame=20
    )

    assert face.data.shape_keys.animation_data.action == action
    curve = curve_of(face.data.shape_keys, path)
    frames = [point.co.x for point in curve.keyframe_points]
    assert frames == [1.0, *np.arange(20.0, 80.0), 500.0]
    first, last = curve.keyframe_points[0], curve.keyframe_points[-1]
    assert (first.interpolation, first.handle_right_type) == ("BEZIER", "FREE")
    assert tuple(first.handle_right) == pytest.approx((6.0, 0.6))
    assert (last.type, last.co.y) == ("EXTREME", 0.75)
    assert curve.keyframe_points[1].interpolation == "LINEAR"


def test_writing_twice_leaves_what_writing_once_does(scene, face):
    channels = targets.find_target(face).channels
    for _ in range(2):
        keys.write_performance(noise("arkit", 50), channels, scene=scene, start_frame=1)
    curve = curve_of(face.data.shape_keys, 'key_blocks["jawOpen"].value')
    assert [point.co.x for point in curve.keyframe_points] == list(np.arange(1.0, 51.0))
    assert len(bpy.data.actions) == 1


def test_sliders_open_for_values_below_zero(scene, make_mesh):
    thing = make_mesh("Puppet", ["jaw"])
    controls = rigs.control_set("metahuman-board")
    values = np.zeros((2, len(controls)), dtype=np.float32)
    values[:, controls.index("CTRL_C_jaw.X")] = (-0.5, 0.5)
    path = 'key_blocks["jaw"].value'
    channel = keys.Channel("CTRL_C_jaw.X", thing.data.shape_keys, path)
    keys.write_performance(
        Performance(values, 60.0, controls), [channel], scene=scene, start_frame=1
    )
    scene.frame_set(1)
    assert thing.data.shape_keys.key_blocks["jaw"].value == pytest.approx(-0.5)
    assert thing.data.shape_keys.key_blocks["jaw"].slider_max == 1.0


def test_start_time_moves_the_keys(scene, face):
    channels = targets.find_target(face).channels
    late = noise("arkit", 10, start=0.5)
    written = keys.write_performance(late, channels, scene=scene, start_frame=1)
    assert (written.first, written.last) == (31.0, 40.0)


def test_driven_and_locked_channels_are_left_out_and_named(scene, face):
    keys_block = face.data.shape_keys
    keys_block.driver_add('key_blocks["jawOpen"].value')
    keys_block.key_blocks["mouthLeft"].keyframe_insert("value", frame=1)
    curve_of(keys_block, 'key_blocks["mouthLeft"].value').lock = True
    written = keys.write_performance(
        noise("arkit", 5), targets.find_target(face).channels, scene=scene, start_frame=1
    )
    assert written.curves == 50
    assert "jawOpen" in written.notes[0]
    assert "drivers" in written.notes[0]
    assert "mouthLeft" in written.notes[1]
    assert "locked" in written.notes[1]


def test_a_character_that_is_wholly_driven_is_refused(scene, face):
    for block in face.data.shape_keys.key_blocks[1:]:
        block.driver_add("value")
    with pytest.raises(RigtalkError, match=r"52 controls have drivers.*and 46 more"):
        keys.write_performance(
            noise("arkit", 5), targets.find_target(face).channels, scene=scene, start_frame=1
        )


def test_absolute_shape_keys_are_refused(scene, face):
    face.data.shape_keys.use_relative = False
    with pytest.raises(RigtalkError, match="absolute"):
        keys.write_performance(
            noise("arkit", 5), targets.find_target(face).channels, scene=scene, start_frame=1
        )


def test_an_action_that_two_characters_share_is_refused(scene, face, make_mesh):
    channels = targets.find_target(face).channels
    keys.write_performance(noise("arkit", 5), channels, scene=scene, start_frame=1)
    twin = make_mesh("Twin", ["jawOpen"]).data.shape_keys
    data = face.data.shape_keys.animation_data
    twin.animation_data_create().action = data.action
    if hasattr(data, "action_slot"):
        twin.animation_data.action_slot = data.action_slot
    with pytest.raises(RigtalkError, match="single-user"):
        keys.write_performance(noise("arkit", 5), channels, scene=scene, start_frame=1)


def test_linked_characters_are_refused(scene, face, tmp_path):
    library = tmp_path / "library.blend"
    bpy.data.libraries.write(str(library), {face})
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.objects = ["Face"]
    linked = wanted.objects[0]
    bpy.context.scene.collection.objects.link(linked)
    with pytest.raises(RigtalkError, match="library override"):
        keys.write_performance(
            noise("arkit", 5),
            targets.find_target(linked).channels,
            scene=bpy.context.scene,
            start_frame=1,
        )


def test_frames_without_keys_are_read_as_blender_shows_them(scene, face):
    block = face.data.shape_keys.key_blocks["jawOpen"]
    for frame, value in ((1, 0.0), (11, 1.0)):
        block.value = value
        block.keyframe_insert("value", frame=frame)
    controls = rigs.control_set("arkit")
    channels = targets.find_target(face).channels
    read = keys.read_performance(channels, controls, scene=scene, start_frame=1, frames=11)
    curve = curve_of(face.data.shape_keys, 'key_blocks["jawOpen"].value')
    expected = [curve.evaluate(frame) for frame in range(1, 12)]
    np.testing.assert_allclose(read.curve("jawOpen"), expected, atol=EXACT)
    assert not read.curve("mouthClose").any()
