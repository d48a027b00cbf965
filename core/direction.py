"""What the animator asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np

from .errors import RigtalkError
from .script import Script

__all__ = ["EMOTIONS", "STRENGTH_REGIONS", "Direction"]

EMOTIONS = ("joy", "sadness", "anger", "surprise", "fear", "disgust", "contempt")
"""Columns of every emotion array. Neutral is the absence of all of them."""

STRENGTH_REGIONS = (
    "speech",
    "mouth",
    "jaw",
    "brows",
    "eyes",
    "cheeks",
    "head",
    "blinks",
    "gaze",
)
"""What can be made stronger or weaker on its own: speech (how much the mouth articulates, from
mumbled to exaggerated, while an emotion keeps its smile), and regions and layers by their names."""


@dataclass(frozen=True)
class Direction:
    """Emotions, strengths, seed and words of one line.

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
    strength_keys : tuple of (float, mapping)
        Strengths over time: (seconds, gains) in rising order. Each region runs linearly between the
        keys that name it and overrides `strength`; a region that no key names keeps its constant.
    script : Script, optional
        What is said, where it is known: lips then close where its words have p, b and m.
    """

    emotions: Mapping[str, float] = field(default_factory=dict)
    keys: tuple[tuple[float, Mapping[str, float]], ...] = ()
    strength: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    strength_keys: tuple[tuple[float, Mapping[str, float]], ...] = ()
    script: Script | None = None

    def __post_init__(self) -> None:
        for emotions in (self.emotions, *(emotions for _, emotions in self.keys)):
            _check_emotions(emotions)
        for strength in (self.strength, *(strength for _, strength in self.strength_keys)):
            _check_strength(strength)
        for what, keys in (("emotion", self.keys), ("strength", self.strength_keys)):
            times = [time for time, _ in keys]
            if not all(np.isfinite(times)) or any(b <= a for a, b in pairwise(times)):
                raise RigtalkError(f"the times of {what} keys must be finite and rise")
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
        key_times, rows = self._emotion_rows
        columns = [np.interp(times, key_times, rows[:, i]) for i in range(len(EMOTIONS))]
        return np.stack(columns, axis=1).astype(np.float32)

    @cached_property
    def _emotion_rows(self) -> tuple[list[float], np.ndarray]:
        """Times of the keys and their emotions, (keys, 7)."""
        rows = np.stack([_row(emotions) for _, emotions in self.keys])
        return [time for time, _ in self.keys], rows

    @cached_property
    def _strength_rows(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Times and gains of the keys that name a region, by region."""
        found: dict[str, list[tuple[float, float]]] = {}
        for time, gains in self.strength_keys:
            for region, gain in gains.items():
                found.setdefault(region, []).append((time, gain))
        return {
            region: (np.array([time for time, _ in keys]), np.array([gain for _, gain in keys]))
            for region, keys in found.items()
        }

    @property
    def emotional(self) -> bool:
        """Whether any emotion is asked for at any time."""
        asked = (self.emotions,) if not self.keys else tuple(emotions for _, emotions in self.keys)
        return any(_row(emotions).any() for emotions in asked)

    def gain(self, region: str) -> float:
        """Constant strength of a region, 0-2; 1 where nothing was asked."""
        return float(self.strength.get(region, 1.0))

    def gain_over(self, region: str, times: np.ndarray) -> float | np.ndarray:
        """Strength of a region: a number where it is constant, else as `gain_at` in float64."""
        if region not in self._strength_rows:
            return self.gain(region)
        return np.interp(times, *self._strength_rows[region])

    def gain_at(self, region: str, times: np.ndarray) -> np.ndarray:
        """Strength of a region over time.

        Parameters
        ----------
        region : str
            One of `STRENGTH_REGIONS`.
        times : ndarray, shape (n,)
            Seconds.

        Returns
        -------
        ndarray, shape (n,), float32
            0-2; before the first and after the last key that names the region these hold.
        """
        return np.full(len(times), self.gain_over(region, times), dtype=np.float32)


def _row(emotions: Mapping[str, float]) -> np.ndarray:
    return np.array([emotions.get(name, 0.0) for name in EMOTIONS], dtype=np.float32)


def _check_emotions(emotions: Mapping[str, float]) -> None:
    for name, intensity in emotions.items():
        if name != "neutral" and name not in EMOTIONS:
            known = ", ".join(("neutral", *EMOTIONS))
            raise RigtalkError(f"unknown emotion {name!r}: choose from {known}")
        if not 0.0 <= intensity <= 1.0:
            raise RigtalkError(f"intensity of {name} is {intensity:g}: it must be from 0 to 1")


def _check_strength(strength: Mapping[str, float]) -> None:
    for name, gain in strength.items():
        if name not in STRENGTH_REGIONS:
            known = ", ".join(STRENGTH_REGIONS)
            raise RigtalkError(f"unknown strength {name!r}: choose from {known}")
        if not 0.0 <= gain <= 2.0:
            raise RigtalkError(f"strength of {name} is {gain:g}: it must be from 0 to 2")
