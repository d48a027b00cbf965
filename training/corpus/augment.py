"""The same speech in another voice, room, microphone and noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy.signal
import soxr

from .utterance import SAMPLE_RATE, Utterance, cover

__all__ = ["Augmentation", "coloured_noise", "revoice", "room_response", "spoil"]


@dataclass(frozen=True)
class Augmentation:
    """How often and how strongly each thing happens; chances 0-1, decibels and factors as ranges.

    Attributes
    ----------
    shift_chance, shift : float, (float, float)
        Factor of pitch, formants and tempo.
    room_chance, reverberation : float, (float, float)
        Seconds until the sound of the room has fallen by 60 dB.
    noise_chance, noise_db : float, (float, float)
        Level of the speech above the noise.
    band_chance : float
        A telephone, a cheap microphone, a muffled or a thin recording.
    clip_chance : float
        Peaks cut off.
    level_db : (float, float)
        Peak level of the result.
    """

    shift_chance: float = 0.6
    shift: tuple[float, float] = (0.82, 1.25)
    room_chance: float = 0.35
    reverberation: tuple[float, float] = (0.08, 0.6)
    noise_chance: float = 0.5
    noise_db: tuple[float, float] = (5.0, 40.0)
    band_chance: float = 0.3
    clip_chance: float = 0.05
    level_db: tuple[float, float] = (-30.0, -1.0)


def revoice(
    utterance: Utterance, rng: np.random.Generator, *, config: Augmentation | None = None
) -> Utterance:
    """The utterance as a shorter or taller person would say it, or as it is.

    Resampling moves pitch, formants and tempo together; the phones move with the sound.
    """
    config = config or Augmentation()
    if rng.random() >= config.shift_chance:
        return utterance
    factor = float(np.exp(rng.uniform(*np.log(config.shift))))
    samples = soxr.resample(utterance.samples, SAMPLE_RATE * factor, SAMPLE_RATE, quality="MQ")
    scale = len(samples) / max(len(utterance.samples), 1)
    phones = [replace(p, start=p.start * scale, end=p.end * scale) for p in utterance.phones]
    return replace(utterance, samples=samples, phones=cover(phones, len(samples) / SAMPLE_RATE))


def spoil(
    samples: np.ndarray,
    rng: np.random.Generator,
    *,
    config: Augmentation | None = None,
    babble: Callable[[int], np.ndarray] | None = None,
) -> np.ndarray:
    """Speech in another room, noise, band and level; nothing moves in time.

    Parameters
    ----------
    samples : ndarray, shape (n,), float32
        16 kHz.
    rng : numpy.random.Generator
        The same state gives the same result.
    config : Augmentation, optional
    babble : callable, optional
        Gives n samples of other people's speech, to be used as noise.

    Returns
    -------
    ndarray, shape (n,), float32
    """
    config = config or Augmentation()
    speech = samples.astype(np.float32)
    if len(speech) == 0:
        return speech
    if rng.random() < config.room_chance:
        room = room_response(rng, seconds=float(rng.uniform(*config.reverberation)))
        speech = scipy.signal.fftconvolve(speech, room)[: len(speech)].astype(np.float32)
    if rng.random() < config.noise_chance:
        speech = speech + _noise_for(speech, rng, config, babble)
    if rng.random() < config.band_chance:
        speech = _band_limited(speech, rng)
    peak = float(np.abs(speech).max())
    if peak > 0:
        speech = speech * np.float32(10.0 ** (rng.uniform(*config.level_db) / 20.0) / peak)
        if rng.random() < config.clip_chance:
            ceiling = np.abs(speech).max() * rng.uniform(0.3, 0.8)
            speech = np.clip(speech, -ceiling, ceiling)
    return speech.astype(np.float32)


def room_response(rng: np.random.Generator, *, seconds: float) -> np.ndarray:
    """Impulse response of a simple room: the direct sound, a few echoes, a decaying tail.

    Parameters
    ----------
    rng : numpy.random.Generator
    seconds : float
        Time in which the sound falls by 60 dB.

    Returns
    -------
    ndarray, shape (n,), float32
        The direct sound is its first sample, so that the speech stays where it is in time.
    """
    length = max(2, int(seconds * SAMPLE_RATE))
    time = np.arange(length) / SAMPLE_RATE
    decay = 10.0 ** (-3.0 * time / seconds)
    tail = rng.normal(size=length) * decay
    tail[: int(0.004 * SAMPLE_RATE)] = 0.0
    response = tail * (10.0 ** (-rng.uniform(4, 16) / 20.0) / np.sqrt((tail**2).sum() + 1e-9))
    for _ in range(rng.integers(2, 6)):
        at = int(rng.uniform(0.001, 0.02) * SAMPLE_RATE)
        if at < length:
            response[at] += rng.choice([-1, 1]) * rng.uniform(0.1, 0.5) * decay[at]
    response[0] = 1.0
    return response.astype(np.float32)


def coloured_noise(rng: np.random.Generator, count: int, *, slope: float) -> np.ndarray:
    """Noise whose power falls as frequency to the power of `slope`: 0 white, 1 pink, 2 brown.

    Returns
    -------
    ndarray, shape (count,), float32
        Of unit power.
    """
    spectrum = np.fft.rfft(rng.normal(size=count).astype(np.float32))
    frequency = np.fft.rfftfreq(count, 1.0 / SAMPLE_RATE)
    # Below 40 Hz a slope would put all the power into a slow drift.
    noise = np.fft.irfft(spectrum * np.maximum(frequency, 40.0) ** (-slope / 2.0), count)
    return (noise / max(float(noise.std()), 1e-9)).astype(np.float32)


def _noise_for(
    speech: np.ndarray,
    rng: np.random.Generator,
    config: Augmentation,
    babble: Callable[[int], np.ndarray] | None,
) -> np.ndarray:
    if babble is not None and rng.random() < 0.3:
        people = [babble(len(speech)) for _ in range(rng.integers(2, 6))]
        noise = np.sum(people, axis=0)
        noise = noise / max(float(np.std(noise)), 1e-9)
    else:
        noise = coloured_noise(rng, len(speech), slope=float(rng.uniform(0.0, 2.0)))
    loud = np.percentile(np.abs(speech), 90) if len(speech) else 0.0
    return np.asarray(noise * (loud * 10.0 ** (-rng.uniform(*config.noise_db) / 20.0)), np.float32)


def _band_limited(speech: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    low = float(rng.choice([60.0, 120.0, 200.0, 300.0]))
    high = float(rng.choice([3400.0, 4000.0, 5500.0, 7000.0]))
    sections = scipy.signal.butter(
        int(rng.integers(1, 4)), [low, high], "bandpass", fs=SAMPLE_RATE, output="sos"
    )
    return scipy.signal.sosfilt(sections, speech).astype(np.float32)
