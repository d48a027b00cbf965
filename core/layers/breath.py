"""Breath: what shows of it in a face, most of it while nothing is said."""

from __future__ import annotations

import numpy as np

from ..direction import Direction
from ..prosody import Prosody
from .events import add_events, ease

__all__ = ["Breath"]

HERTZ = 14.0 / 60.0
"""Breaths at rest."""
LIFT = np.radians(0.5)
"""How far the head rises as the chest fills."""
NOSTRILS = 0.03
"""noseSneer at the top of a breath."""
JAW = 0.012
"""jawOpen at the top of a breath, behind closed lips."""
GASP = 0.38
"""Seconds of the quick breath before a phrase."""


class Breath:
    """The breath of one take.

    Parameters
    ----------
    prosody : Prosody
    direction : Direction
        ``head`` scales the head's share.
    rng : numpy.random.Generator
    """

    def __init__(self, prosody: Prosody, direction: Direction, *, rng: np.random.Generator) -> None:
        self._prosody = prosody
        self._direction = direction
        self._phases = rng.uniform(0.0, 2 * np.pi, 3)
        onsets = prosody.phrases[:, 0]
        self._gasps = np.maximum(onsets[onsets > GASP] - GASP - 0.02, 0.0)
        self._depths = rng.uniform(0.5, 1.0, len(self._gasps))

    def curves(self, times: np.ndarray) -> dict[str, np.ndarray]:
        """ARKit curves at some times (seconds, rising), each shape (n,)."""
        breath, gain = self._cycle(times), self._direction.gain_over("head", times)
        add_events(breath, times, self._gasps, self._gasps + GASP + 0.3, shape=self._gasp)
        return {
            "headPitch": -gain * LIFT * breath,
            "noseSneerLeft": NOSTRILS * breath,
            "noseSneerRight": NOSTRILS * breath,
        }

    def jaw(self, times: np.ndarray) -> np.ndarray:
        """How far the breath opens the jaw behind closed lips, jawOpen, shape (n,)."""
        return JAW * self._cycle(times)

    def _cycle(self, times: np.ndarray) -> np.ndarray:
        # The pace drifts, as it does: a clock would be seen.
        drift = 0.16 * np.sin(0.21 * times + self._phases[1]) + 0.1 * np.sin(
            0.33 * times + self._phases[2]
        )
        cycle = 0.5 - 0.5 * np.cos(2 * np.pi * (HERTZ * times + drift) + self._phases[0])
        return cycle**1.3 * (1.0 - 0.7 * self._prosody.activity(times))

    def _gasp(self, event: int, t: np.ndarray) -> np.ndarray:
        return self._depths[event] * (ease(t / GASP) - ease((t - GASP) / 0.3))
