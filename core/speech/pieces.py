"""Where a long recording can be cut for a recogniser that hears a sentence or two at a time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..features import SAMPLE_RATE, log_mel, normalise, reference_level
from ..prosody import Prosody

__all__ = ["LONGEST", "pieces_of"]

LONGEST = 15.0
"""Seconds of a piece, at most."""
AROUND = 0.12
"""Seconds before and after a phrase that belong to it."""


def pieces_of(samples: np.ndarray) -> list[tuple[float, float]]:
    """Stretches with speech of up to `LONGEST` seconds, cut in pauses where there are any.

    Parameters
    ----------
    samples : ndarray, shape (n,), float32
        16 kHz.

    Returns
    -------
    list of (float, float)
        Begin and end in seconds, in order; empty where nobody speaks.
    """
    peaks = log_mel(samples).max(axis=1)
    phrases = Prosody(normalise(peaks, reference_level(peaks))).phrases
    duration = len(samples) / SAMPLE_RATE
    pieces: list[tuple[float, float]] = []
    for begin, end in phrases:
        begin, end = max(0.0, begin - AROUND), min(duration, end + AROUND)
        if pieces and end - pieces[-1][0] <= LONGEST:
            pieces[-1] = (pieces[-1][0], end)
            continue
        if pieces:
            begin = max(begin, pieces[-1][1])
        parts = max(1, int(np.ceil((end - begin) / LONGEST)))
        edges = np.linspace(begin, end, parts + 1)
        pieces += [(float(a), float(b)) for a, b in pairwise(edges)]
    return pieces
