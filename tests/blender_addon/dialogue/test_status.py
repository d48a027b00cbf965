"""What became of a line."""

from __future__ import annotations

import bpy
import pytest

from rigtalk.blender_addon import compat
from rigtalk.blender_addon.dialogue import status
from rigtalk.blender_addon.dialogue.status import Status, status_of


@pytest.fixture
def own(spoken, line, tmp_path):
    """A line whose recording may be changed."""
    copy = tmp_path / "own.flac"
    copy.write_bytes(line.read_bytes())
    spoken.audio_path = str(copy)
    return spoken, copy


def test_a_line_is_new_then_generated(actor, spoken, scene):
    assert status_of(scene, spoken) is Status.NEW
    bpy.ops.rigtalk.generate()
    assert status_of(scene, spoken) is Status.GENERATED


def test_a_failed_line_says_so(actor, spoken, scene, tmp_path):
    spoken.audio_path = str(tmp_path / "gone.wav")
    with pytest.raises(RuntimeError):
        bpy.ops.rigtalk.generate()
    assert status_of(scene, spoken) is Status.FAILED


def test_a_changed_recording_is_noticed(actor, own, scene):
    said, copy = own
    bpy.ops.rigtalk.generate()
    copy.write_bytes(copy.read_bytes() + b"\0")
    status.forget()
    assert status_of(scene, said) is Status.AUDIO_CHANGED
    copy.unlink()
    status.forget()
    assert status_of(scene, said) is Status.AUDIO_MISSING


def test_a_trimmed_strip_is_a_changed_recording(actor, spoken, scene, line):
    strip = compat.add_sound(scene, audio=line, frame=1, name="Strip")
    spoken.audio_source, spoken.audio_strip = "STRIP", "Strip"
    bpy.ops.rigtalk.generate()
    if hasattr(strip, "right_handle_offset"):
        strip.right_handle_offset = 40
    else:
        strip.frame_offset_end = 40
    status.forget()
    assert status_of(scene, spoken) is Status.AUDIO_CHANGED


def test_keys_moved_by_hand_are_noticed(actor, spoken, scene, face):
    bpy.ops.rigtalk.generate()
    assert status_of(scene, spoken) is Status.GENERATED
    curve = compat.curves_to_read(face.data.shape_keys).fcurves[0]
    curve.keyframe_points[3].co.y += 0.1
    status.forget_edits()
    assert status_of(scene, spoken) is Status.EDITED
