from __future__ import annotations

from pathlib import Path

import bpy
import pytest

from rigtalk.blender_addon.direction.keying import check_keyable, clear_keys, key_mood
from rigtalk.blender_addon.direction.moods import NEUTRAL, moods, parse_mood
from rigtalk.core.direction import EMOTIONS
from rigtalk.core.errors import RigtalkError

from .conftest import curve_of


def keys(obj: bpy.types.Object, name: str) -> list[tuple[float, float]]:
    curve = curve_of(obj, name)
    return [(p.co[0], pytest.approx(p.co[1])) for p in curve.keyframe_points] if curve else []


def put(obj: bpy.types.Object, text: str, frame: float, ease: float = 12.0) -> tuple[str, ...]:
    return key_mood(obj, parse_mood(text), frame=frame, ease=ease, current=1.0)


def test_a_mood_comes_up_within_its_ease(anna):
    assert put(anna, "joy 0.6, head 1.3", 48) == ()
    assert keys(anna, "joy") == [(36, 0.0), (48, 0.6)]
    assert keys(anna, "strength_head") == [(36, 1.0), (48, 1.3)]
    for emotion in EMOTIONS:
        assert len(keys(anna, emotion)) == 2  # so that what was felt before is over
    assert curve_of(anna, "strength_jaw") is None  # not the mood's business
    assert curve_of(anna, "intensity") is None
    point = curve_of(anna, "joy").keyframe_points[0]
    assert (point.interpolation, point.handle_right_type) == ("BEZIER", "AUTO_CLAMPED")
    assert curve_of(anna, "joy").group.name == "Direction"


def test_one_mood_after_another(anna):
    put(anna, "joy 0.6, head 1.3", 48)
    put(anna, "fear 0.8", 96)
    assert keys(anna, "joy") == [(36, 0.0), (48, 0.6), (84, 0.6), (96, 0.0)]
    assert keys(anna, "fear") == [(36, 0.0), (48, 0.0), (84, 0.0), (96, 0.8)]
    assert keys(anna, "strength_head")[-1] == (96, 1.0)  # back to natural
    # Between two: what is there at the begin of its ease is kept up to there.
    put(anna, "neutral", 72)
    assert keys(anna, "joy") == [
        (36, 0.0), (48, 0.6), (60, 0.6), (72, 0.0), (84, 0.6), (96, 0.0)
    ]  # fmt: skip


def test_keys_within_the_ease_are_replaced(anna):
    put(anna, "joy", 50)
    put(anna, "fear", 52, ease=24)
    assert keys(anna, "joy") == [(28, 0.0), (52, 0.0)]
    put(anna, "fear", 52, ease=24)  # twice is once
    assert keys(anna, "fear") == [(28, 0.0), (52, 1.0)]


def test_a_jump(anna):
    put(anna, "joy", 48, ease=0.0)
    curve = curve_of(anna, "joy")
    assert [curve.evaluate(frame) for frame in (47, 47.9, 48)] == [0.0, 0.0, 1.0]


def test_what_a_slider_said_comes_before(anna):
    anna.rigtalk_direction.joy = 0.5
    put(anna, "fear", 48)
    assert keys(anna, "joy") == [(36, 0.5), (48, 0.0)]


def test_sliders_show_a_mood_at_once(anna):
    key_mood(anna, moods()["furious"], frame=30, ease=5, current=30.0)
    assert anna.rigtalk_direction.anger == 1.0
    key_mood(anna, NEUTRAL, frame=90, ease=5, current=30.0)
    assert anna.rigtalk_direction.anger == 1.0


def test_other_curves_of_the_action_stay(anna):
    anna.location.x = 3.0
    anna.keyframe_insert("location", index=0, frame=40)
    action = anna.animation_data.action
    put(anna, "joy", 48)
    assert anna.animation_data.action == action
    clear_keys(anna, first=-1e6, last=1e6)
    from rigtalk.blender_addon import compat

    (curve,) = compat.curves_to_read(anna).fcurves
    assert curve.data_path == "location"


def test_clearing_a_range(anna):
    put(anna, "joy", 48)
    put(anna, "fear", 96)
    assert clear_keys(anna, first=80, last=96) == 2 * len(EMOTIONS)
    assert keys(anna, "joy") == [(36, 0.0), (48, 1.0)]
    assert clear_keys(anna, first=1, last=200) == 2 * len(EMOTIONS)
    assert curve_of(anna, "joy") is None
    assert anna.rigtalk_direction.joy == 0.0
    assert clear_keys(anna, first=1, last=200) == 0


def test_drivers_and_locks_are_named(anna):
    anna.driver_add("rigtalk_direction.fear").driver.expression = "0.1"
    put(anna, "joy", 48)
    curve_of(anna, "anger").lock = True
    notes = put(anna, "anger", 96)
    assert notes == ("fear has a driver", "anger is locked")
    assert keys(anna, "anger") == [(36, 0.0), (48, 0.0)]
    assert curve_of(anna, "fear") is None


def test_a_shared_action_is_refused(anna, scene):
    put(anna, "joy", 48)
    other = bpy.data.objects.new("Other", None)
    scene.collection.objects.link(other)
    data = other.animation_data_create()
    data.action = anna.animation_data.action
    if hasattr(data, "action_slot"):
        data.action_slot = anna.animation_data.action_slot
    with pytest.raises(RigtalkError, match="single-user"):
        put(anna, "fear", 96)
    assert keys(anna, "fear") == [(36, 0.0), (48, 0.0)]


@pytest.fixture
def linked(anna, scene, tmp_path: Path) -> bpy.types.Object:
    """A character from a library."""
    path = tmp_path / "library.blend"
    bpy.data.libraries.write(str(path), {anna}, fake_user=True)
    bpy.data.objects.remove(anna)
    with bpy.data.libraries.load(str(path), link=True) as (_, wanted):
        wanted.objects = ["Anna"]
    (thing,) = wanted.objects
    scene.collection.objects.link(thing)
    bpy.context.view_layer.objects.active = thing
    return thing


def test_a_linked_character_says_what_to_do(linked):
    with pytest.raises(RigtalkError, match="Anna is linked from a library: make a library over"):
        check_keyable(linked)
    assert not bpy.ops.rigtalk.key_mood.poll()


def test_an_override_can_be_directed(linked, tmp_path: Path):
    override = linked.override_create(remap_local_usages=True)
    put(override, "joy 0.5", 48)
    assert keys(override, "joy") == [(36, 0.0), (48, 0.5)]
    override.rigtalk_direction.contempt = 0.25
    path = tmp_path / "scene.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    again = next(o for o in bpy.data.objects if o.override_library)
    assert keys(again, "joy") == [(36, 0.0), (48, 0.5)]
