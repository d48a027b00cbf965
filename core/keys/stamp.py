"""A record of the keys that were written, by which what was changed by hand is found again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .curve import BEZIER, Keys

__all__ = ["EMPTY", "Stamp", "stamp_of"]

FRAME_SLACK = 2e-3
"""Frames that a key or the end of a handle may be off and count as untouched."""
VALUE_SLACK = 1e-4
"""The same for values, as a share of the largest value of the curve. Blender aligns handles anew
whenever a curve changes, which moves them by a rounding error; a hand moves them further."""


@dataclass(frozen=True, eq=False)
class Stamp:
    """Keys of one curve as they were written.

    Attributes
    ----------
    points : ndarray, shape (k, 6), float32
        Frame and value of each key, of its left and of its right handle; frames rise.
    kinds : ndarray, shape (k, 3), uint8
        Interpolation and types of the left and right handle.
    takes : ndarray, shape (k,), uint16
        Number of the take that each key belongs to.
    """

    points: np.ndarray
    kinds: np.ndarray
    takes: np.ndarray

    def __len__(self) -> int:
        return len(self.points)

    @property
    def frames(self) -> np.ndarray:
        """Frame of each key, shape (k,)."""
        return self.points[:, 0]

    def chosen(self, which: np.ndarray) -> Stamp:
        """The entries that a mask or an index array chooses."""
        return Stamp(self.points[which], self.kinds[which], self.takes[which])

    def joined(self, other: Stamp) -> Stamp:
        """The entries of both, in the order of their frames."""
        points = np.concatenate([self.points, other.points])
        order = np.argsort(points[:, 0], kind="stable")
        kinds = np.concatenate([self.kinds, other.kinds])
        return Stamp(points[order], kinds[order], np.concatenate([self.takes, other.takes])[order])

    def match(self, keys: Keys) -> np.ndarray:
        """Which entry each key still is, shape (k,); -1 for a key that is none of them."""
        found = np.full(len(keys), -1, dtype=np.intp)
        if len(self) == 0 or len(keys) == 0:
            return found
        at = np.searchsorted(self.frames, keys.frames - FRAME_SLACK)
        at = np.minimum(at, len(self) - 1)
        now = stamp_of(keys, 0)
        slack = max(VALUE_SLACK * float(np.abs(self.points[:, 1::2]).max()), 1e-9)
        off = np.abs(now.points - self.points[at])
        same = (off[:, ::2] <= FRAME_SLACK) & (off[:, 1::2] <= slack)
        # A handle matters only where the curve is a Bézier beside it.
        curved = now.kinds[:, 0] == BEZIER
        before = np.concatenate([[False], curved[:-1]])
        same[:, 1] |= ~before
        same[:, 2] |= ~curved
        kinds = now.kinds == self.kinds[at]
        kinds[:, 1] |= ~before
        kinds[:, 2] |= ~curved
        fits = same.all(axis=1) & kinds.all(axis=1)
        found[fits] = at[fits]
        return found


EMPTY = Stamp(np.zeros((0, 6), np.float32), np.zeros((0, 3), np.uint8), np.zeros(0, np.uint16))
"""Nothing was written."""


def stamp_of(keys: Keys, take: int) -> Stamp:
    """What is to be remembered of keys of a take, by its number."""
    points = np.concatenate([keys.co, keys.handle_left, keys.handle_right], axis=1)
    kinds = np.stack([keys.interpolation, keys.handle_left_type, keys.handle_right_type], axis=1)
    return Stamp(
        points.astype(np.float32),
        kinds.astype(np.uint8),
        np.full(len(keys), take, dtype=np.uint16),
    )
