"""How a feeling rises and falls in the course of a line.

Asked for at one intensity, the network gives the average of all the ways to feel it, and a face
that holds an expression without a change reads as a mask.
"""

from __future__ import annotations

import numpy as np

from ..prosody import Prosody
from .events import add_events, ease

__all__ = ["HIGHEST", "LOWEST", "Feeling"]

LOWEST, HIGHEST = 0.86, 1.14
"""Bounds of the factor; its mean over a line is near 1."""
BASE = 0.88
ARC, ACCENT = 0.2, 0.06
"""What an arc at its apex and the strongest accent add."""
EARLY = 0.25
"""Seconds by which a face changes before its phrase begins."""
RISE, APEX, FALL = (0.3, 0.7), (0.4, 1.4), (1.0, 2.5)
"""Seconds: felt expressions come up within half a second, stay, and fade more slowly (P. Ekman &
W. Friesen, "Felt, false, and miserable smiles", 1982)."""
ACCENT_SECONDS = 0.6


class Feeling:
    """A factor of the emotions of one take: an arc over each phrase, more on accents.

    Parameters
    ----------
    prosody : Prosody
    rng : numpy.random.Generator
    """

    def __init__(self, prosody: Prosody, *, rng: np.random.Generator) -> None:
        begins = prosody.phrases[:, 0] - EARLY
        count = len(begins)
        self._begins = begins
        self._rise, self._apex, self._fall = (
            rng.uniform(*seconds, size=count) for seconds in (RISE, APEX, FALL)
        )
        self._height = rng.uniform(0.6, 1.0, size=count)
        self._accents = prosody.accents

    def swell(self, times: np.ndarray) -> np.ndarray:
        """The factor at some times.

        Parameters
        ----------
        times : ndarray, shape (n,)
            Seconds, rising.

        Returns
        -------
        ndarray, shape (n,), float32
            From `LOWEST` to `HIGHEST`.
        """
        arcs = np.zeros(len(times))
        add_events(
            arcs,
            times,
            self._begins,
            self._begins + self._rise + self._apex + self._fall,
            shape=self._arc,
        )
        accents = np.zeros(len(times))
        heard, strengths = self._accents[:, 0], self._accents[:, 1]
        half = ACCENT_SECONDS / 2
        add_events(
            accents,
            times,
            heard - half,
            heard + half,
            shape=lambda event, t: strengths[event] * (0.5 - 0.5 * np.cos(np.pi * t / half)),
        )
        factor = BASE + ARC * np.minimum(arcs, 1.0) + ACCENT * np.minimum(accents, 1.0)
        return np.clip(factor, LOWEST, HIGHEST).astype(np.float32)

    def _arc(self, event: int, t: np.ndarray) -> np.ndarray:
        up = ease(t / self._rise[event])
        down = ease((t - self._rise[event] - self._apex[event]) / self._fall[event])
        return self._height[event] * up * (1.0 - down)
