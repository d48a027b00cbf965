import numpy as np
import pytest

from rigtalk.core.judge.pitch import RATE, loudness_of, pitch_of
from rigtalk.core.judge.upper_face import brow_figures


def voice(pitch: np.ndarray) -> np.ndarray:
    phase = 2 * np.pi * np.cumsum(pitch) / 16000
    return sum(np.sin(k * phase) / k for k in range(1, 16))


@pytest.mark.parametrize("hertz", [75.0, 110.0, 210.0, 330.0, 480.0])
def test_pitch_of_a_steady_voice(hertz: float) -> None:
    found = pitch_of(0.1 * voice(np.full(16000, hertz)))
    inner = found[8:-8]
    assert np.isfinite(inner).all()
    np.testing.assert_allclose(inner, hertz, rtol=0.01)


def test_pitch_of_a_gliding_voice() -> None:
    glide = np.linspace(100, 300, 32000)
    found = pitch_of(0.1 * voice(glide))
    expected = glide[:: int(16000 / RATE)]
    inner = slice(10, -10)
    assert np.nanmedian(np.abs(found[inner] / expected[inner] - 1)) < 0.02


def test_noise_and_silence_have_no_pitch() -> None:
    noise = 0.1 * np.random.default_rng(0).normal(size=32000)
    assert np.isfinite(pitch_of(noise)).mean() < 0.1
    assert not np.isfinite(pitch_of(np.zeros(16000))).any()
    assert len(pitch_of(np.zeros(0))) == 0


def test_loudness_is_relative() -> None:
    tone = np.sin(np.arange(32000)) * np.repeat([1.0, 0.1], 16000)
    found = loudness_of(tone)
    assert found[50] - found[150] == pytest.approx(20.0, abs=0.1)
    np.testing.assert_allclose(found, loudness_of(0.01 * tone), atol=1e-3)
    assert loudness_of(np.zeros(16000)).max() == -60.0


def test_brows_that_follow_the_voice() -> None:
    times = np.arange(0, 4, 1 / RATE)
    pitch = 150.0 * 2.0 ** (0.5 * np.sin(2 * np.pi * 0.5 * times))
    loudness = -20.0 + 10.0 * np.sin(2 * np.pi * 0.3 * times)
    at = np.arange(241) / 60.0
    with_pitch = brow_figures(np.sin(2 * np.pi * 0.5 * at), 60.0, pitch=pitch, loudness=loudness)
    assert with_pitch["brow_pitch_r"] > 0.98
    assert with_pitch["brow_range_mm"] == pytest.approx(1.97, abs=0.02)
    against = brow_figures(-np.sin(2 * np.pi * 0.3 * at), 60.0, pitch=pitch, loudness=loudness)
    assert against["brow_loudness_r"] < -0.98


def test_brows_that_hardly_move_follow_nothing() -> None:
    times = np.arange(0, 4, 1 / RATE)
    wave = np.sin(2 * np.pi * 0.5 * times)
    found = brow_figures(
        0.02 * np.interp(np.arange(241) / 60, times, wave),
        60.0,
        pitch=150 + 20 * wave,
        loudness=10 * wave,
    )
    assert found["brow_pitch_r"] == found["brow_loudness_r"] == 0.0


def test_still_brows_and_no_voice() -> None:
    pitch = np.full(400, np.nan)
    found = brow_figures(np.zeros(241), 60.0, pitch=pitch, loudness=np.full(400, -60.0))
    assert found["brow_range_mm"] == 0.0
    assert np.isnan(found["brow_pitch_r"])
    assert np.isnan(found["brow_loudness_r"])
