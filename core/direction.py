"""What the animator asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from .errors import RigtalkError

__all__ = ["EMOTIONS", "STRENGTH_REGIONS", "Direction"]

EMOTIONS = ("joy", "sadness", "anger", "surprise", "fear", "disgust", "contempt")
"""Columns of every emotion array. Neutral is the absence of all of them."""

STRENGTH_REGIONS = ("mouth", "jaw", "brows", "eyes", "cheeks", "head", "blinks", "gaze")
"""What can be made stronger or weaker on its own; the names of regions and of layers."""


@dataclass(frozen=True)
class Direction:
    """Emotions, strengths and seed for one line.

    Attributes
    ----------
    emotions : mapping of str to float
        Intensity 0-1 of any of `EMOTIONS` (``neutral`` is accepted and means nothing); they mix.
    keys : tuple of (float, mapping)
        Emotions over time: (seconds, emotions) in rising order, linear in between. Overrides
        `emotions` where given.
    strength : mapping of str to float
        Gain 0-2 for any of `STRENGTH_REGIONS`; 1 where absent.
    seed : int
        Chooses the take: blinks, gaze and small asymmetries. The same seed gives the same curves.
    """

    emotions: Mapping[str, float] = field(default_factory=dict)
    keys: tuple[tuple[float, Mapping[str, float]], ...] = ()
    strength: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0

    def __post_init__(self) -> None:
        for emotions in (self.emotions, *(emotions for _, emotions in self.keys)):
            _check_emotions(emotions)
        for name, gain in self.strength.items():
            if name not in STRENGTH_REGIONS:
                raise RigtalkError(
                    f"unknown strength {name!r}: choose from {', '.join(STRENGTH_REGIONS)}"
                )
            if not 0.0 <= gain <= 2.0:
                raise RigtalkError(f"strength of {name} is {gain:g}: it must be from 0 to 2")
        times = [time for time, _ in self.keys]
        if not all(np.isfinite(times)) or any(b <= a for a, b in pairwise(times)):
            raise RigtalkError("the times of emotion keys must be finite and rise")
        if not 0 <= self.seed < 2**32:
            raise RigtalkError(f"seed is {self.seed}: it must be from 0 to 4294967295")

    def emotion_at(self, times: np.ndarray) -> np.ndarray:
        """Intensities over time.

        Parameters
        ----------
        times : ndarray, shape (n,)
            Seconds.

        Returns
        -------
        ndarray, shape (n, 7), float32
            One column for each of `EMOTIONS`, 0-1.
        """
        if not self.keys:
            return np.tile(_row(self.emotions), (len(times), 1))
        key_times = [time for time, _ in self.keys]
        rows = np.stack([_row(emotions) for _, emotions in self.keys])
        columns = [np.interp(times, key_times, rows[:, i]) for i in range(len(EMOTIONS))]
        return np.stack(columns, axis=1).astype(np.float32)

    def gain(self, region: str) -> float:
        """Strength of a region, 0-2; 1 where nothing was asked."""
        return float(self.strength.get(region, 1.0))


def _row(emotions: Mapping[str, float]) -> np.ndarray:
    return np.array([emotions.get(name, 0.0) for name in EMOTIONS], dtype=np.float32)


def _check_emotions(emotions: Mapping[str, float]) -> None:
    for name, intensity in emotions.items():
        if name != "neutral" and name not in EMOTIONS:
            known = ", ".join(("neutral", *EMOTIONS))
            raise RigtalkError(f"unknown emotion {name!r}: choose from {known}")
        if not 0.0 <= intensity <= 1.0:
            raise RigtalkError(f"intensity of {name} is {intensity:g}: it must be from 0 to 1")
