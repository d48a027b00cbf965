"""Captured weights as our controls."""

import numpy as np
import pytest

from rigtalk.rigs import control_set, mapping
from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.articulation import (
    facegood_seal,
    facegood_to_arkit,
    facegood_to_metahuman,
)

ARKIT = control_set("arkit")
METAHUMAN = control_set("metahuman")


def one(name: str, value: float = 1.0) -> tuple[np.ndarray, list[str]]:
    return np.full((2, 1), value, dtype=np.float32), [name]


@pytest.mark.parametrize(
    ("name", "control"),
    [
        ("mouth_stretch_c", "jawOpen"),
        ("mouth_pucker_l", "mouthPucker"),
        ("mouth_lowerLipDepress_l", "mouthLowerDownLeft"),
        ("mouth_lowerLipDepress_r", "mouthLowerDownRight"),
        ("mouth_upperLipRaise_r", "mouthUpperUpRight"),
        ("mouth_suck_dl", "mouthRollLower"),
        ("mouth_funnel_ur", "mouthFunnel"),
        ("jaw_sideways_l", "jawLeft"),
    ],
)
def test_each_weight_moves_its_control_most(name, control):
    arkit = facegood_to_arkit(*one(name))[0]
    assert ARKIT.names[int(np.argmax(arkit))] == control
    other = control.replace("Left", "#").replace("Right", "Left").replace("#", "Right")
    if other != control:
        assert arkit[ARKIT.index(other)] == 0.0


def test_pressed_lips_are_sealed_over_whatever_the_jaw_does():
    names = ["mouth_stretch_c", "mouth_press_l", "mouth_press_r"]
    values = np.array([[0.3, 0.3, 0.3], [0.3, 0.0, 0.0]], dtype=np.float32)
    arkit = facegood_to_arkit(values, names)
    close = arkit[:, ARKIT.index("mouthClose")] / arkit[:, ARKIT.index("jawOpen")]
    np.testing.assert_allclose(close, [1.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(facegood_seal(values, names), [1.0, 0.0])
    together = METAHUMAN.index("CTRL_expressions_mouthLipsTogetherUL")
    np.testing.assert_allclose(facegood_to_metahuman(values, names)[:, together], [1.0, 0.0])


def test_captured_takes_agree_in_both_sets_and_move_like_a_mouth(shared_data):
    back = mapping("metahuman", "arkit")
    for path in sorted((shared_data / "captures").glob("facegood_2_0?.npz")):
        with np.load(path, allow_pickle=False) as take:
            values, names = take["values"], [str(name) for name in take["names"]]
        arkit = facegood_to_arkit(values, names)
        assert arkit.shape == (len(values), 61)
        assert arkit.dtype == np.float32
        assert arkit.min() >= 0.0
        assert arkit.max() <= 1.0
        through = back.apply(facegood_to_metahuman(values, names))
        for name in ("jawOpen", "mouthPucker", "mouthFunnel", "mouthLowerDownLeft"):
            at = ARKIT.index(name)
            if arkit[:, at].max() > 0.05:
                np.testing.assert_allclose(arkit[:, at], through[:, at], atol=0.03)
        jaw = arkit[:, ARKIT.index("jawOpen")]
        # An ordinary conversation: half the time shut, 95 % of it below a third.
        assert np.median(jaw) < 0.05
        assert 0.2 < np.percentile(jaw, 95) < 0.4


def test_unknown_names_have_no_effect_and_nothing_known_is_an_error():
    values = np.array([[0.5, 0.9]], dtype=np.float32)
    known = facegood_to_arkit(values[:, :1], ["mouth_stretch_c"])
    np.testing.assert_array_equal(
        facegood_to_arkit(values, ["mouth_stretch_c", "ear_wiggle"]), known
    )
    with pytest.raises(RigtalkError, match="none of the names"):
        facegood_to_arkit(values[:, 1:], ["ear_wiggle"])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.zeros((3, 2)), "do not fit 1 names"),
        (np.zeros(3), "do not fit"),
        (np.full((3, 1), np.nan), "not a number"),
    ],
)
def test_bad_weights_are_named(values, words):
    with pytest.raises(RigtalkError, match=words):
        facegood_to_metahuman(values, ["mouth_stretch_c"])
