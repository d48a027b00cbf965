"""A face that does what its shapes alone cannot, for measuring and for showing.

A blend shape moves each vertex along a straight line. A jaw is hinged: it swings. And a voice that
is held back behind the lips puffs the cheeks, which no control of a rig tells and the sound does.
Both are made here from the shapes of any head that has a ``jawOpen``, so that what the attention
learns can be held against a known truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rigtalk.core.features import FEATURE_RATE
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.rotations import matrices, rotation_vectors
from rigtalk.rigs.errors import RigtalkError

__all__ = ["HingedMotion", "breath"]

JAW = "jawOpen"
PUFF = 0.6
"""Of the shape ``cheekPuff``, at the loudest."""
LOW_BANDS = 16
"""Mel bands up to some 600 Hz, where a voice is whether the lips are shut or open."""
LAG = 0.04
"""Seconds by which cheeks follow the voice, and over which they are slow."""


def breath(features: np.ndarray, times: np.ndarray) -> np.ndarray:
    """How far the voice fills the cheeks.

    Parameters
    ----------
    features : np.ndarray, shape (frames, 64)
        Of `rigtalk.core.splat.attention.audio_features`.
    times : np.ndarray, shape (n,)
        Seconds.

    Returns
    -------
    np.ndarray, shape (n,), float64
        0-1: level of the low bands beyond half of full, smoothed over and delayed by `LAG`.
    """
    voice = np.clip(2 * features[:, :LOW_BANDS].mean(axis=1) - 1, 0, 1).astype(np.float64)
    width = round(2 * LAG * FEATURE_RATE) | 1
    window = np.hanning(width + 2)[1:-1]
    smooth = np.convolve(np.pad(voice, width // 2, mode="edge"), window / window.sum(), "valid")
    return np.interp(np.asarray(times) - LAG, np.arange(len(smooth)) / FEATURE_RATE, smooth)


@dataclass(frozen=True, eq=False)
class HingedMotion:
    """The motion of one head; make it with `of`.

    Attributes
    ----------
    head : SplatHead
    jaw : int
        Index of the shape that opens the jaw.
    swing : np.ndarray, shape (V, 3)
        Rotation vector of each vertex about the hinge with the jaw open, radians.
    hinge : np.ndarray, shape (3,)
        A point of the axis.
    puff : np.ndarray, shape (V, 3)
        What a full breath adds, in the mesh's unit; nought where the head has no ``cheekPuff``.
    """

    head: SplatHead
    jaw: int
    swing: np.ndarray
    hinge: np.ndarray
    puff: np.ndarray

    @classmethod
    def of(cls, head: SplatHead) -> HingedMotion:
        """Find the hinge in the shape that opens the jaw.

        Raises
        ------
        RigtalkError
            If the head has no such shape, or it moves nothing.
        """
        if JAW not in head.shape_names:
            raise RigtalkError(
                f"the head has no shape {JAW!r} whose hinge could be found; give takes with motion"
            )
        jaw = head.shape_names.index(JAW)
        deltas = np.asarray(head.shape_deltas)
        rest, opened = head.mesh.vertices.astype(np.float64), deltas[jaw].astype(np.float64)
        reach = np.linalg.norm(opened, axis=1)
        if not reach.max() > 0:
            raise RigtalkError(f"the shape {JAW!r} moves nothing; give takes with motion")
        axis, hinge = _hinge(rest[reach > 0.7 * reach.max()], opened[reach > 0.7 * reach.max()])
        arm = rest - hinge
        arm -= (arm @ axis)[:, None] * axis
        radius = np.maximum(np.linalg.norm(arm, axis=1), 0.05 * np.linalg.norm(arm, axis=1).max())
        # The chord of the swing is as long as the part of the shape that goes about the axis.
        about = np.cross(axis, arm) / radius[:, None]
        chord = np.einsum("vi,vi->v", about, opened)
        angle = 2 * np.arcsin(np.clip(chord / (2 * radius), -0.5, 0.5))
        puffs = [i for i, name in enumerate(head.shape_names) if name.startswith("cheekPuff")]
        puff = PUFF * deltas[puffs].astype(np.float64).sum(axis=0)
        return cls(head, jaw, angle[:, None] * axis, hinge, puff)

    def vertices(self, weights: np.ndarray, breath: float) -> np.ndarray:
        """The mesh.

        Parameters
        ----------
        weights : np.ndarray, shape (shapes,)
        breath : float
            See `breath`.

        Returns
        -------
        np.ndarray, shape (V, 3), float32
            With the jaw shut or wide open (0 or 1), and no breath, as the shapes alone have it.
        """
        opening = float(weights[self.jaw])
        bow = self._swung(opening) - opening * self._wide
        return (self.head.vertices(weights) + bow + breath * self.puff).astype(np.float32)

    @cached_property
    def _wide(self) -> np.ndarray:
        return self._swung(1.0)

    def _swung(self, share: float) -> np.ndarray:
        arm = self.head.mesh.vertices - self.hinge
        turns = matrices(rotation_vectors(share * self.swing))
        return np.einsum("vij,vj->vi", turns, arm) - arm


def _hinge(points: np.ndarray, moves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Axis (unit) and a point of it, about which points move in chords: least squares.

    The middle of a chord moves as ``angle × axis × (middle - hinge)``, at right angles to the
    axis: the axis is what the moves have least of, the hinge what makes them a turn.
    """
    middle = points + moves / 2
    # move = s × middle + t is linear in s and t: the velocity of a rigid body.
    cross = np.zeros((len(points), 3, 6))
    x, y, z = middle.T
    cross[:, 0, 1], cross[:, 0, 2] = z, -y
    cross[:, 1, 0], cross[:, 1, 2] = -z, x
    cross[:, 2, 0], cross[:, 2, 1] = y, -x
    cross[:, :, 3:] = np.eye(3)
    found = np.linalg.lstsq(cross.reshape(-1, 6), moves.ravel(), rcond=None)[0]
    spin, drift = found[:3], found[3:]
    size = np.linalg.norm(spin)
    if not size > 1e-9:
        raise RigtalkError(f"the shape {JAW!r} slides and does not turn; give takes with motion")
    axis = spin / size
    return axis, np.cross(spin, drift) / size**2
