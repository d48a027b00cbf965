"""Gaussians as they stand in one frame: what a renderer takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import RigtalkError
from .gaussians import MOST_LOG, Gaussians
from .harmonics import BASIS_SIZES, degree_of, rotated
from .rotations import matrices, quaternions

__all__ = ["Posed", "packed", "unpacked"]

_UPPER = np.triu_indices(3)
_SHAPES = {"positions": (3,), "covariances": (6,), "opacities": (), "turns": (4,), "normals": (3,)}


@dataclass(frozen=True, eq=False)
class Posed:
    """Gaussians with covariances, for a mesh that stretches bends their axes out of square.

    Attributes
    ----------
    positions : np.ndarray, shape (n, 3), float32
    covariances : np.ndarray, shape (n, 6), float32
        xx, xy, xz, yy, yz, zz.
    opacities : np.ndarray, shape (n,), float32
        0-1.
    sh : np.ndarray, shape (n, k, 3), float32
        Spherical harmonics in axes of their own.
    turns : np.ndarray, shape (n, 4), float32
        Unit quaternions, wxyz, from those axes to the world's.
    normals : np.ndarray, shape (n, 3), float32
        Unit vectors; their sign means nothing.
    """

    positions: np.ndarray
    covariances: np.ndarray
    opacities: np.ndarray
    sh: np.ndarray
    turns: np.ndarray
    normals: np.ndarray

    def __post_init__(self) -> None:
        count = len(self.positions)
        for name in (*_SHAPES, "sh"):
            with np.errstate(over="ignore"):
                array = np.ascontiguousarray(getattr(self, name), dtype=np.float32)
            object.__setattr__(self, name, array)
        for name, shape in _SHAPES.items():
            if getattr(self, name).shape != (count, *shape):
                raise RigtalkError(f"{count} posed Gaussians need {name} of shape {shape} each")
        if self.sh.shape not in {(count, k, 3) for k in BASIS_SIZES}:
            raise RigtalkError(f"{count} posed Gaussians cannot have harmonics {self.sh.shape}")

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def degree(self) -> int:
        """Degree of the spherical harmonics, 0 to 3."""
        return degree_of(self.sh.shape[1])

    @classmethod
    def of(cls, gaussians: Gaussians) -> Posed:
        """Gaussians where they are; the shortest axis is the normal."""
        axes = matrices(gaussians.rotations)
        shortest = np.argmin(gaussians.log_scales, axis=1)
        turns = np.zeros((len(gaussians), 4))
        turns[:, 0] = 1
        return cls(
            gaussians.positions,
            packed(gaussians.covariances()),
            gaussians.opacities(),
            gaussians.sh,
            turns,
            np.take_along_axis(axes, shortest[:, None, None], axis=2)[..., 0],
        )

    def gaussians(self) -> Gaussians:
        """The same as scales, rotations and harmonics in the world's axes, for a file."""
        spread, axes = np.linalg.eigh(unpacked(self.covariances))
        axes = axes * np.sign(np.linalg.det(axes))[:, None, None]
        floor = np.exp(-2 * MOST_LOG)  # of a covariance that rounding made flat
        opacities = np.clip(self.opacities.astype(np.float64), 1e-12, 1 - 1e-12)
        return Gaussians(
            self.positions,
            np.log(np.maximum(spread, floor)) / 2,
            quaternions(axes),
            np.log(opacities / (1 - opacities)),
            rotated(self.sh, matrices(self.turns)),
        )


def packed(covariances: np.ndarray) -> np.ndarray:
    """Symmetric matrices (n, 3, 3) as (n, 6): xx, xy, xz, yy, yz, zz."""
    return covariances[:, _UPPER[0], _UPPER[1]]


def unpacked(covariances: np.ndarray) -> np.ndarray:
    """Packed covariances (n, 6) as matrices (n, 3, 3) float64."""
    xx, xy, xz, yy, yz, zz = np.asarray(covariances, dtype=np.float64).T
    return np.stack([xx, xy, xz, xy, yy, yz, xz, yz, zz], axis=-1).reshape(-1, 3, 3)
