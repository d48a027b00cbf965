"""What must be known of a whole sound before any of it is performed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .prosody import Prosody

__all__ = ["Line"]


@dataclass(frozen=True, eq=False)
class Line:
    """A surveyed sound.

    Attributes
    ----------
    level : float
        Of the loud frames, in dB.
    channel : ndarray, shape (64,), float32
        How far the recording lifts each band, in dB.
    mean, deviation : float
        Of the samples.
    duration : float
        Seconds.
    frames : int
        Of features.
    prosody : Prosody
    mel : ndarray, shape (frames, 64), float32, or None
        Mel levels of a line of up to `KEPT_SECONDS`.
    """

    level: float
    channel: np.ndarray
    mean: float
    deviation: float
    duration: float
    frames: int
    prosody: Prosody
    mel: np.ndarray | None

    @property
    def steps(self) -> int:
        """Of 20 ms, two features each."""
        return (self.frames + 1) // 2
