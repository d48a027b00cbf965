"""Features in another voice, room, recording and crowd, and with pieces missing.

The network has heard a few hundred people, and would know them by heart: no line may ever come
twice in the same dress. All changes leave the mouth where it was. Features here are levels in
units of 60 dB relative to the loud frames (1.0), not yet cut off at the floor (0.0), so that noise
and channels can be added as powers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rigtalk.core.channel import ACTIVE_DB, channel_of
from rigtalk.core.features import FLOOR_DB, reference_level

__all__ = ["TOP", "Disguise", "as_heard", "disguise", "hide"]

TOP = 1.25
"""Largest feature."""
NEPERS = FLOOR_DB / 10.0 * np.log(10.0)
"""Natural logarithm of the power ratio that one unit of features is."""
SPEECH = 0.15
"""Share of frames within `ACTIVE_DB` of the loudest; with less there is little to go by."""


@dataclass(frozen=True)
class Disguise:
    """How often and how strongly each thing happens; chances 0-1.

    Attributes
    ----------
    tract_chance, tract : float
        Vocal tract shorter or longer, by up to this share.
    curve_chance, curve : float
        Microphone: a smooth curve over the bands, standard deviation in features (1 is 60 dB).
    band_chance : float
        A telephone, or a recording without treble or without bass.
    crowd_chance : float
        Others speak in the background, up to `crowd_size` at once.
    crowd_size : int
    noise_chance : float
        Steady noise.
    room_chance : float
        Reverberation.
    gate_chance : float
        A noise gate or a denoiser has emptied what is quiet.
    hidden_chance : float
        Bands and moments are blotted out (SpecAugment, Park et al. 2019, section 2).
    """

    tract_chance: float = 0.7
    tract: float = 0.16
    curve_chance: float = 0.6
    curve: float = 0.08
    band_chance: float = 0.25
    crowd_chance: float = 0.2
    crowd_size: int = 5
    noise_chance: float = 0.45
    room_chance: float = 0.2
    gate_chance: float = 0.15
    hidden_chance: float = 0.6


def disguise(
    features: np.ndarray,
    rng: np.random.Generator,
    *,
    crowd: np.ndarray | None = None,
    config: Disguise | None = None,
) -> np.ndarray:
    """The same line in another voice, room and recording.

    Parameters
    ----------
    features : ndarray, shape (T, 64), float32
        Levels as stored.
    rng : numpy.random.Generator
    crowd : ndarray, shape (T, 64), optional
        Levels of another line, for the background.
    config : Disguise, optional

    Returns
    -------
    ndarray, shape (T, 64), float32
        Levels; the loud frames may have moved from 1.0.
    """
    config = config or Disguise()

    def happens(chance: float) -> bool:
        return bool(rng.random() < chance)

    if happens(config.tract_chance):
        features = _tract(features, float(rng.uniform(-config.tract, config.tract)))
    if crowd is not None and happens(config.crowd_chance):
        features = _together(features, _crowd(crowd, rng, config.crowd_size))
    if happens(config.room_chance):
        features = _room(features, float(rng.uniform(0.15, 0.9)), float(rng.uniform(0.05, 0.35)))
    if happens(config.noise_chance):
        features = _noise(features, rng)
    if happens(config.gate_chance):
        floor = rng.uniform(0.25, 0.62) + 0.04 * rng.standard_normal(features.shape[1])
        depth = rng.uniform(0.15, 1.0)
        features = np.where(features < floor, features - depth, features)
    if happens(config.curve_chance):
        features = features + _smooth(rng, features.shape[1], config.curve)
    if happens(config.band_chance):
        features = features - _lost_bands(rng, features.shape[1])
    return np.asarray(features, dtype=np.float32)


def as_heard(features: np.ndarray) -> np.ndarray:
    """Levels as the actor gets them: relative to the loud frames, the channel taken back, floored.

    Parameters
    ----------
    features : ndarray, shape (T, 64)
        Levels of a line, or of a piece of one.

    Returns
    -------
    ndarray, shape (T, 64), float32
        0 to 1.25.
    """
    peaks = features.max(axis=1)
    # A piece without speech keeps the level of its line.
    loud = 1.0
    if np.mean(peaks > 1.0 - ACTIVE_DB / FLOOR_DB) > SPEECH:
        loud = reference_level(peaks * FLOOR_DB - FLOOR_DB) / FLOOR_DB + 1.0
    channel = channel_of((features - 1.0) * FLOOR_DB, (loud - 1.0) * FLOOR_DB) / FLOOR_DB
    return np.clip(features + (1.0 - loud) - channel, 0.0, TOP).astype(np.float32)


def hide(
    features: np.ndarray, rng: np.random.Generator, *, config: Disguise | None = None
) -> np.ndarray:
    """Bands and moments of a line blotted out, shape (T, 64)."""
    config = config or Disguise()
    if rng.random() >= config.hidden_chance:
        return features
    length, bands = features.shape
    features = features.copy()
    blank = float(features.mean())
    for _ in range(rng.integers(1, 3)):
        width = int(rng.integers(2, 12))
        at = int(rng.integers(0, bands - width))
        features[:, at : at + width] = blank
    for _ in range(rng.integers(0, 1 + length // 160)):
        width = int(rng.integers(2, 13))
        at = int(rng.integers(0, max(1, length - width)))
        features[at : at + width] = blank
    return features


def _together(features: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Levels of two sounds at once: their powers add up."""
    return np.logaddexp(features * NEPERS, other * NEPERS) / np.float32(NEPERS)


