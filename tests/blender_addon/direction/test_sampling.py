"""From keys on a character to the direction of a line."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from rigtalk.blender_addon.direction.keying import key_mood
from rigtalk.blender_addon.direction.moods import moods
from rigtalk.blender_addon.direction.sampling import TOLERANCE, direction_for, driven_properties
from rigtalk.core.direction import EMOTIONS, Direction

from .conftest import curve_of

BASE = Direction({"joy": 0.7}, strength={"head": 0.5, "mouth": 1.2}, seed=9)
FPS = 24.0


def given(
    obj: bpy.types.Object, base: Direction = BASE, start: float = 1.0, seconds: float = 5.0
) -> Direction:
    return direction_for(obj, base=base, start_frame=start, fps=FPS, seconds=seconds)


def felt(direction: Direction, emotion: str, *times: float) -> np.ndarray:
    return direction.emotion_at(np.array(times))[:, EMOTIONS.index(emotion)]


def test_where_nothing_is_keyed_the_line_rules(anna):
    timed = Direction(keys=((0.0, {"joy": 1.0}), (1.0, {})), strength_keys=((0.0, {"jaw": 0.5}),))
    for base in (BASE, timed, Direction()):
        assert given(anna, base) is base


@pytest.mark.parametrize("interpolation", ["BEZIER", "LINEAR", "CONSTANT", "ELASTIC", "SINE"])
def test_the_curve_is_what_is_felt(anna, key, interpolation: str):
    frame = bpy.context.scene.frame_current_final
    key("sadness", (13, 0.1), (61, 0.8), (97, 0.3), interpolation=interpolation)
    direction = given(anna)
    assert bpy.context.scene.frame_current_final == frame
    curve = curve_of(anna, "sadness")
    times = np.arange(0, 5, 1 / 50)  # at which the network is asked
    expected = np.clip([curve.evaluate(1 + time * FPS) for time in times], 0, 1)
    np.testing.assert_allclose(felt(direction, "sadness", *times), expected, atol=TOLERANCE + 1e-3)
    assert not felt(direction, "joy", *times).any()  # the line's own is replaced
    assert len(direction.keys) < 110
    assert direction.seed == 9
    assert direction.strength == BASE.strength


def test_few_keys_for_what_is_simple(anna, key):
    key("joy", (13, 0.1), (61, 0.8), interpolation="LINEAR")
    assert [time for time, _ in given(anna).keys] == [0.0, 0.5, 2.5, 5.0]
    curve_of(anna, "joy").keyframe_points[0].interpolation = "CONSTANT"
    assert len(given(anna).keys) <= 5
    np.testing.assert_allclose(felt(given(anna), "joy", 2.49, 2.51), [0.1, 0.8], atol=1e-3)


def test_a_line_starts_where_it_starts(anna, key):
    key("fear", (100, 0.0), (148, 1.0), interpolation="LINEAR")
    np.testing.assert_allclose(felt(given(anna, start=100.0), "fear", 0, 1, 2), [0, 0.5, 1])
    np.testing.assert_allclose(
        felt(given(anna, start=-20.5, seconds=9), "fear", 6.02), [0.5], atol=2e-3
    )
    half = direction_for(anna, base=BASE, start_frame=100.0, fps=12.0, seconds=5)
    np.testing.assert_allclose(felt(half, "fear", 2, 4), [0.5, 1.0])


def test_lines_that_no_key_touches_keep_their_own(anna, key):
    key("anger", (100, 0.0), (110, 0.9), (200, 0.9), (210, 0.0))
    assert given(anna, start=1.0, seconds=4.0) is BASE
    assert given(anna, start=211.0) is BASE
    assert felt(given(anna, start=120.0, seconds=1.0), "anger", 0.5) == pytest.approx(0.9)
    # A neutral key within a line is meant: the line is said without its own feeling.
    assert not given(anna, start=205.0, seconds=3.0).emotion_at(np.array([1.0])).any()


def test_a_line_cut_from_a_long_recording(anna, key):
    key("anger", (100, 0.0), (110, 0.9), (200, 0.9), (210, 0.0), interpolation="LINEAR")
    span = {"base": BASE, "start_frame": -239.0, "fps": FPS}  # frame 1 is at 10 s
    assert direction_for(anna, begin=10.0, seconds=4.0, **span) is BASE
    direction = direction_for(anna, begin=14.0, seconds=2.0, **span)
    np.testing.assert_allclose(
        felt(direction, "anger", 14.125, 14.3, 15.9), [0, 0.378, 0.9], atol=2e-3
    )
    assert min(time for time, _ in direction.keys) == 14.0


def test_a_slider_without_a_key_holds(anna):
    anna.rigtalk_direction.contempt = 0.4
    direction = given(anna)
    assert direction.keys == ()
    assert direction.emotions == {"contempt": pytest.approx(0.4)}


def test_intensity_multiplies_the_line_too(anna, key):
    anna.rigtalk_direction.intensity = 0.5
    assert given(anna).emotions == {"joy": pytest.approx(0.35)}
    anna.rigtalk_direction.intensity = 2.0
    assert given(anna).emotions == {"joy": 1.0}  # no further
    key("intensity", (1, 1.0), (49, 0.0), interpolation="LINEAR")
    np.testing.assert_allclose(felt(given(anna), "joy", 0, 1, 2), [0.7, 0.35, 0.0], atol=1e-6)
    keyed = Direction(keys=((0.0, {"joy": 0.0}), (1.0, {"joy": 1.0}), (9.0, {"joy": 0.0})))
    np.testing.assert_allclose(felt(given(anna, keyed), "joy", 1.0), [0.5], atol=1e-6)


def test_strengths_multiply(anna, key):
    key("strength_head", (1, 0.0), (49, 2.0), interpolation="LINEAR")
    anna.rigtalk_direction.strength_jaw = 0.5
    base = Direction(
        strength={"head": 0.5, "gaze": 0.3},
        strength_keys=((0.0, {"mouth": 0.5}), (2.0, {"mouth": 1.5, "jaw": 2.0})),
    )
    direction = given(anna, base)
    times = np.array([0.0, 1.0, 2.0])
    np.testing.assert_allclose(direction.gain_at("head", times), [0.0, 0.5, 1.0], atol=1e-6)
    np.testing.assert_allclose(direction.gain_at("jaw", times), 1.0)
    np.testing.assert_allclose(direction.gain_at("mouth", times), [0.5, 1.0, 1.5])
    np.testing.assert_allclose(direction.gain_at("gaze", times), 0.3)
    anna.rigtalk_direction.strength_gaze = 2.0
    assert given(anna, Direction(strength={"gaze": 1.7})).gain("gaze") == 2.0  # no further
    assert direction.emotions == base.emotions


def test_a_scene_of_moods(anna):
    """Presets as an animator keys them give a direction that core takes and that follows them."""
    for i, mood in enumerate(moods().values()):
        key_mood(anna, mood, frame=24 * (i + 1), ease=12, current=1)
    count = len(moods())
    direction = given(anna, Direction(), seconds=count + 2.0)
    for i, mood in enumerate(moods().values()):
        time = np.array([i + 23 / 24])
        for emotion in EMOTIONS:
            expected = mood.emotions.get(emotion, 0.0)
            np.testing.assert_allclose(felt(direction, emotion, *time), expected, atol=0.01)
        for region in ("speech", "head", "gaze"):
            expected = mood.strength.get(region, 1.0)
            np.testing.assert_allclose(direction.gain_at(region, time), expected, atol=0.01)


def test_drivers_are_not_followed_and_named(anna, key):
    key("joy", (1, 0.0), (49, 1.0))
    anna.driver_add("rigtalk_direction.joy").driver.expression = "0.5"
    assert driven_properties(anna) == ("joy",)
    assert given(anna) is BASE


def test_overshoot_stays_in_range(anna, key):
    key("joy", (1, 0.0), (25, 1.0), (49, 0.0))
    for point in curve_of(anna, "joy").keyframe_points:
        point.interpolation = "ELASTIC"
    direction = given(anna)  # would complain of an intensity out of range
    assert felt(direction, "joy", *np.arange(0, 5, 0.01)).max() <= 1.0


def test_before_and_after_the_extension(anna, key):
    """A line of no length, and an object without our properties, harm nothing."""
    key("joy", (1, 0.5))
    assert felt(given(anna, seconds=0.0), "joy", 0.0) == pytest.approx(0.5)
    assert direction_for(object(), base=BASE, start_frame=1, fps=24, seconds=1) is BASE
