import numpy as np
import pytest

from rigtalk.rigs import control_set
from rigtalk.training.evaluation.follower import TUNED, Follower


def bursts(seconds: float = 2.0) -> np.ndarray:
    """A tone that is on for every other quarter of a second."""
    times = np.arange(int(seconds * 16000)) / 16000
    on = (times * 4).astype(int) % 2 == 1
    return (0.5 * np.sin(2 * np.pi * 200 * times) * on).astype(np.float32)


def test_the_jaw_follows_loudness_and_nothing_else_moves() -> None:
    values = Follower(smoothing=0.02, gain=0.4)(bursts())
    jaw_column = control_set("arkit").index("jawOpen")
    assert values.shape == (121, 61)
    assert np.delete(values, jaw_column, axis=1).max() == 0
    jaw = values[:, jaw_column]
    times = np.arange(len(jaw)) / 60
    phase = times * 4 % 2
    assert jaw[(phase > 1.3) & (phase < 1.7) & (times < 1.95)].min() > 0.3
    assert jaw[(phase > 0.3) & (phase < 0.7) & (times < 1.95)].max() < 0.02


def test_level_does_not_matter() -> None:
    np.testing.assert_allclose(TUNED(bursts()), TUNED(0.1 * bursts()), atol=0.01)


def test_delay_delays() -> None:
    early, late = Follower(delay=0.0)(bursts()), Follower(delay=0.1)(bursts())
    np.testing.assert_allclose(late[6:], early[:-6], atol=1e-3)


@pytest.mark.parametrize("fps", [24.0, 60.0])
def test_frames_cover_the_sound(fps: float) -> None:
    assert len(TUNED(bursts(1.0), fps=fps)) == int(fps) + 1
