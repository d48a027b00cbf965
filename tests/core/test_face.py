"""Strengths that change, and speech that is made more or less while the smile stays."""

import numpy as np
import pytest

from rigtalk.core.actor import Actor
from rigtalk.core.audio import Clip
from rigtalk.core.direction import Direction
from rigtalk.core.face import MUMBLED
from rigtalk.rigs import control_set

STILL = dict.fromkeys(("head", "gaze", "blinks"), 0.0)
JOY = {"joy": 0.8}


@pytest.fixture
def clip(babble: np.ndarray) -> Clip:
    return Clip(babble[: 16000 * 12])


@pytest.mark.parametrize("rig", ["arkit", "metahuman", "metahuman-board"])
def test_strengths_that_do_not_change_are_constants(tiny: Actor, clip: Clip, rig: str):
    strength = {"mouth": 1.3, "jaw": 0.5, "brows": 1.75, "head": 0.25, "speech": 1.5, "gaze": 0.5}
    steady = tiny.perform(clip, Direction(JOY, strength=strength), rig=rig)
    keys = ((1.0, strength), (5.0, strength))
    keyed = tiny.perform(clip, Direction(JOY, strength_keys=keys), rig=rig)
    np.testing.assert_allclose(keyed.values, steady.values, atol=1e-6)


def test_a_strength_that_changes_scales_in_time(tiny: Actor, clip: Clip):
    keys = ((2.0, {"brows": 0.0}), (10.0, {"brows": 2.0}))
    given = tiny.perform(clip, Direction(JOY, strength=STILL, strength_keys=keys))
    steady = tiny.perform(clip, Direction(JOY, strength=STILL))
    gain = np.interp(given.times, [2, 10], [0, 2])
    expected = np.clip(gain * steady.curve("browInnerUp"), 0, 1)
    assert expected.max() > 0.1
    np.testing.assert_allclose(given.curve("browInnerUp"), expected, atol=1e-5)


def test_a_mouth_that_is_turned_off_for_a_while(tiny: Actor, clip: Clip):
    on, off = (dict.fromkeys(("mouth", "jaw", "cheeks"), gain) for gain in (1.0, 0.0))
    keys = ((3.0, on), (3.1, off), (7.0, off), (7.1, on))
    controls = control_set("arkit")
    mouth = controls.in_region("mouth", "jaw", "tongue")
    given = tiny.perform(clip, Direction(strength_keys=keys))
    away = (given.times > 3.2) & (given.times < 6.9)
    assert given.values[away][:, mouth].max() < 0.03  # breath, behind closed lips
    plain = tiny.perform(clip)
    before = given.times < 2.9
    np.testing.assert_allclose(given.values[before], plain.values[before], atol=1e-5)


CORNERS = ("mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthDimpleRight")
"""Controls of the mouth that neither a closure nor a rest changes."""


def corners(actor: Actor, clip: Clip, direction: Direction) -> np.ndarray:
    given = actor.perform(clip, direction)
    return given.values[:, given.controls.indices(*CORNERS)]


@pytest.mark.parametrize(("speech", "factor"), [(0.0, MUMBLED), (0.5, 0.625), (1.5, 1.5)])
def test_speech_without_a_feeling_is_scaled_as_it_is(
    tiny: Actor, clip: Clip, speech: float, factor: float
):
    plain = corners(tiny, clip, Direction())
    assert plain.max() > 0.1
    given = corners(tiny, clip, Direction(strength={"speech": speech}))
    np.testing.assert_allclose(given, np.clip(factor * plain, 0, 1), atol=1e-6)
    whole, before = (
        tiny.perform(clip, Direction(strength={"speech": each})).values for each in (speech, 1.0)
    )
    others = control_set("arkit").in_region("brows", "cheeks", "eyes", "head", "nose")
    np.testing.assert_array_equal(whole[:, others], before[:, others])


def test_a_mumble_keeps_its_smile(tiny: Actor, clip: Clip):
    """What the feeling adds to the mouth stays, while what the words do shrinks."""
    calm, felt = corners(tiny, clip, Direction()), corners(tiny, clip, Direction(JOY))
    mumbled = corners(tiny, clip, Direction(JOY, strength={"speech": 0.0}))
    expected = np.clip(felt - (1 - MUMBLED) * calm, 0, 1)
    assert np.abs(felt - calm).max() > 0.05
    np.testing.assert_allclose(mumbled, expected, atol=1e-6)


def test_lips_meet_however_they_speak(tiny: Actor, clip: Clip):
    for speech in (0.0, 0.5, 1.0, 2.0):
        given = tiny.perform(clip, Direction(JOY, strength={"speech": speech}), fps=24)
        sealed = np.abs(given.curve("jawOpen") - given.curve("mouthClose")) < 1e-6
        assert np.count_nonzero(np.diff(sealed.astype(int)) == 1) >= 12


def test_the_network_is_asked_twice_only_where_that_changes_something(tiny: Actor, clip: Clip):
    asked: list[bool] = []

    class Counted(type(tiny.network)):
        def run(self, heard, emotion, *, control_set):
            asked.append(bool(emotion.any()))
            return super().run(heard, emotion, control_set=control_set)

    actor = Actor(Counted(**vars(tiny.network)))
    for direction, passes in (
        (Direction(), 1),
        (Direction(JOY), 1),
        (Direction(strength={"speech": 0.5}), 1),
        (Direction(JOY, strength={"speech": 0.5}), 2),
        (Direction(JOY, strength_keys=((0.0, {"speech": 0.5}),)), 2),
        (Direction(JOY, strength_keys=((0.0, {"mouth": 0.5}),)), 1),
    ):
        asked.clear()
        actor.perform(clip, direction)
        assert len(asked) == passes
