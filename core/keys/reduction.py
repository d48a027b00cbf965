"""The fewest Bézier keys that keep curves within a tolerance.

Keys stand on whole frames and on the curve itself. What must be kept exactly has a key anyway (see
`landmarks`); between two such keys as few as possible are added: from key to key, the segment goes
as far as it can. Every frame has its one slope, so that a segment fits or does not whatever its
neighbours are, and all segments of all curves are tried at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import RigtalkError
from .curve import Keys, bezier_keys
from .landmarks import landmarks, slopes
from .shapes import LONGEST, REACHES, weights

__all__ = ["reduce_keys"]

PROMINENCE = 2.0
"""Tolerances that a curve must go away from an extreme for it to be kept exactly: a smaller swing
fits within the tolerance on either side of a straight line."""
LEAST = 1e-6
"""Smallest tolerance, as a share of the largest value of a curve: float32 holds no more."""
MARGIN = 0.998
"""Share of the tolerance that is used; the rest is for rounding on the way to Blender and back."""
SAMPLES = 3
"""Frames inside a segment at which its shape is chosen, before all of them are looked at."""
TRIED = 2
"""Shapes that are looked at in full."""


def reduce_keys(
    values: np.ndarray,
    tolerance: np.ndarray,
    *,
    pinned: np.ndarray | None = None,
    first: float = 0.0,
) -> list[Keys]:
    """Few Bézier keys for curves sampled at every frame.

    Parameters
    ----------
    values : ndarray, shape (frames, curves), float32
        At least one frame.
    tolerance : ndarray, shape (curves,)
        How far each curve may be off at any frame.
    pinned : ndarray, shape (frames, curves), bool, optional
        Frames that get a key, and so are exact, in any case.
    first : float
        Frame of the first row; the others follow one frame apart.

    Returns
    -------
    list of Keys
        One for each curve, at the first and the last frame at least. Extremes from which a curve
        goes further than twice the tolerance, and what holds still for three frames or more, are
        exact, and flat there.

    Raises
    ------
    RigtalkError
        If shapes do not fit or a value is not finite.
    """
    values = np.asarray(values, dtype=np.float32)
    tolerance = np.asarray(tolerance, dtype=np.float64)
    if values.ndim != 2 or len(values) == 0 or tolerance.shape != values.shape[1:]:
        raise RigtalkError(
            f"keys need (frames, curves) and a tolerance for each curve, not {values.shape} and "
            f"{tolerance.shape}"
        )
    if not np.isfinite(values).all() or not (tolerance >= 0.0).all():
        raise RigtalkError("curves and tolerances for keys must be finite, tolerances at least 0")
    if pinned is not None and pinned.shape != values.shape:
        raise RigtalkError(f"pinned frames are {pinned.shape}, the curves are {values.shape}")
    unit = np.maximum(tolerance * MARGIN, LEAST * np.abs(values).max(axis=0))
    unit = np.where(unit > 0.0, unit, 1.0).astype(np.float32)
    scaled = np.ascontiguousarray((values / unit).T)  # (curves, frames), in tolerances
    keyed = landmarks(scaled, PROMINENCE)
    if pinned is not None:
        keyed |= pinned.T
    slope = slopes(scaled, keyed)
    slope[np.ptp(scaled, axis=1) <= 1.0] = 0.0  # as good as constant
    shapes = _Fit(scaled, slope, keyed).run()
    return _keys(values, unit, keyed, slope, shapes, first)


def _keys(
    values: np.ndarray,
    unit: np.ndarray,
    keyed: np.ndarray,
    slope: np.ndarray,
    shapes: np.ndarray,
    first: float,
) -> list[Keys]:
    found = []
    for column in range(values.shape[1]):
        at = np.flatnonzero(keyed[column])
        tilt = slope[column, at] * unit[column]
        left, right = tilt.copy(), tilt.copy()
        left[0] = right[-1] = 0.0  # what holds before and after is flat
        reach = REACHES[shapes[column, at[:-1]]]
        found.append(bezier_keys(first + at, values[at, column], left, right, reach=reach))
    return found


@dataclass(frozen=True, eq=False)
class _Fit:
    """Segments being fitted to curves in units of their tolerances; (curves, frames) each."""

    values: np.ndarray
    slope: np.ndarray
    keyed: np.ndarray

    def run(self) -> np.ndarray:
        """Add keys to `keyed`; returns the shape of the segment after each key."""
        frames = self.values.shape[1]
        shapes = np.zeros(self.values.shape, dtype=np.int16)
        place = np.flatnonzero(self.keyed)
        last = place[1:]
        begin, end = place[:-1], last
        inside = begin // frames == end // frames
        begin, end = begin[inside], end[inside]
        while len(begin):
            length, shape = self._furthest(begin, end)
            shapes.ravel()[begin] = shape
            begin = begin + length
            self.keyed.ravel()[begin] = True
            going = begin < end
            begin, end = begin[going], end[going]
        return shapes

    def _furthest(self, begin: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far a segment from each place can go, at most to the end; and its shape."""
        even = self._even(begin, end)
        most = np.where(even, end - begin, np.minimum(end - begin, LONGEST))
        good, shape = np.ones(len(begin), dtype=np.intp), np.zeros(len(begin), dtype=np.int16)
        good[even] = most[even]
        bad = most + 1
        probe = most.copy()  # the whole way first: most go through
        while True:
            open_ = np.flatnonzero(bad - good > 1)
            if len(open_) == 0:
                return good, shape
            fitted = self._shape(begin[open_], probe[open_])
            fits = fitted >= 0
            better, worse = open_[fits], open_[~fits]
            good[better], shape[better] = probe[better], fitted[fits]
            bad[worse] = probe[worse]
            # From below in doubled steps, then halving.
            probe = np.where(2 * good < bad, np.minimum(2 * good + 2, (good + bad) // 2), 0)
            probe = np.maximum(np.where(probe > good, probe, (good + bad) // 2), good + 1)

    def _even(self, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Between which places flat keys are as good as the curve, however far apart they are."""
        ends = np.stack([begin, end], axis=1).ravel()
        values, slope = self.values.ravel(), self.slope.ravel()
        flat = (slope[begin] == 0.0) & (slope[end] == 0.0)
        # Every second stretch is one of those asked for, all but its last frame.
        last = ends[-1] + 1 == len(values)
        inner = ends[:-1] if last else ends
        low = np.minimum.reduceat(values, inner)[::2]
        high = np.maximum.reduceat(values, inner)[::2]
        low, high = np.minimum(low, values[end]), np.maximum(high, values[end])
        return flat & (high - low <= 1.0)

    def _shape(self, begin: np.ndarray, length: np.ndarray) -> np.ndarray:
        """The first shape that fits each segment, -1 where none does."""
        found = np.zeros(len(begin), dtype=np.int16)
        order = np.argsort(length, kind="stable")
        cuts = np.flatnonzero(np.diff(length[order])) + 1
        for group in np.split(order, cuts):
            if length[group[0]] > 1:
                found[group] = self._group(begin[group], int(length[group[0]]))
        return found

    def _group(self, begin: np.ndarray, length: int) -> np.ndarray:
        values, slope = self.values.ravel(), self.slope.ravel()
        table = weights(length)  # (shapes, 4, places)
        data = values[begin[:, None] + np.arange(length + 1)]
        ends = np.stack([data[:, 0], slope[begin], slope[begin + length], data[:, -1]], axis=1)
        inner = data[:, 1:-1]
        result = np.where(np.abs(ends @ table[0] - inner).max(axis=1) <= 1.0, 0, -1)
        left = np.flatnonzero(result < 0)
        if len(left) == 0:
            return result
        ends, inner = ends[left], inner[left]
        places = np.unique(np.linspace(0, length - 2, SAMPLES + 2).round().astype(int)[1:-1])
        some = table[:, :, places]  # (shapes, 4, samples)
        guess = ends @ some.swapaxes(0, 1).reshape(4, -1)
        off = np.abs(guess.reshape(len(left), len(some), -1) - inner[:, None, places]).max(axis=2)
        for _ in range(TRIED):
            best = off.argmin(axis=1)
            near = np.flatnonzero(off[np.arange(len(left)), best] <= 1.0)
            if len(near) == 0:
                break
            curve = np.einsum("sk,skp->sp", ends[near], table[best[near]])
            fits = np.abs(curve - inner[near]).max(axis=1) <= 1.0
            result[left[near[fits]]] = best[near[fits]]
            off[near, best[near]] = np.inf
            off[near[fits]] = np.inf
        return result
