"""What is read from curves is what Blender itself shows, frame by frame."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
import pytest

from rigtalk.blender_addon.direction.keying import key_mood
from rigtalk.blender_addon.direction.moods import moods
from rigtalk.blender_addon.direction.motion import Motion
from rigtalk.blender_addon.direction.properties import NAMES, default_of, highest_of, path_of

FRAMES = np.arange(1, 140)


def shown(obj: bpy.types.Object) -> np.ndarray:
    """Values of every property as Blender plays them, (frames, properties)."""
    rows = []
    for frame in FRAMES:
        bpy.context.scene.frame_set(int(frame))
        rows.append([getattr(obj.rigtalk_direction, name) for name in NAMES])
    bpy.context.scene.frame_set(1)
    return np.array(rows)


def read(obj: bpy.types.Object) -> np.ndarray:
    motion = Motion(obj)
    columns = [
        motion.values(path_of(name), FRAMES.astype(float), default=default_of(name))
        for name in NAMES
    ]
    highest = [highest_of(name) for name in NAMES]
    return np.clip(np.stack(columns, axis=1), 0.0, highest)


def same(obj: bpy.types.Object) -> None:
    expected = shown(obj)
    assert np.ptp(expected) > 0.3
    np.testing.assert_allclose(read(obj), expected, atol=1e-6)


@pytest.fixture
def moody(anna: bpy.types.Object) -> bpy.types.Object:
    for frame, name in ((20, "warm"), (60, "furious"), (100, "verge-of-tears")):
        key_mood(anna, moods()[name], frame=frame, ease=12, current=1)
    return anna


def add_strip(obj: bpy.types.Object, action: Any, slot: Any, frame: int) -> Any:
    strip = obj.animation_data.nla_tracks.new().strips.new(f"at {frame}", frame, action)
    if slot is not None:
        strip.action_slot = slot
    return strip


@pytest.fixture
def strips(moody: bpy.types.Object) -> tuple[Any, Any]:
    """Two strips of one action on two tracks, and no action beside them."""
    data = moody.animation_data
    action, slot = data.action, getattr(data, "action_slot", None)
    data.action = None
    return tuple(add_strip(moody, action, slot, frame) for frame in (10, 40))


def test_an_action(moody: bpy.types.Object):
    same(moody)


@pytest.mark.parametrize("interpolation", ["CONSTANT", "LINEAR", "ELASTIC", "BOUNCE"])
def test_every_interpolation_and_extrapolation(anna, key, interpolation: str):
    key("joy", (20, 0.2), (60, 0.9), (70, 0.1), interpolation=interpolation)
    same(anna)
    from .conftest import curve_of

    curve_of(anna, "joy").extrapolation = "LINEAR"
    anna.animation_data.action.update_tag()
    same(anna)
    curve_of(anna, "joy").modifiers.new("CYCLES")
    anna.animation_data.action.update_tag()  # as editors do
    same(anna)


def test_a_muted_curve_says_nothing(anna, key):
    from .conftest import curve_of

    key("joy", (20, 0.2), (60, 0.9))
    curve_of(anna, "joy").mute = True
    assert not Motion(anna).moves(path_of("joy"))


def test_a_driver_decides(anna, key):
    anna.driver_add(path_of("fear")).driver.expression = "0.5"
    assert Motion(anna).driven(path_of("fear"))
    assert not Motion(anna).driven(path_of("joy"))


def test_a_strip(moody, strips):
    strips[1].mute = True
    strip = strips[0]
    same(moody)
    strip.frame_end, strip.scale = 150, 0.5
    same(moody)
    strip.repeat = 1.5
    same(moody)
    strip.use_reverse = True
    same(moody)


@pytest.mark.parametrize("blend", ["REPLACE", "ADD", "SUBTRACT", "MULTIPLY", "COMBINE"])
def test_strips_on_strips(moody, strips, blend: str):
    upper = strips[1]
    upper.blend_type = blend
    same(moody)
    upper.blend_in, upper.blend_out = 20, 10
    same(moody)
    upper.use_animated_influence = True
    influence = upper.fcurves.find("influence")
    influence.keyframe_points.insert(1, 0.2)
    influence.keyframe_points.insert(100, 0.9)
    influence.update()
    same(moody)


@pytest.mark.parametrize("extrapolation", ["NOTHING", "HOLD", "HOLD_FORWARD"])
def test_what_strips_do_outside_themselves(moody, strips, extrapolation: str):
    strips[1].extrapolation = extrapolation
    same(moody)


def test_muted_and_solo_tracks(moody, strips):
    tracks = moody.animation_data.nla_tracks
    tracks[1].mute = True
    same(moody)
    tracks[1].mute = False
    tracks[1].is_solo = True
    same(moody)


def test_a_strip_that_is_tweaked(moody, strips):
    strips[0].select, strips[1].select = False, True
    strips[1].extrapolation = "HOLD_FORWARD"
    moody.animation_data.use_tweak_mode = True
    assert moody.animation_data.action is not None
    same(moody)
    key_mood(moody, moods()["smug"], frame=110, ease=5, current=1)
    same(moody)
    bpy.context.scene.frame_set(110)
    smug = moods()["smug"].emotions
    assert moody.rigtalk_direction.contempt == pytest.approx(smug["contempt"], abs=1e-5)
