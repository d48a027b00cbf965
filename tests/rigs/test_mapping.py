"""Mappings as a whole: round trips, what they lose and why, speed, bad input."""

import time
from itertools import product

import numpy as np
import pytest

from rigtalk.rigs import RigtalkError, control_set, control_set_names, mapping
from rigtalk.rigs.loading import read_table

ARKIT = control_set("arkit")
METAHUMAN = control_set("metahuman")
BOARD = control_set("metahuman-board")
PREFIX = "CTRL_expressions_"

NAMES = control_set_names()
PAIRS = list(product(NAMES, NAMES))
FROM_THE_NETWORK = list(product(("arkit", "metahuman"), NAMES))
ANGLES = ARKIT.names[52:]
TOLERANCE = 1e-3

HALVES_OF_A_CHANNEL = (
    ("jawLeft", "jawRight"),
    ("mouthLeft", "mouthRight"),
    ("eyeBlinkLeft", "eyeWideLeft"),
    ("eyeBlinkRight", "eyeWideRight"),
    ("eyeLookUpLeft", "eyeLookDownLeft"),
    ("eyeLookUpRight", "eyeLookDownRight"),
    ("eyeLookInLeft", "eyeLookOutLeft"),
    ("eyeLookInRight", "eyeLookOutRight"),
)


def _round_trip(values, source, via):
    return mapping(via, source).apply(mapping(source, via).apply(values))


def _weights(frames, rng):
    """Random ARKit weights where all 52 can come back: angles 0, mouthClose within jawOpen, and no
    sum above 1 that only one weight explains (see `test_where_arkit_does_not_come_back`)."""
    values = np.zeros((frames, len(ARKIT)), dtype=np.float32)
    values[:, :52] = rng.random((frames, 52))
    jaw, close, funnel, pucker, upper, lower = ARKIT.indices(
        "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthRollUpper", "mouthRollLower"
    )
    values[:, jaw] = 0.001 + 0.999 * values[:, jaw]
    values[:, close] *= values[:, jaw]
    values[:, funnel] *= 1 - 0.752 * values[:, pucker]
    values[:, upper] *= 1 - 0.5 * values[:, lower]
    return values


def test_random_weights_come_back_through_expressions(random_frames):
    values = _weights(2000, random_frames)
    error = np.abs(_round_trip(values, "arkit", "metahuman") - values)[:, :52]
    assert error.max() < TOLERANCE


def test_a_recording_comes_back_through_expressions(live_link):
    back = _round_trip(live_link, "arkit", "metahuman")
    invertible = [i for i in range(52) if ARKIT.names[i] != "mouthClose"]
    assert np.abs(back - live_link)[:, invertible].max() < TOLERANCE
    jaw, close = ARKIT.indices("jawOpen", "mouthClose")
    # Where the tracker closes the mouth by more than it is open, what comes back is "closed".
    within = np.minimum(live_link[:, close], live_link[:, jaw])
    np.testing.assert_allclose(back[:, close], within, atol=TOLERANCE)


def test_where_arkit_does_not_come_back():
    """All of the places, each with its reason; the other round trips stay clear of them."""
    cases = {
        "the head has no expression": {"headYaw": 0.5, "headPitch": 0.2, "headRoll": -0.1},
        "eyes roll in no expression": {"leftEyeRoll": 0.05, "rightEyeRoll": -0.05},
        "yaw and pitch of the eyes are read from eyeLook, not carried": {
            "leftEyeYaw": 0.3,
            "leftEyePitch": 0.2,
            "rightEyeYaw": 0.3,
            "rightEyePitch": 0.2,
        },
        "mouthClose is a share of jawOpen: of nothing": {"mouthClose": 0.4},
        "mouthClose is a share of jawOpen: no more than all": {"jawOpen": 0.2, "mouthClose": 0.3},
        "pucker funnels too: a sum above 1 hides how much was funnel": {
            "mouthFunnel": 0.9,
            "mouthPucker": 0.9,
        },
        "rolling the lower lip takes the upper along: a sum above 1 hides how much": {
            "mouthRollUpper": 0.9,
            "mouthRollLower": 0.9,
        },
    }
    for reason, weights in cases.items():
        values = np.zeros(len(ARKIT), dtype=np.float32)
        for name, value in weights.items():
            values[ARKIT.index(name)] = value
        wrong = np.abs(_round_trip(values, "arkit", "metahuman") - values) > TOLERANCE
        assert wrong.any(), f"now it does come back: {reason}"
        assert {ARKIT.names[i] for i in np.flatnonzero(wrong)} <= weights.keys(), reason


def test_sums_above_one_come_back_where_another_expression_tells_them_apart():
    values = np.zeros(len(ARKIT), dtype=np.float32)
    values[ARKIT.indices("browInnerUp", "browOuterUpLeft", "browOuterUpRight")] = 0.9, 0.8, 0.3
    np.testing.assert_allclose(_round_trip(values, "arkit", "metahuman"), values, atol=TOLERANCE)


def test_weights_come_back_through_the_board_but_for_opposites(random_frames):
    values = _weights(2000, random_frames)
    for first, second in HALVES_OF_A_CHANNEL:
        # One channel drives both: only their difference comes back, so one of them is 0 here.
        values[:1000, ARKIT.index(first)] = 0.0
        values[1000:, ARKIT.index(second)] = 0.0
    error = np.abs(_round_trip(values, "arkit", "metahuman-board") - values)[:, :52]
    assert error.max() < TOLERANCE


