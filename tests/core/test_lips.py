import numpy as np
import pytest

from rigtalk.core.lips import LIPS
from rigtalk.rigs import control_set, mapping
from rigtalk.rigs.head import build_head

ARKIT = control_set("arkit")


def speech(rng: np.random.Generator, controls) -> np.ndarray:
    """A mouth in full speech and emotion, as a network may give it."""
    values = np.zeros((200, len(controls)), dtype=np.float32)
    mouth = controls.in_region("jaw", "mouth", "tongue", "nose")
    values[:, mouth] = rng.random((200, len(mouth))) * rng.random((200, 1)) * 0.6
    # What contradicts a shut mouth by itself is not this module's to mend.
    for name in ("mouthPress", "mouthRoll", "mouthClose"):
        values[:, [i for i, n in enumerate(controls.names) if name in n]] = 0.0
    return values


@pytest.mark.parametrize("kind", ["closed", "rest"])
def test_lips_meet_on_the_head(kind: str):
    head = build_head()
    ones, zeros = np.ones(200, dtype=np.float32), np.zeros(200, dtype=np.float32)
    weights = {"closed": zeros, "rest": zeros, "breath": 0.01 * ones} | {kind: ones}
    rng = np.random.default_rng(0)
    values = speech(rng, ARKIT)
    shut = LIPS["arkit"].apply(values, **weights)

    def gaps(curves: np.ndarray) -> np.ndarray:
        shapes = np.stack([head.deform(row[:52]) for row in curves[:40]])
        return np.stack(
            [
                shapes[:, head.landmarks[f"lip_upper_inner{side}"], 2]
                - shapes[:, head.landmarks[f"lip_lower_inner{side}"], 2]
                for side in ("", "_left", "_right")
            ]
        )

    neutral = gaps(np.zeros((1, 61), dtype=np.float32)).max()
    assert np.median(gaps(values)) > 0.004  # metres: open before
    assert gaps(shut).max() < neutral + 0.0003  # and no wider than a head that says nothing
    assert gaps(shut).min() > -0.002  # pressed, not pushed through each other


def test_the_gap_over_the_jaw_is_closed():
    values = speech(np.random.default_rng(1), ARKIT)
    ones, zeros = np.ones(200), np.zeros(200)
    shut = LIPS["arkit"].apply(values, closed=ones, rest=zeros, breath=zeros)
    jaw, close = ARKIT.index("jawOpen"), ARKIT.index("mouthClose")
    np.testing.assert_array_equal(shut[:, jaw], shut[:, close])
    assert shut[:, jaw].max() <= 0.23
    for name in ("mouthLowerDownLeft", "mouthUpperUpRight", "mouthFunnel", "tongueOut"):
        assert not shut[:, ARKIT.index(name)].any()


def test_emotion_stays_in_a_resting_mouth():
    values = np.zeros((1, 61), dtype=np.float32)
    for name in ("mouthSmileLeft", "mouthSmileRight", "browInnerUp"):
        values[:, ARKIT.index(name)] = 0.7
    rest = LIPS["arkit"].apply(values, closed=np.zeros(1), rest=np.ones(1), breath=np.zeros(1))
    for name in ("mouthSmileLeft", "mouthSmileRight", "browInnerUp"):
        assert rest[0, ARKIT.index(name)] == pytest.approx(0.7)


def test_metahuman_seals_as_arkit_does():
    metahuman = control_set("metahuman")
    ones, zeros = np.ones(200, dtype=np.float32), np.zeros(200, dtype=np.float32)
    values = speech(np.random.default_rng(2), metahuman)
    values[:, [i for i, n in enumerate(metahuman.names) if "Together" in n]] = 0.0
    for kind in ("closed", "rest"):
        weights = {"closed": zeros, "rest": zeros} | {kind: ones}
        shut = LIPS["metahuman"].apply(values, breath=0.01 * ones, **weights)
        for quarter in ("UL", "UR", "DL", "DR"):
            together = shut[:, metahuman.index(f"CTRL_expressions_mouthLipsTogether{quarter}")]
            gap = shut[:, metahuman.index("CTRL_expressions_jawOpen")] > 0.001
            np.testing.assert_allclose(together[gap], 1.0, atol=1e-6)
        arkit = mapping("metahuman", "arkit").apply(shut)
        jaw, close = arkit[:, ARKIT.index("jawOpen")], arkit[:, ARKIT.index("mouthClose")]
        np.testing.assert_allclose(jaw, close, atol=1e-3)
        for name in ("mouthFunnel", "mouthLowerDownLeft", "mouthUpperUpLeft"):
            assert arkit[:, ARKIT.index(name)].max() < 1e-3


def test_open_speech_is_left_alone():
    zeros = np.zeros(200, dtype=np.float32)
    for name, lips in LIPS.items():
        values = speech(np.random.default_rng(3), control_set(name))
        values[:, [i for i, n in enumerate(lips.controls.names) if "Together" in n]] = 0.0
        given = lips.apply(values, closed=zeros, rest=zeros, breath=zeros)
        np.testing.assert_allclose(given, values, atol=1e-6)
