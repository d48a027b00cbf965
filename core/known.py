"""What is known of the lips beside what the network hears of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Known"]

LEAST = 1e-4
"""Probability below which, and above whose complement, the network is not taken at its word."""


@dataclass(frozen=True, eq=False)
class Known:
    """For every step of a line.

    Attributes
    ----------
    closure : ndarray, shape (steps,), float32
        Evidence for sealed lips: nats to be added to the logarithm of the odds.
    bite : ndarray, shape (steps,), float32
        How far the lower lip is at the upper teeth for f and v, 0-1.
    trust : float
        How far the source of this is believed, 0-1; all of it is scaled by that already.
    """

    closure: np.ndarray
    bite: np.ndarray
    trust: float = 1.0

    def closed(self, heard: np.ndarray, first: int) -> np.ndarray:
        """Probability of a closure where it was heard with some, for steps from `first` on."""
        likely = np.clip(heard, LEAST, 1.0 - LEAST)
        odds = np.log(likely / (1.0 - likely)) + self.closure[first : first + len(heard)]
        return (1.0 / (1.0 + np.exp(-odds))).astype(np.float32)

    def bitten(
        self, curves: np.ndarray, first: int, bite: tuple[np.ndarray, np.ndarray]
    ) -> np.ndarray:
        """Curves of steps from `first` on with the lip at the teeth.

        Parameters
        ----------
        curves : ndarray, shape (n, controls), float32
        first : int
        bite : (ndarray, ndarray)
            Columns that take the lip there, and their values when it is.
        """
        columns, pose = bite
        share = self.bite[first : first + len(curves), None]
        out = curves.copy()
        out[:, columns] += share * (pose - out[:, columns])
        return out