@pytest.mark.parametrize(("first", "second"), HALVES_OF_A_CHANNEL)
def test_of_opposites_on_the_board_the_difference_comes_back(first, second):
    values = np.zeros(len(ARKIT), dtype=np.float32)
    values[ARKIT.indices(first, second)] = 0.7, 0.2
    back = _round_trip(values, "arkit", "metahuman-board")
    np.testing.assert_allclose(back[ARKIT.indices(first, second)], [0.5, 0.0], atol=TOLERANCE)


def test_channels_come_back_through_expressions(random_frames):
    values = random_frames.uniform(BOARD.lows, BOARD.highs, (500, len(BOARD))).astype(np.float32)
    settings = [i for i, control in enumerate(BOARD.controls) if control.setting]
    values[:, settings] = BOARD.rests[settings]
    # Gaze of both eyes comes back as gaze of each; these two drive nothing.
    values[:, BOARD.indices("CTRL_C_eye.X", "CTRL_C_eye.Y")] = 0.0
    values[:, BOARD.indices("CTRL_L_mouth_lipsPressD", "CTRL_R_mouth_lipsPressD")] = 0.0
    back = _round_trip(values, "metahuman-board", "metahuman")
    np.testing.assert_allclose(back, values, atol=1e-5)


def test_a_solved_performance_comes_back_through_the_board_but_for_opposites(animator_take):
    expected = animator_take.copy()
    for row in read_table("mapping_metahuman_board")["channels"].values():
        if "minus" in row:
            pair = METAHUMAN.indices(PREFIX + row["plus"], PREFIX + row["minus"])
            # The solver may move both; the channel shows by how much one exceeds the other.
            expected[:, pair] -= expected[:, pair].min(axis=1, keepdims=True)
    assert not np.array_equal(expected, animator_take)
    phased = [i for i, name in enumerate(METAHUMAN.names) if "Sticky" in name and "Ph" in name]
    assert not animator_take[:, phased].any()
    back = _round_trip(animator_take, "metahuman", "metahuman-board")
    np.testing.assert_allclose(back, expected, atol=TOLERANCE)


def test_a_solved_performance_becomes_arkit(animator_take):
    weights = mapping("metahuman", "arkit").apply(animator_take)
    jaw = METAHUMAN.index(PREFIX + "jawOpen")
    np.testing.assert_allclose(
        weights[:, ARKIT.index("jawOpen")], animator_take[:, jaw], atol=TOLERANCE
    )
    assert (weights[:, :52] >= 0).all()
    assert (weights[:, :52] <= 1).all()
    blink = METAHUMAN.index(PREFIX + "eyeBlinkL")
    assert (
        np.corrcoef(weights[:, ARKIT.index("eyeBlinkLeft")], animator_take[:, blink])[0, 1] > 0.99
    )


def test_what_is_lost_is_said():
    assert mapping("arkit", "metahuman").lost == ANGLES
    assert mapping("arkit", "metahuman-board").lost == ANGLES
    assert mapping("metahuman", "metahuman-board").lost == ()
    assert set(mapping("metahuman-board", "metahuman").lost) == {
        "CTRL_L_mouth_lipsPressD",
        "CTRL_R_mouth_lipsPressD",
        *(control.name for control in BOARD.controls if control.setting),
    }
    lost = mapping("metahuman", "arkit").lost
    assert PREFIX + "neckSwallowPh1" in lost
    assert PREFIX + "jawOpen" not in lost


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_rest_maps_to_rest_and_everything_into_range(source, target, random_frames):
    change = mapping(source, target)
    start, goal = control_set(source), control_set(target)
    np.testing.assert_allclose(change.apply(start.rests), goal.rests, atol=1e-7)
    made = change.apply(random_frames.uniform(start.lows, start.highs, (20, len(start))))
    assert made.shape == (20, len(goal))
    assert made.dtype == np.float32
    assert (goal.clip(made) == made).all()


def test_frames_do_not_touch_each_other(random_frames):
    """Mapped one by one or together, beyond the size of a chunk, frames are the same."""
    values = random_frames.random((5000, len(ARKIT))).astype(np.float32)
    change = mapping("arkit", "metahuman-board")
    together = change.apply(values)
    for frame in (0, 4095, 4096, 4999):
        np.testing.assert_allclose(change.apply(values[frame]), together[frame], atol=1e-6)
    assert change.apply(values[:0]).shape == (0, len(BOARD))


def test_the_input_is_left_alone(random_frames):
    values = random_frames.random((10, len(ARKIT))).astype(np.float32)
    kept = values.copy()
    for target in NAMES:
        made = mapping("arkit", target).apply(values)
        made[:] = -1.0
    np.testing.assert_array_equal(values, kept)


@pytest.mark.parametrize(("source", "target"), FROM_THE_NETWORK)
def test_ten_minutes_at_sixty_frames_take_less_than_a_second(source, target, random_frames):
    change = mapping(source, target)
    values = random_frames.random((36_000, len(change.source)), dtype=np.float32)
    seconds = []
    for _ in range(3):
        begin = time.process_time()
        change.apply(values)
        seconds.append(time.process_time() - begin)
    assert min(seconds) < 1.0


@pytest.mark.parametrize("shape", [(10, 52), (62,), (2, 3, 61), ()])
def test_curves_for_another_rig_are_refused(shape):
    with pytest.raises(RigtalkError, match="not for the rig 'arkit', which has 61 controls"):
        mapping("arkit", "metahuman").apply(np.zeros(shape))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_no_number_is_traced_to_its_curve(value):
    values = np.zeros((5, len(ARKIT)))
    values[3, ARKIT.index("jawOpen")] = value
    with pytest.raises(RigtalkError, match="the curve of jawOpen holds"):
        mapping("arkit", "metahuman").apply(values)


def test_an_unknown_rig_is_refused():
    with pytest.raises(RigtalkError, match="unknown rig 'maya'"):
        mapping("arkit", "maya")