def _crowd(other: np.ndarray, rng: np.random.Generator, size: int) -> np.ndarray:
    """Somebody else, or several: one line against itself, earlier and later, from other mouths."""
    people, count = other, int(rng.integers(1, size + 1))
    for _ in range(count - 1):
        late = np.roll(other, int(rng.integers(len(other))), axis=0)
        people = _together(people, _tract(late, float(rng.uniform(-0.15, 0.15))))
    return people - np.log(count) / NEPERS - rng.uniform(0.08, 0.5)


def _tract(features: np.ndarray, bend: float) -> np.ndarray:
    """The spectrum moved along the bands, the highest of which stay where they are."""
    bands = features.shape[1]
    axis = np.arange(bands, dtype=np.float32)
    source = np.clip(axis * (1.0 + bend * np.minimum(1.0, (bands - axis) / 16.0)), 0, bands - 1)
    low = source.astype(np.intp)
    part = (source - low).astype(np.float32)
    return features[:, low] * (1 - part) + features[:, np.minimum(low + 1, bands - 1)] * part


def _room(features: np.ndarray, seconds: float, share: float) -> np.ndarray:
    """Power that falls by 60 dB in so many seconds is added to each frame's own."""
    decay = np.float32(0.01 / seconds)  # a frame's fall, in units of 60 dB
    tail = np.empty_like(features)
    last = np.full(features.shape[1], -1.0, dtype=np.float32)
    below = np.float32(-np.log10(1.0 / share) / 6.0 - 0.12)
    # The tail is the loudest of what is still falling: a maximum is near a sum of powers.
    for i, row in enumerate(features):
        tail[i] = last
        last = np.maximum(last - decay, row)
    return _together(features, tail + below)


def _noise(features: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    bands = features.shape[1]
    tilt = rng.normal(0.0, 0.12) * np.linspace(-1.0, 1.0, bands)
    floor = rng.uniform(0.1, 0.9) + tilt + _smooth(rng, bands, 0.08)
    flutter = rng.normal(0.0, rng.uniform(0.01, 0.08), features.shape).astype(np.float32)
    return _together(features, floor + flutter)


def _smooth(rng: np.random.Generator, bands: int, deviation: float) -> np.ndarray:
    knots = int(rng.integers(3, 9))
    axis = np.linspace(0, knots - 1, bands)
    return np.interp(axis, np.arange(knots), rng.normal(0.0, deviation, knots)).astype(np.float32)


def _lost_bands(rng: np.random.Generator, bands: int) -> np.ndarray:
    """How far each band falls: a telephone (300-3400 Hz), no treble or no bass."""
    axis = np.arange(bands, dtype=np.float32)
    kind = rng.random()
    below = rng.uniform(5, 9) if kind < 0.7 else -1.0
    above = rng.uniform(24, 58) if kind >= 0.7 else rng.uniform(44, 50)
    slope = rng.uniform(0.03, 0.3)
    return slope * (np.maximum(below - axis, 0) + np.maximum(axis - above, 0)).astype(np.float32)
