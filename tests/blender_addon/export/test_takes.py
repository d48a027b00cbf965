"""Takes come from lines, markers or the frame range."""

from __future__ import annotations

import numpy as np
import pytest

from rigtalk.blender_addon.dialogue.line import new_line
from rigtalk.blender_addon.export.takes import Take, find_takes, takes_at_markers
from rigtalk.core.errors import RigtalkError


def test_frames_of_a_take_reach_from_the_first_to_the_last():
    take = Take("a", -2, 1)
    assert len(take) == 4
    np.testing.assert_array_equal(take.frames, [-2, -1, 0, 1])
    assert len(Take("a", 3, 1)) == 0


def test_a_take_lasts_from_its_marker_to_the_next(scene):
    scene.frame_start, scene.frame_end = 10, 100
    for name, frame in (("b", 40), ("outside", 5), ("a", 10), ("b again", 40), ("late", 101)):
        scene.timeline_markers.new(name, frame=frame)
    assert takes_at_markers(scene) == (Take("a", 10, 39), Take("b again", 40, 100))


def test_without_lines_the_frame_range_is_the_take(extension, scene, face):
    scene.frame_start, scene.frame_end = 3, 9
    assert find_takes("AUTO", scene, {face}) == (Take("Scene", 3, 9),)
    assert find_takes("SCENE", scene, {face}) == (Take("Scene", 3, 9),)
    with pytest.raises(RigtalkError, match="no line of this character has been generated"):
        find_takes("LINES", scene, {face})
    with pytest.raises(RigtalkError, match="there is no marker from frame 3 to 9"):
        find_takes("MARKERS", scene, {face})


def test_generated_lines_of_the_character_are_takes(extension, scene, face, make_mesh):
    other = make_mesh("Other", ["bend"])
    for name, character, made, first, last in (
        ("second", face, True, 50.25, 80.5),
        ("first", face, True, 1.0, 40.0),
        ("not yet", face, False, 0.0, 0.0),
        ("someone else", other, True, 5.0, 9.0),
    ):
        line = new_line(scene, name)
        line.character, line.made, line.first, line.last = character, made, first, last
    expected = (Take("first", 1, 40), Take("second", 50, 81))
    assert find_takes("AUTO", scene, {face}) == expected
    assert find_takes("LINES", scene, {face}) == expected
    scene.frame_start, scene.frame_end = 3, 9
    assert find_takes("SCENE", scene, {face}) == (Take("Scene", 3, 9),)
