"""The outline of a recording: its lowest and highest sample in every few milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rigtalk.core.audio import Audio
from rigtalk.core.features import SAMPLE_RATE

__all__ = ["PEAK_RATE", "Peaks", "peaks_of"]

PEAK_RATE = 200
"""Peaks in a second: finer than a frame of any film, and 1.4 MB an hour."""
STEP = SAMPLE_RATE // PEAK_RATE
FULL = 127.0
"""What full scale is in a peak."""


@dataclass(frozen=True, eq=False)
class Peaks:
    """The outline of a recording.

    Attributes
    ----------
    lows, highs : ndarray, shape (n,), int8
        Lowest and highest sample of each 1 / `PEAK_RATE` s; 127 is full scale.
    seconds : float
        Length of the recording.
    """

    lows: np.ndarray
    highs: np.ndarray
    seconds: float

    @cached_property
    def loudest(self) -> float:
        """Of all samples, full scale 1."""
        return float(max(-int(self.lows.min()), int(self.highs.max()))) / FULL

    @property
    def nbytes(self) -> int:
        """Memory."""
        return self.lows.nbytes + self.highs.nbytes

    def columns(self, begin: float, end: float, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest sample in equal parts of a stretch of time.

        Parameters
        ----------
        begin, end : float
            Seconds; what lies outside of the recording is silence.
        count : int
            Number of parts.

        Returns
        -------
        lows, highs : ndarray, shape (count,), float32
            Full scale 1.
        """
        edges = np.linspace(begin, end, count + 1) * PEAK_RATE
        first = np.floor(edges[:-1] + 1e-6).astype(np.int64)
        last = np.maximum(np.ceil(edges[1:] - 1e-6).astype(np.int64), first + 1)
        heard = (first < len(self.lows)) & (last > 0)
        lows, highs = np.zeros(count, np.float32), np.zeros(count, np.float32)
        if heard.any():
            # Pairs of (first, last) for reduceat; a last peak is added so that no index is outside.
            spans = np.stack([first[heard], last[heard]], axis=1).clip(0, len(self.lows)).ravel()
            lows[heard] = np.minimum.reduceat(np.append(self.lows, 0), spans)[::2]
            highs[heard] = np.maximum.reduceat(np.append(self.highs, 0), spans)[::2]
        return lows / np.float32(FULL), highs / np.float32(FULL)


def peaks_of(audio: Audio, *, cancelled: Callable[[], bool] = lambda: False) -> Peaks | None:
    """Listen to a recording, in memory that does not grow with its samples.

    Parameters
    ----------
    audio : Audio
    cancelled : callable
        Asked now and then; true gives the work up.

    Returns
    -------
    Peaks or None
        None if it was given up.

    Raises
    ------
    RigtalkError
        If the recording cannot be read.
    """
    lows, highs = [], []
    rest = np.zeros(0, np.float32)
    count = 0
    for block in audio.blocks():
        if cancelled():
            return None
        count += len(block)
        samples = np.concatenate([rest, block])
        whole = len(samples) // STEP * STEP
        lows.append(_quantised(samples[:whole].reshape(-1, STEP).min(axis=1)))
        highs.append(_quantised(samples[:whole].reshape(-1, STEP).max(axis=1)))
        rest = samples[whole:]
    if len(rest):
        lows.append(_quantised(rest.min(keepdims=True)))
        highs.append(_quantised(rest.max(keepdims=True)))
    return Peaks(np.concatenate(lows), np.concatenate(highs), count / SAMPLE_RATE)


def _quantised(samples: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(samples * FULL), -FULL, FULL).astype(np.int8)
