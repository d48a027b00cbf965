"""Text strips over sound strips are what is said in them."""

from __future__ import annotations

import bpy
import pytest

from rigtalk.blender_addon import compat
from rigtalk.blender_addon.dialogue.line import new_line
from rigtalk.blender_addon.dialogue.listing import fill_from_strips

FIRST = 101
"""Frame at which the sound begins; it lasts about 8 s, at 60 fps."""


def add_text(scene: bpy.types.Scene, text: str, begin: int, end: int, *, on: int):
    strips = compat.strips_of(scene)
    known = strips.bl_rna.functions["new_effect"].parameters.keys()
    length = {"length": end - begin} if "length" in known else {"frame_end": end}
    strip = strips.new_effect(name=text[:8], type="TEXT", channel=on, frame_start=begin, **length)
    strip.text = text
    assert compat.strip_span(strip)[1:] == (begin, end)
    return strip


@pytest.fixture
def sound(extension, scene, line):
    """A sound strip on channel 1."""
    return compat.add_sound(scene, audio=line, frame=FIRST, name="sound")


def words_of(scene: bpy.types.Scene) -> str:
    fill_from_strips(scene)
    return str(scene.rigtalk.lines[0].script)


def test_texts_over_a_sound_are_its_words_in_the_order_of_time(sound, scene):
    add_text(scene, "poor\npuppy ", 200, 290, on=7)
    add_text(scene, "Maybe my", FIRST, 190, on=3)
    filled = fill_from_strips(scene)
    assert scene.rigtalk.lines[0].script == "Maybe my poor puppy"
    assert (filled.added, filled.worded) == (1, 1)
    assert "words for 1 from text strips" in filled.told


@pytest.mark.parametrize(
    ("begin", "end", "taken"),
    [
        (FIRST - 50, FIRST + 50, True),  # half of the text, which is the shorter
        (FIRST - 51, FIRST + 49, False),
        (1, FIRST, False),  # ends where the sound begins
        (1, 2000, True),  # all of the sound
    ],
)
def test_half_of_the_shorter_one_counts(sound, scene, begin, end, taken):
    add_text(scene, "said", begin, end, on=3)
    assert words_of(scene) == ("said" if taken else "")


def test_half_of_the_sound_counts_where_it_is_the_shorter(sound, scene):
    _, begin, end = compat.strip_span(sound)
    middle = int((begin + end) // 2)
    late = add_text(scene, "late", middle + 2, middle + 2000, on=3)
    assert words_of(scene) == ""
    compat.strips_of(scene).remove(late)
    add_text(scene, "early", middle - 2, middle + 2000, on=3)
    assert words_of(scene) == "early"


def test_what_is_muted_or_empty_is_not_said(sound, scene):
    add_text(scene, "muted", 110, 190, on=3).mute = True
    add_text(scene, "silent", 110, 190, on=4)
    add_text(scene, " \n", 110, 190, on=5)
    scene.sequence_editor.channels[4].mute = True
    assert words_of(scene) == ""


def test_each_sound_gets_its_own(sound, scene, line):
    compat.add_sound(scene, audio=line, frame=2001, name="later")
    add_text(scene, "first", 110, 190, on=5)
    add_text(scene, "second", 2010, 2090, on=5)
    fill_from_strips(scene)
    assert [each.script for each in scene.rigtalk.lines] == ["first", "second"]


def test_lines_that_are_there_get_words_only_where_they_have_none(sound, scene):
    for script in ("", "my own"):
        made = new_line(scene, "a")
        made.audio_source, made.audio_strip, made.script = "STRIP", "sound", script
    add_text(scene, "said", 110, 190, on=3)
    filled = fill_from_strips(scene)
    assert (filled.added, filled.kept, filled.worded) == (0, 1, 1)
    assert [each.script for each in scene.rigtalk.lines] == ["said", "my own"]
    assert fill_from_strips(scene).worded == 0


def test_the_texts_of_another_scene_are_not_meant(sound, scene):
    add_text(bpy.data.scenes.new("Other"), "elsewhere", 110, 190, on=3)
    assert words_of(scene) == ""
