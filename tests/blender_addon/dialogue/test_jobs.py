"""A line made again changes what it is asked to, and nothing else."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from rigtalk import rigs
from rigtalk.blender_addon import compat
from rigtalk.blender_addon.dialogue import jobs
from rigtalk.blender_addon.dialogue.status import Status, forget_edits, status_of
from rigtalk.core.errors import RigtalkError


def keys_of(face: bpy.types.Object) -> dict[str, np.ndarray]:
    """Every key of every curve: frame, value and both handles."""
    found = {}
    for curve in compat.curves_to_read(face.data.shape_keys).fcurves:
        points = curve.keyframe_points
        rows = [
            (*point.co, *point.handle_left, *point.handle_right, point.interpolation == "BEZIER")
            for point in points
        ]
        found[curve.data_path] = np.array(rows)
    return found


def name_of(path: str) -> str:
    return path.split('"')[1]


@pytest.fixture
def made(spoken, face, scene):
    """The embedded line, spoken by the embedded actor in as few keys as it takes."""
    scene.rigtalk.dense, scene.rigtalk.tolerance_mm = False, 0.0
    assert bpy.ops.rigtalk.generate() == {"FINISHED"}
    return spoken


def test_keys_are_few(made, face):
    count = sum(len(keys) for keys in keys_of(face).values())
    assert count < 52 * (made.last - made.first) / 8


def test_the_same_again_is_the_same(made, face):
    before = keys_of(face)
    bpy.ops.rigtalk.generate()
    after = keys_of(face)
    assert all(np.array_equal(before[path], after[path]) for path in before)


def test_one_layer_leaves_the_others_alone(made, face, scene):
    before = keys_of(face)
    made.seed, made.emotion, made.intensity = 5, "joy", 1.0
    scene.rigtalk.layer = "blinks"
    bpy.ops.rigtalk.generate()
    after = keys_of(face)
    changed = {name_of(p) for p in before if not np.array_equal(before[p], after[p])}
    assert changed
    assert changed <= {"eyeBlinkLeft", "eyeBlinkRight"}


def test_a_range_leaves_all_other_keys_alone(made, face, scene):
    before = keys_of(face)
    made.emotion, made.intensity = "anger", 1.0
    scene.rigtalk.use_range = True
    scene.rigtalk.range_first, scene.rigtalk.range_last = 150, 300
    bpy.ops.rigtalk.generate()
    after = keys_of(face)
    changed = 0
    for path, keys in before.items():
        for side in (keys[keys[:, 0] < 150], keys[keys[:, 0] > 300]):
            rows = {tuple(row) for row in after[path]}
            assert all(tuple(row) in rows for row in side), path
        changed += not np.array_equal(keys, after[path])
    assert changed > 20


def test_keys_moved_by_hand_are_kept_or_not_as_told(made, face, scene):
    path = 'key_blocks["jawOpen"].value'
    curve = compat.curves_to_read(face.data.shape_keys).fcurves.find(path)
    point = curve.keyframe_points[len(curve.keyframe_points) // 2]
    point.co.y = 0.9
    curve.update()
    frame = point.co.x
    forget_edits()
    assert status_of(scene, made) is Status.EDITED
    made.emotion, made.intensity = "sadness", 1.0
    bpy.ops.rigtalk.generate()
    curve = compat.curves_to_read(face.data.shape_keys).fcurves.find(path)
    assert curve.evaluate(frame) == pytest.approx(0.9)
    scene.rigtalk.keep_edits = False
    bpy.ops.rigtalk.generate()
    curve = compat.curves_to_read(face.data.shape_keys).fcurves.find(path)
    assert curve.evaluate(frame) < 0.8
    forget_edits()
    assert status_of(scene, made) is Status.GENERATED


def test_a_shorter_recording_leaves_no_keys_past_its_end(made, face, line, tmp_path, scene):
    import soundfile

    samples, rate = soundfile.read(line)
    short = tmp_path / "short.wav"
    soundfile.write(short, samples[: len(samples) // 2], rate)
    long = made.last
    made.audio_path = str(short)
    bpy.ops.rigtalk.generate()
    assert made.last < 0.6 * long
    assert max(keys[-1, 0] for keys in keys_of(face).values()) <= made.last


def test_a_range_outside_the_line_is_refused(made, face, scene):
    before = keys_of(face)
    scene.rigtalk.use_range = True
    scene.rigtalk.range_first, scene.rigtalk.range_last = 5000, 5100
    with pytest.raises(RuntimeError, match=r"nothing of line\.flac is between frame 5000 and 5100"):
        bpy.ops.rigtalk.generate()
    after = keys_of(face)
    assert all(np.array_equal(before[path], after[path]) for path in before)


@pytest.mark.parametrize(("fps", "base"), [(24, 1.0), (24, 1.001), (30, 1.0)])
def test_the_motion_does_not_depend_on_the_frame_rate(spoken, face, scene, fps, base):
    scene.rigtalk.dense, scene.rigtalk.tolerance_mm = False, 0.0
    bpy.ops.rigtalk.generate()
    path = 'key_blocks["jawOpen"].value'
    at = np.arange(0.1, 3.0, 0.02)

    def jaw(rate: float) -> np.ndarray:
        curve = compat.curves_to_read(face.data.shape_keys).fcurves.find(path)
        return np.array([curve.evaluate(1 + t * rate) for t in at])

    fine = jaw(60.0)
    bpy.data.actions.remove(face.data.shape_keys.animation_data.action)
    scene.render.fps, scene.render.fps_base = fps, base
    bpy.ops.rigtalk.generate()
    frames = np.arange(3, 60)
    curve = compat.curves_to_read(face.data.shape_keys).fcurves.find(path)
    coarse = np.array([curve.evaluate(float(frame)) for frame in frames])
    expected = np.interp((frames - 1) * base / fps, at, fine)
    assert np.abs(coarse - expected).max() < 0.04


def prepared(scene, spoken):
    job = jobs.prepare_line(scene, spoken, jobs.options_of(scene.rigtalk))
    job.generation.run()
    return job


def test_a_character_hidden_meanwhile_is_keyed(spoken, face, scene):
    job = prepared(scene, spoken)
    face.hide_viewport = face.hide_render = True
    assert jobs.apply(job).startswith("Face: ")
    assert keys_of(face)


def test_a_mesh_replaced_meanwhile_is_refused_in_one_line(spoken, face, scene):
    job = prepared(scene, spoken)
    face.data = bpy.data.meshes.new("Other")
    with pytest.raises(RigtalkError, match="Face") as fault:
        jobs.apply(job)
    assert "\n" not in str(fault.value)


def test_another_rig_meanwhile_is_refused(spoken, face, scene):
    job = prepared(scene, spoken)
    other = bpy.data.meshes.new("Other")
    face.data = other
    face.shape_key_add(name="Basis")
    for name in rigs.control_set("oculus").names:
        face.shape_key_add(name=f"viseme_{name.rpartition('_')[2]}")
    with pytest.raises(RigtalkError, match="Face changed while its line was made: generate again"):
        jobs.apply(job)


def test_keys_set_meanwhile_are_taken_into_account(spoken, face, scene):
    job = prepared(scene, spoken)
    block = face.data.shape_keys.key_blocks["jawOpen"]
    block.value = 0.7
    block.keyframe_insert("value", frame=2000)
    jobs.apply(job)
    assert keys_of(face)['key_blocks["jawOpen"].value'][-1, 1] == pytest.approx(0.7)


def test_lines_may_start_before_frame_0(spoken, face, scene):
    spoken.start_frame = -100
    bpy.ops.rigtalk.generate()
    assert spoken.first == -100
    assert min(keys[0, 0] for keys in keys_of(face).values()) == -100


def test_strips_between_frames_are_keyed_on_whole_ones(spoken, face, scene, line):
    strip = compat.add_sound(scene, audio=line, frame=10, name="Strip")
    if hasattr(strip, "content_start"):
        strip.content_start = 10.5
    else:
        strip.frame_start = 10.5
    spoken.audio_source, spoken.audio_strip = "STRIP", "Strip"
    bpy.ops.rigtalk.generate()
    frames = np.concatenate([keys[:, 0] for keys in keys_of(face).values()])
    assert np.array_equal(frames, np.round(frames))
    assert frames.min() in (10, 11)
