import numpy as np
import pytest

from rigtalk.core.aperture import aperture
from rigtalk.core.lips import LIPS, Lips
from rigtalk.core.meeting import APART_MM, LIKELY, firmness, parted

THRESHOLD = 0.9
SPOKEN = {
    "arkit": {"jawOpen": 0.1},
    "metahuman": {"CTRL_expressions_jawOpen": 0.1},
}
SNEER = {
    "arkit": ("noseSneerLeft", "noseSneerRight"),
    "metahuman": ("CTRL_expressions_noseWrinkleL", "CTRL_expressions_noseWrinkleR"),
}
NAMES = sorted(LIPS)


def face(lips: Lips, **others: float) -> np.ndarray:
    curves = np.zeros((60, len(lips.controls)), dtype=np.float32)
    for name, value in (SPOKEN[lips.control_set] | others).items():
        curves[:, lips.controls.index(name)] = value
    return curves


def likely(share: float) -> np.ndarray:
    """A closure over three steps, by its share of the threshold."""
    closure = np.full(60, 0.001)
    closure[29:32] = share * THRESHOLD
    return closure


def opening(lips: Lips, curves: np.ndarray, closed: np.ndarray) -> np.ndarray:
    still = np.zeros(len(curves))
    made = lips.apply(curves, closed=closed, rest=still, breath=still)
    return aperture(lips.control_set).openings(made).max(axis=1)


@pytest.mark.parametrize("name", NAMES)
def test_a_likely_closure_seals_a_sneer_as_a_calm_mouth(name: str):
    lips = LIPS[name]
    share = LIKELY ** (1 / 3) + 0.02
    for curves in (face(lips), face(lips, **dict.fromkeys(SNEER[name], 0.6))):
        firm = firmness(lips, curves, likely(share), THRESHOLD)
        assert opening(lips, curves, firm)[30] <= 0.5
        assert opening(lips, curves, firm)[20] > 1.0  # and nowhere else
        assert np.abs(np.diff(firm)).max() < 0.6  # no jump


@pytest.mark.parametrize("name", NAMES)
def test_an_unlikely_closure_is_left_alone(name: str):
    lips = LIPS[name]
    assert not firmness(lips, face(lips), likely(0.3), THRESHOLD).any()


@pytest.mark.parametrize("name", NAMES)
def test_lips_near_enough_are_pressed_no_further(name: str):
    lips = LIPS[name]
    shut = np.zeros((60, len(lips.controls)), dtype=np.float32)
    assert not firmness(lips, shut, likely(0.8), THRESHOLD).any()


@pytest.mark.parametrize("name", NAMES)
def test_a_nearly_shut_mouth_parts_in_speech_alone(name: str):
    lips = LIPS[name]
    curves = np.zeros((60, len(lips.controls)), dtype=np.float32)
    curves[:, lips.closing[-2:]] = 0.3  # pressed
    still, speaks = np.full(60, 0.001), np.zeros(60)
    speaks[:20] = 1.0  # silence
    out = parted(lips, curves, still, speaks, THRESHOLD)
    least = aperture(name).openings(out).min(axis=1)
    assert (least[30:] > APART_MM - 0.1).all()
    assert (least[30:] < APART_MM + 0.5).all()
    np.testing.assert_array_equal(out[:10], curves[:10])
    closes = parted(lips, curves, likely(1.0), np.zeros(60), THRESHOLD)
    assert closes[30, lips.jaw] <= 0.05


@pytest.mark.parametrize("name", NAMES)
def test_an_open_mouth_and_a_lip_on_its_way_to_the_teeth_are_not_touched(name: str):
    lips = LIPS[name]
    still = np.full(60, 0.001)
    np.testing.assert_array_equal(parted(lips, face(lips), still, still, THRESHOLD), face(lips))
    bitten = np.zeros((60, len(lips.controls)), dtype=np.float32)
    bitten[:, lips.biting] = 0.6
    np.testing.assert_array_equal(parted(lips, bitten, still, still, THRESHOLD), bitten)


@pytest.mark.parametrize("name", NAMES)
def test_a_stretch_is_the_same_alone(name: str):
    lips = LIPS[name]
    rng = np.random.default_rng(0)
    curves = (rng.random((60, len(lips.controls))) * 0.2).astype(np.float32)
    closure, silence = rng.random(60) ** 3, rng.random(60) ** 4
    part = slice(10, 50)
    whole = parted(lips, curves, closure, silence, THRESHOLD)
    alone = parted(lips, curves[part], closure[part], silence[part], THRESHOLD)
    np.testing.assert_allclose(alone[12:-12], whole[22:38], atol=1e-6)
    whole = firmness(lips, curves, closure, THRESHOLD)
    alone = firmness(lips, curves[part], closure[part], THRESHOLD)
    np.testing.assert_allclose(alone[12:-12], whole[22:38], atol=1e-6)
