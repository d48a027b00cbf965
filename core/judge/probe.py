"""Millimetres between lips, corners and teeth of a head that ARKit weights move."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rigtalk.rigs import control_set

__all__ = ["MouthTrack", "Probe"]

_AT_ONCE = 4096
"""Frames; bounds the memory for distances to teeth and for points."""


@dataclass(frozen=True)
class MouthTrack:
    """What a mouth does, in millimetres.

    Attributes
    ----------
    gap : ndarray, shape (frames,)
        Between the middles of the inner lips, from upper to lower; negative where they overlap.
    opening : ndarray, shape (frames,)
        By how much the widest of the middle and the two side gaps exceeds its gap at rest.
    width : ndarray, shape (frames,)
        Between the corners of the mouth.
    bite : ndarray, shape (frames,)
        From the lower lip to the edge of the upper teeth.
    protrusion : ndarray, shape (frames,)
        How far the front of the lips is ahead of where it rests.
    """

    gap: np.ndarray
    opening: np.ndarray
    width: np.ndarray
    bite: np.ndarray
    protrusion: np.ndarray


@dataclass(frozen=True)
class Probe:
    """A few points of a head and how each ARKit control moves them; shapes add up.

    All points are in millimetres, with axes across, up and towards the viewer. Arrays of points are
    of shape (points, 1 + controls, 3): row 0 at rest, the others what a control adds at 1.

    Attributes
    ----------
    name : str
    upper, lower : ndarray, 3 points
        Inner lips, middle first.
    corners : ndarray, 2 points
    front : ndarray, 2 points
        The foremost points of upper and lower lip.
    lip : ndarray
        The lower lip around its middle.
    teeth : ndarray, shape (tooth points, 3)
        The edge of the upper front teeth, which nothing moves.
    mouth : ndarray
        Skin of both lips and around them.
    brow_face : ndarray
        Skin from the eyes to the forehead.
    brows : ndarray
        Skin under the eyebrows.
    """

    name: str
    upper: np.ndarray
    lower: np.ndarray
    corners: np.ndarray
    front: np.ndarray
    lip: np.ndarray
    teeth: np.ndarray
    mouth: np.ndarray
    brow_face: np.ndarray
    brows: np.ndarray

    @property
    def rest_gap(self) -> float:
        """Gap between the lips at rest."""
        return float((self.upper - self.lower)[0, 0, 1])

    @property
    def rest_width(self) -> float:
        """Width of the mouth at rest."""
        return float(np.linalg.norm((self.corners[1] - self.corners[0])[0]))

    @cached_property
    def reach(self) -> float:
        """How near the lower lip can come to the upper teeth, mm, in any pose for f and v."""
        columns = control_set("arkit").indices(
            "mouthRollLower", "jawOpen", "mouthUpperUpLeft", "mouthUpperUpRight"
        )
        grid = np.stack(np.meshgrid((0, 0.3, 0.6, 1), (0, 0.05, 0.1, 0.2), (0, 0.5)), -1)
        poses = np.zeros((grid.size // 3, self.upper.shape[1] - 1), np.float32)
        poses[:, columns] = grid.reshape(-1, 3)[:, [0, 1, 2, 2]]
        return float(self.track(poses).bite.min())

    def track(self, values: np.ndarray) -> MouthTrack:
        """Follow the mouth through a performance.

        Parameters
        ----------
        values : ndarray, shape (frames, 61)
            ARKit controls.
        """
        weights = _weights(values)
        gaps = weights @ (self.upper - self.lower)[:, :, 1].T  # (frames, 3)
        across = weights @ (self.corners[1] - self.corners[0])  # (frames, 3)
        ahead = weights[:, 1:] @ self.front[:, 1:, 2].T  # (frames, 2)
        rest = (self.upper - self.lower)[:, 0, 1]
        return MouthTrack(
            gap=gaps[:, 0],
            opening=(gaps - rest).max(axis=1),
            width=np.linalg.norm(across, axis=1),
            bite=self._bite(weights),
            protrusion=ahead.mean(axis=1),
        )

    def brow_height(self, values: np.ndarray) -> np.ndarray:
        """How far the eyebrows are above where they rest, mm, shape (frames,)."""
        return _weights(values)[:, 1:] @ self.brows[:, 1:, 1].mean(axis=0)

    def apart(self, points: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Distance of each point between two performances, mm, shape (frames, points).

        Parameters
        ----------
        points : ndarray, shape (points, 1 + controls, 3)
            `mouth` or `brow_face`.
        a, b : ndarray, shape (frames, 61)
            ARKit controls; a row of zeros is the face at rest.
        """
        rows = np.asarray(a - b, dtype=np.float32)
        apart = np.empty((len(rows), len(points)), dtype=np.float32)
        moves = points[:, 1:].transpose(1, 0, 2).reshape(rows.shape[1], -1)
        for start in range(0, len(rows), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            moved = (rows[part] @ moves).reshape(-1, len(points), 3)
            apart[part] = np.linalg.norm(moved, axis=2)
        return apart

    def _bite(self, weights: np.ndarray) -> np.ndarray:
        nearest = np.full(len(weights), np.inf, dtype=np.float32)
        for start in range(0, len(weights), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            for point in self.lip:
                apart = (weights[part] @ point)[:, None, :] - self.teeth[None]
                distance = np.sqrt((apart**2).sum(axis=2)).min(axis=1)
                nearest[part] = np.minimum(nearest[part], distance)
        return nearest


def _weights(values: np.ndarray) -> np.ndarray:
    """Weights with a column of ones for the face at rest, shape (frames, 1 + controls)."""
    ones = np.ones((len(values), 1), np.float32)
    return np.concatenate([ones, np.asarray(values, np.float32)], axis=1)
