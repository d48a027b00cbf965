"""Features in another voice, room, recording and crowd, and with pieces missing.

The network has heard a few hundred people, and would know them by heart: no line may ever come
twice in the same dress. All changes leave the mouth where it was. Features here are levels in
units of 60 dB relative to the loud frames (1.0), not yet cut off at the floor (0.0), so that noise
and channels can be added as powers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.signal

from rigtalk.core.channel import ACTIVE_DB, channel_of
from rigtalk.core.features import FEATURE_RATE, FLOOR_DB, SAMPLE_RATE, log_mel, reference_level

__all__ = ["TOP", "Disguise", "as_heard", "disguise", "hide", "many_voices"]

TOP = 1.25
"""Largest feature."""
NEPERS = FLOOR_DB / 10.0 * np.log(10.0)
"""Natural logarithm of the power ratio that one unit of features is."""
REVERBERATION = (0.12, 1.1)
"""Seconds in which the sound of a room falls by 60 dB."""
DIRECT_DB = (-4.0, 16.0)
"""Power of the direct sound above the room's."""
LOUDER = 0.04
"""Standard deviation of pieces of different people's lines, in units of 60 dB."""
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
    band_chance: float = 0.3
    crowd_chance: float = 0.2
    crowd_size: int = 5
    noise_chance: float = 0.45
    room_chance: float = 0.3
    gate_chance: float = 0.15
    hidden_chance: float = 0.7


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
        features = _room(features, rng)
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


def many_voices(
    features: np.ndarray,
    lengths: Iterable[int],
    rng: np.random.Generator,
    *,
    config: Disguise | None = None,
) -> np.ndarray:
    """Consecutive pieces of so many frames, each from another vocal tract, shape (T, 64)."""
    config = config or Disguise()
    parts, start = [], 0
    for length in lengths:
        part = features[start : start + length]
        if rng.random() < config.tract_chance:
            part = _tract(part, float(rng.uniform(-config.tract, config.tract)))
        parts.append(part + np.float32(rng.normal(0.0, LOUDER)))
        start += length
    return np.concatenate(parts)


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
        width = int(rng.integers(2, 14))
        at = int(rng.integers(0, bands - width))
        features[:, at : at + width] = blank
    for _ in range(rng.integers(0, 1 + length // 100)):
        width = int(rng.integers(2, 15))
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


def _room(features: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The sound of a room behind each frame: power that falls by 60 dB in so many seconds, and is
    in all so much below the direct sound, or above it (Lebart et al. 2001, section 2).
    """
    seconds = rng.uniform(*REVERBERATION)
    below_db = rng.uniform(*DIRECT_DB)
    kept = 10.0 ** (-6.0 / (FEATURE_RATE * seconds))
    power = np.exp(features.astype(np.float64) * NEPERS)
    gain = (1.0 - kept) * 10.0 ** (-below_db / 10.0)
    tail = scipy.signal.lfilter([0.0, gain], [1.0, -kept], power, axis=0)
    tail = np.log(tail + 1e-12) / NEPERS + _flutter(len(features), rng)
    return _together(features, tail.astype(np.float32))


def _noise(features: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Noise of any colour, steady or with a slow swell."""
    length, bands = features.shape
    _, white = _hiss()
    octaves = np.log2(np.linspace(1.0, 30.0, bands))  # the bands of hearing grow with frequency
    colour = white - rng.uniform(-0.3, 2.2) * 3.0 / FLOOR_DB * (octaves - octaves.mean())
    floor = rng.uniform(0.1, 0.65) + colour + _smooth(rng, bands, 0.06)
    swell = np.zeros(length, dtype=np.float32)
    if rng.random() < 0.3:
        swell = _smooth(rng, length, rng.uniform(0.02, 0.12))
    return _together(features, floor + swell[:, None] + _flutter(length, rng))


def _flutter(frames: int, rng: np.random.Generator) -> np.ndarray:
    """How noise of one level goes up and down from frame to frame, (frames, 64)."""
    flutter, _ = _hiss()
    start = int(rng.integers(len(flutter)))
    return np.take(flutter, range(start, start + frames), axis=0, mode="wrap")


@lru_cache(maxsize=1)
def _hiss() -> tuple[np.ndarray, np.ndarray]:
    """White noise: each frame relative to its band's mean, and the bands relative to theirs."""
    rng = np.random.default_rng(0)
    levels = log_mel(rng.standard_normal(40 * SAMPLE_RATE).astype(np.float32)) / FLOOR_DB
    bands = levels.mean(axis=0)
    return (levels - bands).astype(np.float32), (bands - bands.mean()).astype(np.float32)


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
