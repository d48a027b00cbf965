"""The list fills itself from files and strips, and is kept in order."""

from __future__ import annotations

import bpy
import pytest

from rigtalk import rigs
from rigtalk.blender_addon import compat
from rigtalk.blender_addon.dialogue.line import active_line, line_by_uid, new_line
from rigtalk.blender_addon.dialogue.listing import fill_from_strips
from rigtalk.blender_addon.dialogue.properties import direction_of
from rigtalk.blender_addon.direction.moods import moods

ARKIT = rigs.control_set("arkit").names[:52]


def channel(scene: bpy.types.Scene, number: int) -> bpy.types.ID:
    compat.strips_of(scene)
    return scene.sequence_editor.channels[number]


def add_strip(scene, line, *, name: str, frame: int, on: int):
    strip = compat.add_sound(scene, audio=line, frame=frame, name=name)
    strip.channel = on
    return strip


@pytest.fixture
def two(extension, scene, make_mesh):
    """Two characters, each with a channel of its own."""
    anna, bert = make_mesh("Anna", ARKIT), make_mesh("Bert", ARKIT)
    channel(scene, 2).name, channel(scene, 3).name = "anna", "BERT"
    return anna, bert


def test_channels_name_the_characters(two, scene, line):
    anna, bert = two
    add_strip(scene, line, name="b", frame=900, on=2)
    add_strip(scene, line, name="a", frame=1, on=3)
    assert bpy.ops.rigtalk.fill_from_strips() == {"FINISHED"}
    lines = scene.rigtalk.lines
    assert [(each.name, each.character) for each in lines] == [("a", bert), ("b", anna)]
    assert all(each.audio_source == "STRIP" for each in lines)


def test_filling_again_adds_only_what_is_new(two, scene, line):
    add_strip(scene, line, name="a", frame=1, on=3)
    assert fill_from_strips(scene).added == 1
    scene.rigtalk.lines[0].emotion = "joy"
    add_strip(scene, line, name="b", frame=900, on=2)
    filled = fill_from_strips(scene)
    assert (filled.added, filled.kept) == (1, 1)
    assert scene.rigtalk.lines[0].emotion == "joy"


def test_what_is_muted_is_left_out_and_said(two, scene, line):
    add_strip(scene, line, name="a", frame=1, on=3).mute = True
    add_strip(scene, line, name="b", frame=900, on=2)
    channel(scene, 2).mute = True
    filled = fill_from_strips(scene)
    assert filled.added == 0
    assert "a, b muted" in filled.told


def test_a_strip_of_nobody_is_added_and_said(two, scene, line):
    add_strip(scene, line, name="a", frame=1, on=5)
    filled = fill_from_strips(scene)
    assert scene.rigtalk.lines[0].character is None
    assert "no character for a" in filled.told


def test_strips_may_be_named_after_who_speaks(two, scene, line):
    add_strip(scene, line, name="Bert_010", frame=1, on=5)
    fill_from_strips(scene)
    assert scene.rigtalk.lines[0].character == two[1]


def test_the_only_character_speaks_everything(extension, face, scene, line):
    add_strip(scene, line, name="a", frame=1, on=5)
    fill_from_strips(scene)
    assert scene.rigtalk.lines[0].character == face


def test_without_strips_it_says_what_to_do(extension, scene):
    with pytest.raises(RuntimeError, match="Video Sequencer"):
        bpy.ops.rigtalk.fill_from_strips()


def test_several_recordings_make_several_lines(extension, face, scene, line, tmp_path):
    for name in ("one.wav", "two.wav"):
        (tmp_path / name).write_bytes(line.read_bytes())
    scene.frame_set(25)
    files = [{"name": "one.wav"}, {"name": "two.wav"}]
    assert bpy.ops.rigtalk.add_lines(directory=str(tmp_path), files=files) == {"FINISHED"}
    lines = scene.rigtalk.lines
    assert [each.name for each in lines] == ["one", "two"]
    assert {each.start_frame for each in lines} == {25}
    assert {each.character for each in lines} == {face}


def test_lines_of_one_name_are_told_apart(extension, scene):
    assert bpy.ops.rigtalk.add_line() == bpy.ops.rigtalk.add_line() == {"FINISHED"}
    assert [each.name for each in scene.rigtalk.lines] == ["Line", "Line.001"]


def test_lines_move_and_sort_and_stay_who_they_are(extension, scene):
    uids = []
    for name, start in (("a", 300), ("b", 100), ("c", 200)):
        added = new_line(scene, name)
        added.start_frame = start
        uids.append(added.uid)
    bpy.ops.rigtalk.move_line(to="TOP")
    assert [each.name for each in scene.rigtalk.lines] == ["c", "a", "b"]
    assert active_line(scene).name == "c"
    bpy.ops.rigtalk.move_line(to="UP")  # there is nothing above
    bpy.ops.rigtalk.sort_lines()
    assert [each.name for each in scene.rigtalk.lines] == ["b", "c", "a"]
    assert active_line(scene).name == "c"
    assert [line_by_uid(scene, uid).name for uid in uids] == ["a", "b", "c"]


def test_removing_the_last_line_leaves_a_sane_list(extension, scene):
    new_line(scene, "a")
    new_line(scene, "b")
    bpy.ops.rigtalk.remove_line()
    assert active_line(scene).name == "a"
    bpy.ops.rigtalk.remove_line()
    assert active_line(scene) is None
    assert not bpy.ops.rigtalk.remove_line.poll()


def test_ticks(extension, scene):
    for name in "abc":
        new_line(scene, name)
    scene.rigtalk.lines[0].chosen = False
    bpy.ops.rigtalk.choose_lines(action="INVERT")
    assert [each.chosen for each in scene.rigtalk.lines] == [True, False, False]
    bpy.ops.rigtalk.choose_lines(action="ALL")
    assert all(each.chosen for each in scene.rigtalk.lines)


def test_scenes_have_lists_of_their_own(extension, scene):
    new_line(scene, "a")
    other = bpy.data.scenes.new("Other")
    assert active_line(other) is None
    assert len(scene.rigtalk.lines) == 1


def test_a_mood_sets_emotions_and_strengths(extension, scene):
    line = new_line(scene, "a")
    line.mix_fear, line.strength_jaw = 0.5, 0.2
    bpy.ops.rigtalk.line_mood(mood="excited")
    direction = direction_of(line)
    wanted = moods()["excited"]
    assert dict(direction.emotions) == pytest.approx(dict(wanted.emotions))
    assert direction.gain("speech") == pytest.approx(wanted.strength["speech"])
    assert direction.gain("jaw") == 1.0
    bpy.ops.rigtalk.line_mood(mood="neutral")
    assert not direction_of(line).emotions
