"""What is done to the level of speech: gates, compressors, gain controls, clipping, rounding."""

from __future__ import annotations

import numpy as np
import scipy.ndimage
import scipy.signal

from .utterance import SAMPLE_RATE

__all__ = ["clipped", "compressed", "gain_controlled", "gated", "quantised"]

_HOP = 80
"""Samples between values of a gain: 5 ms."""
_FLOOR_DB = -90.0


def gated(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Speech through a noise gate, which shuts in pauses and bites off soft beginnings and ends."""
    level = _levels(samples)
    threshold = np.percentile(level, 95) - rng.uniform(18.0, 42.0)
    hold = int(rng.integers(2, 14))
    # From 20 to 135 ms, of the past alone.
    held = scipy.ndimage.maximum_filter1d(level, 2 * hold + 1, origin=hold)
    ramp = int(rng.integers(1, 6))
    is_open = scipy.ndimage.uniform_filter1d((held > threshold).astype(np.float32), ramp)
    shut = rng.choice([12.0, 24.0, 40.0, 80.0])
    return _with_gain(samples, -shut * (1.0 - is_open))


def compressed(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Speech with its loud parts held down, fast, as for broadcasting or a game."""
    level = _smooth(_levels(samples), rng.uniform(0.01, 0.1))
    threshold = np.percentile(level, 95) - rng.uniform(6.0, 25.0)
    ratio = rng.uniform(2.0, 10.0)
    return _with_gain(samples, -np.maximum(level - threshold, 0.0) * (1.0 - 1.0 / ratio))


def gain_controlled(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Speech whose level is slowly brought to one value, with the noise of the pauses."""
    level = _levels(samples)
    loud = np.percentile(level, 95)
    heard = _smooth(np.maximum(level, loud - rng.uniform(15.0, 35.0)), rng.uniform(0.2, 1.5))
    return _with_gain(samples, (loud - heard) * rng.uniform(0.4, 0.95))


def clipped(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Speech that was too loud for a converter, or for an amplifier that bends softly."""
    ceiling = np.float32(np.abs(samples).max(initial=0.0) * np.exp(rng.uniform(-2.3, -0.2)))
    soft = rng.random() < 0.5
    if ceiling == 0:
        return samples
    return ceiling * np.tanh(samples / ceiling) if soft else np.clip(samples, -ceiling, ceiling)


def quantised(samples: np.ndarray, bits: float) -> np.ndarray:
    """Speech rounded to so many bits of full scale."""
    steps = np.float32(2.0 ** (bits - 1.0))
    return np.round(samples * steps) / steps


def _levels(samples: np.ndarray) -> np.ndarray:
    """Level in dB of every 5 ms, over 10 ms, shape (n // 80 + 1,)."""
    padded = np.pad(samples, (_HOP // 2, _HOP - (len(samples) % _HOP) + _HOP // 2))
    power = (padded.reshape(-1, _HOP) ** 2).mean(axis=1)
    return np.maximum(10.0 * np.log10(power + 1e-12), _FLOOR_DB)


def _smooth(level: np.ndarray, seconds: float) -> np.ndarray:
    keep = np.exp(-_HOP / (SAMPLE_RATE * seconds))
    return scipy.signal.lfilter([1.0 - keep], [1.0, -keep], level, zi=[keep * level[0]])[0]


def _with_gain(samples: np.ndarray, decibels: np.ndarray) -> np.ndarray:
    factors = (10.0 ** (decibels / 20.0)).astype(np.float32)
    at = np.arange(len(samples), dtype=np.float32) / _HOP
    return (samples * np.interp(at, np.arange(len(factors)), factors)).astype(np.float32)
