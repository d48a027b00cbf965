"""Frames at which a curve must have a key: its ends, its extremes, the ends of what holds still."""

from __future__ import annotations

import numpy as np

__all__ = ["landmarks", "slopes"]

HOLD = 3
"""Frames of exactly one value that count as holding still."""


def landmarks(values: np.ndarray, prominence: float) -> np.ndarray:
    """Where keys must be.

    Parameters
    ----------
    values : ndarray, shape (curves, frames)
    prominence : float
        An extreme counts if the curve goes at least this far away from it before it goes beyond it.

    Returns
    -------
    ndarray, shape (curves, frames), bool
        The first and last frame, both ends of each stretch that holds still, and the extremes.
    """
    curves, frames = values.shape
    found = np.zeros((curves, frames), dtype=bool)
    found[:, [0, -1]] = True
    if frames < 3:
        return found
    still = np.diff(values, axis=1) == 0.0  # (curves, frames - 1)
    flat = values.ravel()
    # A stretch begins where the next frame is the same and the last one was not.
    begins = still & ~np.pad(still, ((0, 0), (1, 0)))[:, :-1]
    ends = still & ~np.pad(still, ((0, 0), (0, 1)))[:, 1:]
    begin, end = np.flatnonzero(begins), np.flatnonzero(ends)
    row, first = np.divmod(begin, frames - 1)
    last = end % (frames - 1) + 1
    long = last - first + 1 >= HOLD
    found[row[long], first[long]] = True
    found[row[long], last[long]] = True
    turns = _turns(values, still)
    kept = _prominent(flat[turns], turns // frames, prominence)
    turns = turns[kept]
    found.ravel()[turns] = True
    # An extreme that is held for a while is one from its begin to its end.
    stop = np.arange(curves * frames)
    stop.reshape(curves, frames)[row, first] = begin // (frames - 1) * frames + last
    found.ravel()[stop[turns]] = True
    return found


def _turns(values: np.ndarray, still: np.ndarray) -> np.ndarray:
    """Flat indices of the ends and of every local extreme (of a held one, the begin), in order."""
    frames = values.shape[1]
    fresh = np.pad(~still, ((0, 0), (1, 0)), constant_values=True)  # differs from the frame before
    at = np.flatnonzero(fresh)
    step = np.diff(values.ravel()[at])
    same = np.diff(at // frames) == 0  # else two curves meet here
    up = np.where(same, np.sign(step), 0.0)
    turning = np.ones(len(at), dtype=bool)
    turning[1:-1] = up[1:] * up[:-1] <= 0.0
    return at[turning]


def _prominent(values: np.ndarray, rows: np.ndarray, prominence: float) -> np.ndarray:
    """Which of a zigzag's turns are left when every swing below a prominence is straightened out.

    The smallest swings go first, two turns at a time, so that what is left are the extremes by
    topological persistence.
    """
    kept = np.arange(len(values))
    values = values.copy()
    while len(kept) > 2:
        here, row = values[kept], rows[kept]
        same = np.diff(row) == 0
        swing = np.where(same, np.abs(np.diff(here)), np.inf)
        around = np.pad(swing, 1, constant_values=np.inf)
        # Smaller than both neighbours (the earlier of two equals), so that none share a turn.
        small = (swing < prominence) & (swing < around[:-2]) & (swing <= around[2:])
        first = np.r_[True, ~same]  # of a curve
        last = np.r_[~same, True]
        at = np.flatnonzero(small & ~(first[:-1] & last[1:]))
        if len(at) == 0:
            break
        gone = np.zeros(len(kept), dtype=bool)
        gone[at] = gone[at + 1] = True
        # The end of a curve stays, in the place of the turn beside it.
        begins, ends = at[first[at]], at[last[at + 1]]
        values[kept[begins]] = here[begins + 1]
        values[kept[ends + 1]] = here[ends]
        kept = kept[~(gone & ~(first | last))]
    chosen = np.zeros(len(values), dtype=bool)
    chosen[kept] = True
    return chosen


def slopes(values: np.ndarray, keyed: np.ndarray) -> np.ndarray:
    """Slope of a curve at each frame, for keys there; (curves, frames) in value a frame.

    Parameters
    ----------
    values : ndarray, shape (curves, frames)
    keyed : ndarray, shape (curves, frames), bool
        Landmarks: the extremes among them are flat.

    Returns
    -------
    ndarray, shape (curves, frames)
        Central differences, no steeper than three times the gentler side, so that a curve between
        two neighbouring frames stays between them; 0 at extremes.
    """
    result = np.zeros_like(values)
    if values.shape[1] < 2:
        return result
    step = np.diff(values, axis=1)
    before, after = step[:, :-1], step[:, 1:]
    result[:, 1:-1] = 0.5 * (before + after)
    limit = 3.0 * np.minimum(np.abs(before), np.abs(after))
    turning = (before * after <= 0.0) & keyed[:, 1:-1]
    np.clip(result[:, 1:-1], -limit, limit, out=result[:, 1:-1], where=keyed[:, 1:-1])
    result[:, 1:-1][turning] = 0.0
    result[:, 0], result[:, -1] = step[:, 0], step[:, -1]
    return result
