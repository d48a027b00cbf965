"""Curves as few straight pieces."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

__all__ = ["corners"]


def corners(times: np.ndarray, rows: np.ndarray, *, tolerance: float) -> np.ndarray:
    """Which samples are needed so that straight lines between them stay near all the others.

    Douglas and Peucker, "Algorithms for the reduction of the number of points required to represent
    a digitized line or its caricature" (1973), with the distance taken in value, not across. Where
    a column begins or ends to hold a value that sample is kept, so that what holds holds exactly.

    Parameters
    ----------
    times : ndarray, shape (n,)
        Rising.
    rows : ndarray, shape (n, columns)
    tolerance : float
        Largest distance of any value from the lines.

    Returns
    -------
    ndarray, shape (kept,), intp
        Rising, with the first and the last.
    """
    same = rows[1:] == rows[:-1]
    turns = 1 + np.flatnonzero((same[1:] != same[:-1]).any(axis=1))
    kept = {0, len(times) - 1, *turns.tolist()}
    waiting = list(pairwise(sorted(kept)))
    while waiting:
        first, stop = waiting.pop()
        if stop - first < 2:
            continue
        inside = slice(first + 1, stop)
        share = (times[inside] - times[first]) / (times[stop] - times[first])
        line = rows[first] + share[:, None] * (rows[stop] - rows[first])
        distance = np.abs(rows[inside] - line).max(axis=1)
        worst = int(np.argmax(distance))
        if distance[worst] > tolerance:
            middle = first + 1 + worst
            kept.add(middle)
            waiting += [(first, middle), (middle, stop)]
    return np.array(sorted(kept), dtype=np.intp)
