"""Log-mel features that do not change with level or padding.

Levels are relative to the loud frames of the whole line and end in a floor 60 dB below them, so
that a quiet recording, a loud one and one with silence around it look the same to the actor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np

__all__ = [
    "FEATURE_RATE",
    "FFT_SIZE",
    "HOP",
    "MELS",
    "SAMPLE_RATE",
    "log_mel",
    "log_mel_blocks",
    "normalise",
    "reference_level",
]

SAMPLE_RATE = 16000
"""Hz; the rate of every clip."""
HOP = 160
"""Samples between frames: 10 ms."""
FFT_SIZE = 512
WINDOW = 400
"""Samples under the Hann window: 25 ms."""
MELS = 64
FEATURE_RATE = SAMPLE_RATE / HOP
"""Frames in a second: 100."""
BLOCK_FRAMES = 128
"""Frames worked on at a time: few enough to stay in the processor's cache."""
FLOOR_DB = 60.0
QUIETEST_DB = -70.0
"""A line with no frame above this level (dB of full scale, a mel band) is treated as silence."""


@lru_cache(maxsize=1)
def _mel_matrix() -> np.ndarray:
    """Triangles on the HTK mel scale from 50 Hz to 7600 Hz, shape (257, MELS), float32."""

    def to_mel(hz: float) -> float:
        return 2595.0 * float(np.log10(1.0 + hz / 700.0))

    edges_mel = np.linspace(to_mel(50.0), to_mel(7600.0), MELS + 2)
    edges = 700.0 * (10.0 ** (edges_mel / 2595.0) - 1.0)
    bins = np.fft.rfftfreq(FFT_SIZE, 1.0 / SAMPLE_RATE)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return (triangles / np.maximum(triangles.sum(axis=0), 1e-9)).astype(np.float32)


def log_mel(samples: np.ndarray) -> np.ndarray:
    """Mel band levels.

    Frame ``i`` is centred on sample ``i * HOP``; the signal is taken as zero outside.

    Parameters
    ----------
    samples : ndarray, shape (n,), float32
        16 kHz audio, full scale 1.

    Returns
    -------
    ndarray, shape (n // HOP + 1, MELS), float32
        dB relative to full scale, not below -120.
    """
    return np.concatenate(list(log_mel_blocks([samples])))


def log_mel_blocks(blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """`log_mel` of a sound that comes in parts.

    Parameters
    ----------
    blocks : iterable of ndarray, each shape (n,), float32
        Consecutive parts of 16 kHz audio, of any lengths.

    Yields
    ------
    ndarray, shape (frames, MELS), float32
        Consecutive frames, at most `BLOCK_FRAMES` at a time; together those of the whole.
    """
    waiting = np.zeros(WINDOW // 2, dtype=np.float32)  # a frame is centred on its time
    samples = frames = 0
    for block in blocks:
        samples += len(block)
        waiting = np.concatenate([waiting, block.astype(np.float32, copy=False)])
        ready = max(0, (len(waiting) - WINDOW) // HOP + 1)
        yield from _levels(waiting, ready)
        frames += ready
        waiting = waiting[ready * HOP :]
    missing = samples // HOP + 1 - frames
    yield from _levels(np.pad(waiting, (0, WINDOW + HOP)), missing)


def _levels(signal: np.ndarray, count: int) -> Iterator[np.ndarray]:
    if count <= 0:
        return
    frames = np.lib.stride_tricks.sliding_window_view(signal, WINDOW)[::HOP]
    # In float64, lest newer numpy transform in float32 and the numbers depend on its version.
    window = np.hanning(WINDOW + 1)[:-1]
    for begin in range(0, count, BLOCK_FRAMES):
        part = frames[begin : min(begin + BLOCK_FRAMES, count)]
        spectrum = np.fft.rfft(part * window, FFT_SIZE)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) / (WINDOW * 0.25) ** 2
        yield 10.0 * np.log10(power @ _mel_matrix() + 1e-12)


def reference_level(mel_db: np.ndarray) -> float:
    """Level of the loud frames of a line, in dB.

    The 95th percentile of the frames' loudest bands among the frames within `FLOOR_DB` of the
    loudest frame, so that silence around the speech does not move it.

    Parameters
    ----------
    mel_db : ndarray, shape (frames, MELS) or (frames,)
        From `log_mel`, or its maximum over bands.
    """
    peaks = mel_db.max(axis=1) if mel_db.ndim == 2 else mel_db
    if len(peaks) == 0:
        return QUIETEST_DB
    active = peaks[peaks > peaks.max() - FLOOR_DB]
    return max(float(np.percentile(active, 95)), QUIETEST_DB)


def normalise(mel_db: np.ndarray, level: float, channel: np.ndarray | float = 0.0) -> np.ndarray:
    """Features for the actor: 0 at the floor, 1 at the reference level, float32 (frames, MELS).

    Parameters
    ----------
    mel_db : ndarray, shape (frames, MELS)
    level : float
        From `reference_level`.
    channel : ndarray, shape (MELS,), optional
        From `rigtalk.core.channel`: dB by which the recording lifts each band.
    """
    scaled = (mel_db - channel - (level - FLOOR_DB)) / FLOOR_DB
    return np.clip(scaled, 0.0, 1.25).astype(np.float32)
