import numpy as np
import pytest

from rigtalk.core.direction import Direction
from rigtalk.core.layers.head import POSES, Head
from rigtalk.core.prosody import Prosody

TIMES = np.arange(0, 40, 1 / 60)


def syllables() -> Prosody:
    """A stress every 1.2 s for 30 s, then silence."""
    time = np.arange(4000) / 100
    stress = 0.6 + 0.4 * np.exp(-((((time + 0.6) % 1.2) - 0.6) ** 2) / 0.005)
    return Prosody(np.where(time < 30, stress, 0.0).astype(np.float32))


def head(direction: Direction | None = None, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return Head(syllables(), direction or Direction(), rng=rng).curves(TIMES)


def test_a_head_is_never_still_and_never_wild():
    for curve in head().values():
        degrees = np.degrees(curve)
        assert 0.3 < degrees.std() < 5
        assert np.abs(degrees).max() < 15
        assert np.abs(np.diff(degrees)).max() * 60 < 90  # degrees a second


def test_nods_fall_on_stress():
    pitches = np.mean([head(seed=seed)["headPitch"] for seed in range(20)], axis=0)
    stresses = np.arange(1, 24) * 1.2
    on = np.interp(stresses, TIMES, pitches)
    off = np.interp(stresses + 0.6, TIMES, pitches)
    assert np.degrees(on.mean() - off.mean()) > 0.7  # downwards is positive
    assert (on > off).mean() > 0.9


@pytest.mark.parametrize("emotion", POSES)
def test_an_emotion_carries_the_head(emotion: str):
    felt = head(Direction(emotions={emotion: 1.0}))
    calm = head()
    for axis, degrees in zip(("headYaw", "headPitch", "headRoll"), POSES[emotion], strict=True):
        moved = np.degrees(np.mean(felt[axis] - calm[axis]))
        assert moved == pytest.approx(degrees, abs=0.7)  # livelier nods move the mean a little


def test_strength():
    calm, double = head(), head(Direction(strength={"head": 2.0}))
    for axis, curve in calm.items():
        np.testing.assert_allclose(double[axis], 2 * curve)
