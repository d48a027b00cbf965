from __future__ import annotations

import bpy
import pytest

from rigtalk.blender_addon.direction.moods import moods

from .conftest import curve_of


@pytest.fixture
def mark(scene):
    def add(frame: int, name: str) -> None:
        scene.timeline_markers.new(name, frame=frame)

    return add


def value(obj, name: str, frame: float) -> float:
    curve = curve_of(obj, name)
    return curve.evaluate(frame) if curve else -1.0


def test_a_mood_at_the_current_frame(anna, scene):
    scene.frame_set(60)
    assert bpy.ops.rigtalk.key_mood(mood="furious", amount=0.5, ease=0.5) == {"FINISHED"}
    anger = moods()["furious"].emotions["anger"]
    assert value(anna, "anger", 60) == pytest.approx(0.5 * anger)
    assert value(anna, "anger", 48) == 0.0  # half a second at 24 fps
    assert 0.0 < value(anna, "anger", 54) < 0.5 * anger


def test_neutral_and_clear(anna, scene):
    scene.frame_set(60)
    bpy.ops.rigtalk.key_mood(mood="warm")
    scene.frame_set(120)
    bpy.ops.rigtalk.key_neutral(ease=1.0)
    assert value(anna, "joy", 96) == pytest.approx(moods()["warm"].emotions["joy"])
    assert value(anna, "joy", 120) == 0.0
    assert bpy.ops.rigtalk.clear_direction(whole=False, first=90, last=130) == {"FINISHED"}
    assert value(anna, "joy", 120) > 0.0
    with pytest.raises(RuntimeError, match="frame 9 is after frame 2"):
        bpy.ops.rigtalk.clear_direction(whole=False, first=9, last=2)
    bpy.ops.rigtalk.clear_direction()
    assert curve_of(anna, "joy") is None


def test_one_undo_takes_a_mood_back(anna, scene):
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.rigtalk.key_mood("EXEC_DEFAULT", True, mood="shocked") == {"FINISHED"}
    assert curve_of(bpy.data.objects["Anna"], "surprise")
    bpy.ops.ed.undo()
    assert not curve_of(bpy.data.objects["Anna"], "surprise")


def test_markers(anna, mark):
    mark(48, "Warm 0.5")
    mark(96, "joy 0.6")
    mark(100, "furious")
    mark(110, "Act 2")
    assert bpy.ops.rigtalk.key_markers(ease=1.0) == {"FINISHED"}
    assert value(anna, "joy", 48) == pytest.approx(0.5 * moods()["warm"].emotions["joy"])
    assert value(anna, "joy", 96) == pytest.approx(0.6)  # the next one's ease does not reach back
    assert value(anna, "anger", 97) == pytest.approx(0.0, abs=1e-6)
    assert value(anna, "anger", 100) == 1.0


def test_selected_markers(anna, scene, mark):
    mark(48, "joy")
    mark(96, "fear")
    for marker in scene.timeline_markers:
        marker.select = marker.name == "fear"
    bpy.ops.rigtalk.key_markers(selected=True)
    assert value(anna, "joy", 48) == 0.0
    assert value(anna, "fear", 96) == 1.0


def test_markers_that_say_nothing(anna, mark):
    with pytest.raises(RuntimeError, match="no marker names a mood: name one"):
        bpy.ops.rigtalk.key_markers()
    for i in range(5):
        mark(i, f"F_0{i}")
    with pytest.raises(RuntimeError, match="not understood: F_00, F_01, F_02 and 2 more"):
        bpy.ops.rigtalk.key_markers()
    assert anna.animation_data is None


def test_nobody_to_direct(anna):
    bpy.context.view_layer.objects.active = None
    for name in ("key_mood", "key_neutral", "clear_direction", "key_markers"):
        assert not getattr(bpy.ops.rigtalk, name).poll()


def test_everything_says_what_it_does(extension):
    for name in ("key_mood", "key_neutral", "clear_direction", "key_markers"):
        kind = getattr(bpy.ops.rigtalk, name).get_rna_type()
        assert kind.description
        for prop in kind.properties:
            assert prop.identifier == "rna_type" or prop.description, prop.identifier
    group = bpy.types.Object.bl_rna.properties["rigtalk_direction"].fixed_type
    for prop in group.properties:
        if prop.identifier not in ("rna_type", "name"):
            assert prop.description
            assert prop.is_animatable
            assert prop.is_overridable
