"""Shapes that a Bézier segment can take: tables of its basis for handles of several lengths.

With the slopes at both ends given, a segment still has the lengths of its two handles to choose.
The value at a frame is linear in (value, slope) of both ends, with weights that depend on the
lengths and on where in the segment the frame is; those weights are what the tables hold.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .curve import solve_bezier

__all__ = ["LONGEST", "REACHES", "weights"]

LONGEST = 128
"""Frames in the longest segment that is tried."""
THIRD = 1.0 / 3.0
_STEPS = (0.12, 0.22, THIRD, 0.45, 0.57, 0.7, 0.85)
MOST = 1.2
"""Two handles together reach no further than this share of a segment: beyond, a curve of gentle
slopes would turn into a step, which no animator would draw."""


def _reaches() -> np.ndarray:
    pairs = [(a, b) for a in _STEPS for b in _STEPS if a + b <= MOST]
    # A plain cubic first, then the nearer the plainer: the first that fits is taken.
    pairs.sort(key=lambda pair: abs(pair[0] - THIRD) + abs(pair[1] - THIRD))
    return np.array(pairs)


REACHES = _reaches()
"""Share of the segment that the first and the last handle reach, shape (shapes, 2)."""


@lru_cache(maxsize=LONGEST)
def weights(length: int) -> np.ndarray:
    """Weights of (first value, first slope, last slope, last value) inside a segment.

    Parameters
    ----------
    length : int
        Frames from key to key, at least 2.

    Returns
    -------
    ndarray, shape (shapes, 4, length - 1), float32
        For the frames between the keys; slopes are in value a frame.
    """
    x = np.arange(1, length) / length
    shapes, places = len(REACHES), len(x)
    a, b = (np.repeat(REACHES[:, side], places) for side in (0, 1))
    u = solve_bezier(a, 1.0 - b, np.tile(x, shapes))
    v = 1.0 - u
    first, second, third, last = v * v * v, 3 * v * v * u, 3 * v * u * u, u * u * u
    table = np.stack([first + second, second * a * length, -third * b * length, third + last])
    return np.ascontiguousarray(table.reshape(4, shapes, places).swapaxes(0, 1), dtype=np.float32)
