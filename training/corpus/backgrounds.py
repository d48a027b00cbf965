"""What else is heard: noise, hum, music, a crowd."""

from __future__ import annotations

import numpy as np
import scipy.fft
import scipy.signal
import soxr

from .utterance import SAMPLE_RATE

__all__ = ["coloured_noise", "crowd", "hum", "music", "room_response", "unit"]

_CHORDS = ((0, 4, 7), (0, 3, 7), (0, 4, 7, 11), (0, 3, 7, 10), (0, 5, 7), (0, 7, 12))
"""Half tones above the lowest note."""


def coloured_noise(rng: np.random.Generator, count: int, *, slope: float) -> np.ndarray:
    """Noise whose power falls as frequency to the power of `slope`: 0 white, 1 pink, 2 brown.

    Returns
    -------
    ndarray, shape (count,), float32
        Of unit power.
    """
    size = scipy.fft.next_fast_len(max(count, 2), real=True)
    spectrum = scipy.fft.rfft(rng.standard_normal(size, dtype=np.float32))
    frequency = np.arange(len(spectrum), dtype=np.float32) * (SAMPLE_RATE / size)
    # Below 40 Hz a slope would put all the power into a slow drift.
    noise = scipy.fft.irfft(spectrum * np.maximum(frequency, 40.0) ** (-slope / 2.0), size)
    return unit(noise[:count])


def hum(rng: np.random.Generator, count: int) -> np.ndarray:
    """The mains and its harmonics, of unit power, shape (count,), float32."""
    mains = rng.choice([50.0, 60.0]) * rng.uniform(0.995, 1.005)
    turn = (2.0 * np.pi * mains / SAMPLE_RATE) * np.arange(count)
    total = np.zeros(count)
    for harmonic in (1, 2, 3, 4, 5, 7, 9):
        strength = rng.uniform(0.0, 1.0) / harmonic**0.7
        total += strength * np.sin(harmonic * turn + rng.uniform(0, 2 * np.pi))
    return unit(total)


def music(rng: np.random.Generator, count: int) -> np.ndarray:
    """Chords with their overtones, mostly with drums, of unit power, shape (count,), float32."""
    beat = int(SAMPLE_RATE * 60.0 / rng.uniform(60.0, 170.0))
    total = np.zeros(count + 4 * beat, np.float32)
    root, brightness = rng.uniform(90.0, 260.0), rng.uniform(0.5, 1.6)
    decay = rng.choice([0.3, 1.0, 8.0])
    for start in range(0, count, beat * 2):
        chord = _CHORDS[rng.integers(len(_CHORDS))]
        total[start : start + 2 * beat] += _chord(
            rng, 2 * beat, root * 2.0 ** (rng.choice([0, 2, 5, 7, -3]) / 12.0), chord,
            brightness, decay,
        )  # fmt: skip
    if rng.random() < 0.7:
        _drum(total[:count], beat, rng)
    return unit(total[:count])


def crowd(rng: np.random.Generator, speech: np.ndarray) -> np.ndarray:
    """Several people at once, of unit power: the line itself, from elsewhere, in other voices."""
    total = np.zeros(len(speech), np.float32)
    for _ in range(rng.integers(3, 7)):
        factor = np.exp(rng.uniform(-0.35, 0.35))
        other = soxr.resample(speech, SAMPLE_RATE * factor, SAMPLE_RATE, quality="QQ")
        if len(other):
            moved = np.roll(np.resize(other, len(speech)), int(rng.integers(len(speech))))
            total += moved * np.float32(rng.uniform(0.4, 1.0))
    return unit(total)


def room_response(
    rng: np.random.Generator, *, seconds: float, direct_db: float | None = None
) -> np.ndarray:
    """Impulse response of a simple room: the direct sound, a few echoes, a decaying tail.

    Parameters
    ----------
    rng : numpy.random.Generator
    seconds : float
        Time in which the sound falls by 60 dB.
    direct_db : float, optional
        Level of the direct sound above the tail: 16 close to the speaker, -4 across the room.

    Returns
    -------
    ndarray, shape (n,), float32
        The direct sound is its first sample, so that the speech stays where it is in time.
    """
    length = max(2, int(seconds * SAMPLE_RATE))
    decay = 10.0 ** (-3.0 / (seconds * SAMPLE_RATE) * np.arange(length, dtype=np.float32))
    tail = rng.standard_normal(length, dtype=np.float32) * decay
    tail[: int(0.004 * SAMPLE_RATE)] = 0.0
    above = rng.uniform(4, 16) if direct_db is None else direct_db
    response = tail * (10.0 ** (-above / 20.0) / np.sqrt((tail**2).sum() + 1e-9))
    for _ in range(rng.integers(2, 6)):
        at = int(rng.uniform(0.001, 0.02) * SAMPLE_RATE)
        if at < length:
            response[at] += rng.choice([-1, 1]) * rng.uniform(0.1, 0.5) * decay[at]
    response[0] = 1.0
    return response.astype(np.float32)


def unit(noise: np.ndarray) -> np.ndarray:
    """A noise brought to unit power; silence stays silence."""
    power = float(np.square(noise, dtype=np.float64).mean()) if len(noise) else 0.0
    return np.asarray(noise / np.sqrt(power) if power > 1e-18 else noise, dtype=np.float32)


def _chord(
    rng: np.random.Generator,
    count: int,
    root: float,
    steps: tuple[int, ...],
    brightness: float,
    decay: float,
) -> np.ndarray:
    """A chord with six overtones; put together in the spectrum, which costs one transform."""
    size = scipy.fft.next_fast_len(count, real=True)
    spectrum = np.zeros(size // 2 + 1, np.complex64)
    partials = np.arange(1, 7)
    for step in steps:
        hertz = partials * root * 2.0 ** (step / 12.0)
        kept = hertz < SAMPLE_RATE / 2 - 50
        bins = np.round(hertz[kept] * size / SAMPLE_RATE).astype(int)
        phases = np.exp(2j * np.pi * rng.random(len(bins)))
        np.add.at(spectrum, bins, phases * partials[kept] ** -brightness)
    sound = scipy.fft.irfft(spectrum, size)[:count]
    time = np.arange(count, dtype=np.float32) / SAMPLE_RATE
    envelope = np.exp(-time / decay) * np.minimum(1.0, np.minimum(time, time[::-1]) / 0.01)
    return unit(sound) * envelope.astype(np.float32)


def _drum(sound: np.ndarray, beat: int, rng: np.random.Generator) -> None:
    """Adds drums to music: bass on the beat, snare in between, a cymbal on every half."""
    time = np.arange(SAMPLE_RATE // 5, dtype=np.float32) / SAMPLE_RATE
    noise = rng.standard_normal(len(time), dtype=np.float32)
    bass = (
        3.0 * np.sin(2 * np.pi * (50.0 * time - 3.0 * np.exp(-time / 0.03))) * np.exp(-time / 0.08)
    )
    snare = 1.5 * noise * np.exp(-time / 0.05)
    cymbal = 0.8 * np.diff(noise, prepend=0.0) * np.exp(-time / 0.02)
    parts = ((bass, 0, 2 * beat), (snare, beat, 2 * beat), (cymbal, 0, max(beat // 2, 1)))
    for drum, first, period in parts:
        for start in range(first, len(sound), period):
            piece = drum[: len(sound) - start]
            sound[start : start + len(piece)] += piece
