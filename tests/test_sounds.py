"""Whatever is played to it, the shipped actor stays within range and calm, and knows speech.

The bounds are those that the shipped actor keeps, with room to spare; the figures themselves come
from `rigtalk train evaluate`.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import soundfile
import soxr

from rigtalk.core.actor import Actor
from rigtalk.core.audio import SAMPLE_RATE, Clip
from rigtalk.core.network import EMBEDDED
from rigtalk.rigs import control_set
from rigtalk.training.corpus import spectra
from rigtalk.training.corpus.nonspeech import SOUNDS, nonspeech

LINE = EMBEDDED.with_name("line.flac")
JAW, CLOSE = (control_set("arkit").index(name) for name in ("jawOpen", "mouthClose"))
OTHER_VOICES = 0.8
"""Least correlation of the mouth in a spoilt recording with the mouth in the clean one."""


@cache
def spoken() -> np.ndarray:
    """The embedded line at 16 kHz."""
    samples, rate = soundfile.read(LINE, dtype="float32")
    return soxr.resample(samples, rate, SAMPLE_RATE)


@cache
def actor() -> Actor:
    return Actor.load()


def opening(samples: np.ndarray) -> np.ndarray:
    """How far the mouth opens, after a look at all curves."""
    performance = actor().perform(Clip(samples.astype(np.float32), SAMPLE_RATE))
    values = performance.values
    assert np.isfinite(values).all()
    assert np.array_equal(values, control_set("arkit").clip(values))
    return values[:, JAW] - values[:, CLOSE]


def busyness(mouth: np.ndarray) -> float:
    """Mean speed of a mouth."""
    return float(np.abs(np.diff(mouth)).mean())


def noise(db: float) -> np.ndarray:
    rng = np.random.default_rng(0)
    loud = np.sqrt(np.mean(spoken()[np.abs(spoken()) > 0.02] ** 2))
    return rng.normal(0, loud * 10 ** (-db / 20), len(spoken()))


def at(rate: int) -> np.ndarray:
    return soxr.resample(soxr.resample(spoken(), SAMPLE_RATE, rate), rate, SAMPLE_RATE)


def whispered() -> np.ndarray:
    """The line's own spectrum, frame by frame, over noise instead of a voice."""
    hop, size = 80, 512
    window = np.hanning(size)
    rng = np.random.default_rng(1)
    out = np.zeros(len(spoken()) + size)
    for start in range(0, len(spoken()) - size, hop):
        levels = np.abs(np.fft.rfft(spoken()[start : start + size] * window))
        # The harmonics of the voice are smoothed away, its formants stay.
        levels = np.convolve(levels, np.hanning(15) / 7, mode="same")
        hiss = np.fft.rfft(rng.standard_normal(size) * window)
        out[start : start + size] += np.fft.irfft(levels * hiss) * window
    return out[: len(spoken())] / np.abs(out).max() * 0.3


@pytest.mark.parametrize("kind", SOUNDS)
def test_what_is_no_speech_is_not_chewed(kind: str) -> None:
    busy = [
        busyness(opening(nonspeech(kind, np.random.default_rng(90 + i), seconds=6.0).samples))
        for i in range(3)
    ]
    assert np.mean(busy) < 0.12 * busyness(opening(spoken()))


SPOILT: dict[str, Callable[[], np.ndarray]] = {
    "clipped": lambda: np.clip(spoken() * 6, -0.3, 0.3),
    "faint": lambda: spoken() / np.abs(spoken()).max() * 10 ** (-50 / 20),
    "DC offset": lambda: spoken() * 0.5 + 0.4,
    "8 kHz": lambda: at(8000),
    "telephone": lambda: spectra.telephone(spoken(), np.random.default_rng(0)),
    "noise 10 dB": lambda: spoken() + noise(10),
    "16 steps": lambda: np.round(spoken() * 16) / 16,
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_recording_moves_the_same_mouth(name: str) -> None:
    clean, spoilt = opening(spoken()), opening(SPOILT[name]())
    assert len(clean) == len(spoilt)
    assert np.corrcoef(clean, spoilt)[0, 1] > OTHER_VOICES


def test_a_whisper_is_speech() -> None:
    clean, whisper = opening(spoken()), opening(whispered())
    assert np.corrcoef(clean, whisper)[0, 1] > 0.6


def test_two_voices_at_once_are_no_riot() -> None:
    other = np.roll(soxr.resample(spoken(), 1.2 * SAMPLE_RATE, SAMPLE_RATE), 20000)
    both = spoken() + np.resize(other, len(spoken()))
    assert busyness(opening(both)) < 1.5 * busyness(opening(spoken()))


def test_ten_minutes_of_silence_are_ten_minutes_of_rest() -> None:
    silence = np.zeros(600 * SAMPLE_RATE, np.float32)
    hiss = np.random.default_rng(0).normal(0, 1e-4, len(silence))
    for samples in (silence, hiss):
        mouth = opening(samples)
        assert len(mouth) >= 600 * 60
        assert mouth.max() < 0.05
