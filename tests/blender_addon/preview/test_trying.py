"""Which five seconds are tried."""

from __future__ import annotations

import math

import bpy
import pytest

from rigtalk.blender_addon.dialogue.line import new_line
from rigtalk.blender_addon.preview.source import active_preview
from rigtalk.blender_addon.preview.trying import frames_to_try, known_length


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (200, (125, 275)),
        (1, (1, 151)),
        (-50, (1, 151)),
        (395, (250, 400)),
        (9999, (250, 400)),
    ],
)
def test_the_current_frame_is_in_the_middle_where_there_is_room(frame, expected):
    assert frames_to_try(frame, first=1, last=400, length=150) == expected


def test_a_short_line_is_tried_whole():
    assert frames_to_try(7, first=2.5, last=40.25, length=150) == (2, 41)


def test_only_the_part_is_keyed_and_the_rest_stays(extension, actor, scene, face, line):
    made = new_line(scene, "A")
    made.audio_path, made.character, made.start_frame = str(line), face, 11
    scene.frame_set(300)
    assert bpy.ops.rigtalk.try_out("EXEC_DEFAULT", play=False) == {"FINISHED"}
    preview = known_length(scene, active_preview(scene))
    first, last = frames_to_try(300, first=preview.first, last=preview.last, length=5 * 60)
    assert last - first == pytest.approx(300, abs=1)
    assert first <= made.first
    assert made.last <= last


def test_it_says_why_it_cannot(extension, scene, tmp_path, face):
    assert not bpy.ops.rigtalk.try_out.poll()
    made = new_line(scene, "A")
    made.audio_path, made.character = str(tmp_path / "gone.wav"), face
    with pytest.raises(RuntimeError, match=r"gone\.wav"):
        bpy.ops.rigtalk.try_out("EXEC_DEFAULT", play=False)


def test_the_length_comes_from_the_recording(extension, scene, line):
    made = new_line(scene, "A")
    made.audio_path, made.start_frame = str(line), 5
    preview = active_preview(scene)
    assert math.isnan(preview.last)
    assert known_length(scene, preview).last > 5 + 60
