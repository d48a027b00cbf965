"""Board channels as expressions and back: signs, shared gaze, phases."""

import numpy as np
import pytest

from rigtalk.rigs import control_set, mapping

BOARD = control_set("metahuman-board")
METAHUMAN = control_set("metahuman")
PREFIX = "CTRL_expressions_"


def _expressions(**channels):
    values = BOARD.rests.copy()
    for name, value in channels.items():
        values[BOARD.index("CTRL_" + name)] = value
    made = mapping("metahuman-board", "metahuman").apply(values)
    return {METAHUMAN.names[i].removeprefix(PREFIX): made[i] for i in np.flatnonzero(made)}


@pytest.mark.parametrize(
    ("channel", "value", "expression"),
    [
        ("C_jaw.X", 1.0, "jawRight"),
        ("C_jaw.X", -1.0, "jawLeft"),
        ("C_mouth.X", 1.0, "mouthLeft"),
        ("C_mouth.X", -1.0, "mouthRight"),
        ("C_jaw_fwdBack", -1.0, "jawFwd"),
        ("C_tongue_inOut", -1.0, "tongueOut"),
        ("L_eye_blink", 1.0, "eyeBlinkL"),
        ("L_eye_blink", -1.0, "eyeWidenL"),
        ("R_mouth_suckBlow", 1.0, "mouthCheekBlowR"),
        ("L_mouth_corner.X", 1.0, "mouthCornerWideL"),
        ("R_mouth_corner.X", 1.0, "mouthCornerWideR"),
        ("L_mouth_pushPullU", -1.0, "mouthLipsPullUL"),
        ("R_mouth_thicknessD", 1.0, "mouthLipsThinDR"),
        ("L_mouth_lipsRollU", 1.0, "mouthUpperLipRollInL"),
        ("R_nose.Y", -1.0, "noseNostrilDepressR"),
        ("L_eye.X", 1.0, "eyeLookLeftL"),
        ("R_eye_eyelidU", -1.0, "eyeUpperLidUpR"),
    ],
)
def test_signs(channel, value, expression):
    assert _expressions(**{channel: value}) == {expression: 1.0}


def test_every_expression_is_driven_by_exactly_one_channel_or_side():
    driven = []
    for value in (1.0, -1.0, 0.33, 0.66, 0.2, 0.4, 0.6, 0.8):
        for control in BOARD.controls:
            if (
                control.low <= value
                and not control.setting
                and not control.name.startswith("CTRL_C_eye.")
            ):
                made = _expressions(**{control.name.removeprefix("CTRL_"): value})
                driven += [(control.name, name) for name in made]
    by_expression = {}
    for channel, name in driven:
        by_expression.setdefault(PREFIX + name, set()).add(channel)
    assert by_expression.keys() == set(METAHUMAN.names)
    assert all(len(channels) == 1 for channels in by_expression.values())


def test_gaze_of_both_eyes_adds_to_that_of_each():
    made = _expressions(**{"C_eye.X": 0.5, "L_eye.X": 0.25, "R_eye.X": -0.5, "C_eye.Y": -0.25})
    assert made == {"eyeLookLeftL": 0.75, "eyeLookDownL": 0.25, "eyeLookDownR": 0.25}


def test_a_swallow_runs_through_its_phases_and_back():
    position = np.linspace(0.0, 1.0, 101, dtype=np.float32)
    channels = np.tile(BOARD.rests, (len(position), 1))
    column = BOARD.index("CTRL_C_neck_swallow")
    channels[:, column] = position
    there = mapping("metahuman-board", "metahuman").apply(channels)
    phases = there[:, METAHUMAN.indices(*(f"{PREFIX}neckSwallowPh{i}" for i in (1, 2, 3, 4)))]
    np.testing.assert_allclose(position[phases.argmax(axis=0)], [0.2, 0.4, 0.6, 0.8], atol=1e-6)
    np.testing.assert_allclose(phases.max(axis=0), 1.0, atol=1e-6)
    assert not phases[-1].any()
    back = mapping("metahuman", "metahuman-board").apply(there)[:, column]
    # At 1 the swallow is over and looks like 0.
    np.testing.assert_allclose(back[:-1], position[:-1], atol=1e-6)
    assert back[-1] == 0.0


def test_sticky_lips_keep_the_last_phase():
    assert _expressions(L_mouth_lipSticky=1.0) == {"mouthLipsStickyLPh3": 1.0}
    halfway = _expressions(R_mouth_lipSticky=0.83)
    assert halfway["mouthLipsStickyRPh2"] == pytest.approx(0.5, abs=1e-6)
    assert halfway["mouthLipsStickyRPh3"] == pytest.approx(0.5, abs=1e-6)


def test_settings_stay_at_rest_whatever_the_expressions():
    made = mapping("metahuman", "metahuman-board").apply(np.ones((1, len(METAHUMAN))))[0]
    settings = [i for i, control in enumerate(BOARD.controls) if control.setting]
    np.testing.assert_array_equal(made[settings], BOARD.rests[settings])


def test_the_mirror_image_of_channels_is_the_mirror_image_of_expressions(random_frames):
    there = mapping("metahuman-board", "metahuman")
    values = random_frames.uniform(BOARD.lows, BOARD.highs, (50, len(BOARD)))
    np.testing.assert_allclose(
        there.apply(BOARD.mirrored(values)), METAHUMAN.mirrored(there.apply(values)), atol=1e-6
    )
