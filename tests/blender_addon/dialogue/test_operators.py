"""What the buttons do, without a window; how they refuse, and that they can be tried again."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from rigtalk.blender_addon import compat
from rigtalk.blender_addon.animation import keys
from rigtalk.blender_addon.characters import targets
from rigtalk.blender_addon.dialogue import jobs, operators, queue
from rigtalk.blender_addon.dialogue.line import new_line
from rigtalk.core.errors import RigtalkError
from rigtalk.core.performance import Performance


def key_count(face: bpy.types.Object) -> int:
    holder = compat.curves_to_read(face.data.shape_keys)
    return sum(len(curve.keyframe_points) for curve in holder.fcurves) if holder else 0


def test_generate_keys_the_active_character(actor, spoken, face):
    spoken.start_frame = 11
    assert bpy.ops.rigtalk.generate() == {"FINISHED"}
    channels = targets.find_target(face).channels
    controls = targets.find_target(face).controls
    expected = actor().perform(
        spoken.audio_path,
        None,
        fps=60.0,
        rig="arkit",
        progress=lambda fraction: None,
        cancelled=lambda: False,
    )
    read = keys.read_performance(
        channels, controls, scene=bpy.context.scene, start_frame=11, frames=len(expected)
    )
    np.testing.assert_allclose(read.values[:, :52], expected.values[:, :52], atol=1e-5)


def test_one_undo_takes_back_a_line(actor, spoken, face):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.rigtalk.generate("EXEC_DEFAULT", True)
    assert key_count(bpy.data.objects["Face"]) > 0
    bpy.ops.ed.undo()
    assert key_count(bpy.data.objects["Face"]) == 0
    bpy.ops.ed.redo()
    assert key_count(bpy.data.objects["Face"]) > 0


def test_scripts_name_everything(actor, extension, face, make_mesh, line):
    make_mesh("Other", ["bend"])
    done = bpy.ops.rigtalk.animate(
        object_name="Face",
        audio_path=str(line),
        emotion="joy",
        intensity=1.0,
        mix_fear=0.25,
        strength_brows=0.5,
        seed=3,
        start_frame=5,
        add_sound=False,
    )
    assert done == {"FINISHED"}
    assert key_count(face) > 0


def test_the_sound_is_added_once(actor, spoken, face):
    spoken.add_sound = True
    for _ in range(2):
        bpy.ops.rigtalk.generate()
    strips = compat.sound_strips(bpy.context.scene)
    assert len(strips) == 1
    assert compat.strip_span(strips[0])[0] == spoken.start_frame


def test_a_trimmed_strip_gives_its_own_part(actor, spoken, face, line, scene):
    strip = compat.add_sound(scene, audio=line, frame=100, name="Line")
    if hasattr(strip, "left_handle_offset"):
        strip.left_handle_offset, strip.right_handle_offset = 30, 60
    else:
        strip.frame_offset_start, strip.frame_offset_end = 30, 60
    spoken.audio_source, spoken.audio_strip = "STRIP", "Line"
    bpy.ops.rigtalk.generate()
    curve = compat.curves_to_read(face.data.shape_keys).fcurves[0]
    frames = [point.co.x for point in curve.keyframe_points]
    _, first, end = compat.strip_span(strip)
    assert frames == list(np.arange(first, end))
    assert first == 130


def test_a_packed_sound_needs_no_file(actor, spoken, face, line, scene, tmp_path):
    copy = tmp_path / "gone.flac"
    copy.write_bytes(line.read_bytes())
    strip = compat.add_sound(scene, audio=copy, frame=1, name="Packed")
    strip.sound.pack()
    copy.unlink()
    spoken.audio_source, spoken.audio_strip = "STRIP", "Packed"
    assert bpy.ops.rigtalk.generate() == {"FINISHED"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"audio_path": "//nowhere/x.wav"}, r"x\.wav"),
        ({"audio_source": "STRIP", "audio_strip": "Gone"}, "no sound strip 'Gone'"),
    ],
)
def test_bad_audio_is_reported_and_can_be_corrected(actor, spoken, face, line, change, message):
    for name, value in change.items():
        setattr(spoken, name, value)
    with pytest.raises(RuntimeError, match=message) as fault:
        bpy.ops.rigtalk.generate()
    assert len(str(fault.value).strip().splitlines()) == 1
    assert key_count(face) == 0
    spoken.audio_source, spoken.audio_path = "FILE", str(line)
    assert bpy.ops.rigtalk.generate() == {"FINISHED"}


@pytest.mark.parametrize("content", [b"", b"RIFF", b"<html>not audio</html>"])
def test_files_that_are_no_recordings_are_reported(actor, spoken, face, tmp_path, content):
    bad = tmp_path / "bad.wav"
    bad.write_bytes(content)
    spoken.audio_path = str(bad)
    with pytest.raises(RuntimeError, match=r"bad\.wav"):
        bpy.ops.rigtalk.generate()
    assert key_count(face) == 0


def test_buttons_say_why_they_are_disabled(actor, extension, scene, make_mesh, line):
    assert operators.why_not_generate(bpy.context) == "Add a line first"
    assert not bpy.ops.rigtalk.generate.poll()
    said = new_line(scene, "Said")
    assert operators.why_not_generate(bpy.context) == "Choose who speaks the line first"
    thing = make_mesh("Prop", ["bend"])
    said.character = thing
    assert "no control of a known rig" in operators.why_not_generate(bpy.context)
    assert not bpy.ops.rigtalk.generate.poll()
    assert not bpy.ops.rigtalk.export_fbx.poll()
    assert not bpy.ops.rigtalk.cancel.poll()


def test_generate_waits_for_a_recording(actor, spoken):
    spoken.audio_path = " "
    assert operators.why_not_generate(bpy.context) == "Choose a recording first"
    spoken.audio_source = "STRIP"
    assert operators.why_not_generate(bpy.context) == "Choose a sound strip first"


def test_scripts_learn_which_characters_there_are(actor, extension, face, line):
    with pytest.raises(RuntimeError, match="there is no object 'Hero': name one of Face"):
        bpy.ops.rigtalk.animate(object_name="Hero", audio_path=str(line))


def prepared(spoken) -> jobs.Job:
    scene = bpy.context.scene
    job = jobs.prepare_line(scene, spoken, jobs.options_of(scene.rigtalk))
    job.generation.run()
    return job


def test_a_character_renamed_meanwhile_is_still_found(actor, spoken, face):
    job = prepared(spoken)
    face.name = "Hero"
    assert jobs.apply(job).startswith("Hero: 24908 keys on 52 curves")


def test_a_character_deleted_meanwhile_is_missed_in_one_line(actor, spoken, face):
    job = prepared(spoken)
    bpy.data.objects.remove(face)
    with pytest.raises(RigtalkError, match="character was deleted"):
        jobs.apply(job)


def test_undo_meanwhile_does_no_harm(actor, spoken, face):
    bpy.ops.ed.undo_push(message="one")
    face.location.x = 1.0
    bpy.ops.ed.undo_push(message="two")
    job = prepared(spoken)
    bpy.ops.ed.undo()
    assert jobs.apply(job).startswith("Face: 24908 keys on 52 curves")


def queued(*lines) -> queue.Queue:
    scene = bpy.context.scene
    entries = [queue.Entry(scene.session_uid, line.uid, line.name) for line in lines]
    return queue.Queue(entries, jobs.options_of(scene.rigtalk))


def test_loading_a_file_stops_the_work(actor, spoken, monkeypatch):
    monkeypatch.setattr(actor, "patience", 10**9)
    running = queue.Running.queue = queued(spoken)
    running.step(threaded=True)
    generation = running.job.generation
    assert queue.progress() == 0.0
    bpy.ops.wm.read_homefile(use_empty=True)
    assert queue.progress() is None
    assert generation.done


def test_settings_become_a_direction(settings):
    from rigtalk.blender_addon.dialogue.properties import direction_of

    settings.emotion, settings.intensity, settings.mix_fear, settings.seed = "joy", 0.5, 0.25, 7
    settings.strength_jaw = 1.5
    direction = direction_of(settings)
    assert dict(direction.emotions) == {"joy": 0.5, "fear": 0.25}
    assert direction.gain("jaw") == 1.5
    assert direction.seed == 7


def test_export_fbx_writes_the_active_character(actor, spoken, face, tmp_path):
    bpy.ops.rigtalk.generate()
    path = tmp_path / "face.fbx"
    assert bpy.ops.rigtalk.export_fbx(filepath=str(path)) == {"FINISHED"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["face.fbx"]
    with pytest.raises(RuntimeError, match="there is no folder"):
        bpy.ops.rigtalk.export_fbx(filepath=str(tmp_path / "no" / "face.fbx"))


def test_the_embedded_head_can_be_added_and_animated(actor, settings, scene):
    assert bpy.ops.rigtalk.add_head(face_board=True) == {"FINISHED"}
    assert bpy.context.object.name == "Head"
    settings.character = bpy.context.object
    assert bpy.ops.rigtalk.generate() == {"FINISHED"}
    # Its shape keys are driven, so the keys are on the board.
    boards = (item for item in scene.objects if item.type == "ARMATURE")
    (board,) = (item for item in boards if "CTRL_C_jaw" in item.data.bones)
    assert compat.curves_to_read(board).fcurves
    assert compat.curves_to_read(bpy.context.object.data.shape_keys) is None


def test_the_embedded_head_turns_with_the_line(actor, settings, scene, monkeypatch):
    still = actor.perform

    def turning(self, audio, direction, **words):
        performance = still(self, audio, direction, **words)
        values = performance.values.copy()
        values[:, performance.controls.index("headYaw")] = np.linspace(0.0, 0.4, len(values))
        return Performance(values, performance.fps, performance.controls)

    monkeypatch.setattr(actor, "perform", turning)
    assert bpy.ops.rigtalk.add_head() == {"FINISHED"}
    head = settings.character = bpy.context.object
    assert bpy.ops.rigtalk.generate() == {"FINISHED"}
    paths = {curve.data_path for curve in compat.curves_to_read(head).fcurves}
    assert paths == {'["headYaw"]', '["headPitch"]', '["headRoll"]'}
    last = max(curve.range()[1] for curve in compat.curves_to_read(head).fcurves)
    scene.frame_set(round(last))
    (neck,) = (item for item in scene.objects if item.type == "ARMATURE")
    bone = neck.evaluated_get(bpy.context.evaluated_depsgraph_get()).pose.bones["head"]
    assert abs(bone.rotation_euler[1]) == pytest.approx(0.4, abs=1e-4)
