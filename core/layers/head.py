"""Head: sway, nods on stressed syllables, and how an emotion carries the head.

Radians, with the signs of Live Link Face: yaw to the character's right, pitch downwards.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..direction import EMOTIONS, Direction
from ..prosody import Prosody
from .events import add_events, ease

__all__ = ["Head"]

AXES = ("headYaw", "headPitch", "headRoll")
SWAY = np.radians([4.0, 2.0, 2.2])
"""Amplitude of the slow sway on each axis."""
NOD = np.radians(4.0)
"""Depth of the nod on the strongest accent."""
NOD_RISE, NOD_FALL = 0.17, 0.38
"""Seconds from the begin of a nod to the accent, and from there back."""
POSES = {
    "joy": (0.0, -1.5, 1.5),
    "sadness": (1.5, 5.0, 2.0),
    "anger": (0.0, 3.5, 0.0),
    "surprise": (0.0, -3.0, 0.0),
    "fear": (-2.0, -2.0, 1.0),
    "disgust": (4.0, -1.5, -1.5),
    "contempt": (3.0, -3.0, 1.5),
}
"""Yaw, pitch and roll in degrees at full intensity."""
LIVELINESS = {"joy": 1.3, "sadness": 0.6, "anger": 1.4, "surprise": 1.1, "fear": 1.0}
"""What an emotion at full intensity multiplies nods by."""


class Head:
    """The head of one take.

    Parameters
    ----------
    prosody : Prosody
    direction : Direction
        ``head`` scales all of it.
    rng : numpy.random.Generator
    """

    def __init__(self, prosody: Prosody, direction: Direction, *, rng: np.random.Generator) -> None:
        self._prosody, self._direction = prosody, direction
        # Frequencies with no common period: the sway never repeats within a line.
        self._hertz = np.array([0.083, 0.191, 0.337]) * rng.uniform(0.85, 1.15, (3, 3))
        self._phases = rng.uniform(0.0, 2 * np.pi, (3, 3))
        self._weights = np.array([0.55, 0.3, 0.15])
        accents = prosody.accents[rng.random(len(prosody.accents)) < 0.8]
        # The accent falls where the head is lowest.
        self._begins = accents[:, 0] - NOD_RISE
        self._depths = NOD * (0.25 + 0.75 * accents[:, 1]) * rng.uniform(0.4, 1.0, len(accents))
        self._turns = rng.normal(0.0, 0.35, len(accents))
        emotions = direction.emotion_at(accents[:, 0])
        self._depths *= np.prod(
            np.array([LIVELINESS.get(name, 1.0) for name in EMOTIONS]) ** emotions, axis=1
        )
        self._poses = np.radians([POSES[name] for name in EMOTIONS])  # (7, 3)

    def curves(self, times: np.ndarray) -> dict[str, np.ndarray]:
        """ARKit curves at some times (seconds, rising), each shape (n,)."""
        angles = self._direction.emotion_at(times) @ self._poses  # (n, 3)
        waves = np.sin(2 * np.pi * self._hertz * times[:, None, None] + self._phases)  # (n, 3, 3)
        lively = 0.5 + 0.5 * self._prosody.activity(times)
        angles = angles + SWAY * (waves @ self._weights) * lively[:, None]
        for axis, share in ((0, self._turns), (1, np.ones(len(self._depths)))):
            add_events(
                angles[:, axis],
                times,
                self._begins,
                self._begins + NOD_RISE + NOD_FALL,
                shape=self._nods(share * self._depths),
            )
        gain = self._direction.gain_over("head", times)
        return {name: gain * angles[:, axis] for axis, name in enumerate(AXES)}

    @staticmethod
    def _nods(depths: np.ndarray) -> Callable[[int, np.ndarray], np.ndarray]:
        return lambda event, t: (
            depths[event] * (ease(t / NOD_RISE) - ease((t - NOD_RISE) / NOD_FALL))
        )
