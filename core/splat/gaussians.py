"""A plain set of Gaussians, as 3DGS files hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import RigtalkError
from .harmonics import BASIS_SIZES, degree_of, rotated
from .rotations import matrices, multiply, normalised, quaternions

__all__ = ["MOST_LOG", "SH_C0", "Gaussians"]

SH_C0 = 0.28209479177387814
"""The harmonic of degree 0: colour = 0.5 + SH_C0 * coefficient."""
MOST_LOG = 30.0
"""Bound on log-scales and opacity logits: sizes of 1e-13 to 1e13 leave room for any unit."""


@dataclass(frozen=True, eq=False)
class Gaussians:
    """Gaussians with the parameters in which they are optimised and stored.

    Attributes
    ----------
    positions : np.ndarray, shape (n, 3), float32
    log_scales : np.ndarray, shape (n, 3), float32
        Natural logarithms of the standard deviations along the Gaussian's own axes.
    rotations : np.ndarray, shape (n, 4), float32
        Unit quaternions, wxyz: from the Gaussian's axes to the world's.
    opacity_logits : np.ndarray, shape (n,), float32
        Opacity = 1 / (1 + exp(-logit)).
    sh : np.ndarray, shape (n, k, 3), float32
        Colour as spherical harmonics, k = 1, 4, 9 or 16 for degree 0 to 3. Display-referred sRGB.

    Raises
    ------
    RigtalkError
        If shapes disagree, a number is not finite, a quaternion is zero, or a log-scale or a logit
        is beyond `MOST_LOG`.
    """

    positions: np.ndarray
    log_scales: np.ndarray
    rotations: np.ndarray
    opacity_logits: np.ndarray
    sh: np.ndarray

    def __post_init__(self) -> None:
        count = len(np.atleast_1d(self.positions))
        shapes = {
            "positions": (count, 3),
            "log_scales": (count, 3),
            "rotations": (count, 4),
            "opacity_logits": (count,),
        }
        for name in (*shapes, "sh"):
            with np.errstate(over="ignore"):  # what overflows is not finite, and said so below
                array = np.ascontiguousarray(getattr(self, name), dtype=np.float32)
            object.__setattr__(self, name, array)
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                found = getattr(self, name).shape
                raise RigtalkError(f"{count} Gaussians need {name} of shape {shape}, not {found}")
        if self.sh.ndim != 3 or self.sh.shape not in {(count, k, 3) for k in BASIS_SIZES}:
            raise RigtalkError(
                f"{count} Gaussians need harmonics of shape ({count}, 1, 4, 9 or 16, 3), "
                f"not {self.sh.shape}"
            )
        self._check_values()
        lengths = np.linalg.norm(self.rotations.astype(np.float64), axis=1, keepdims=True)
        # Those that are as good as normalised keep their bits, so that files pass through.
        unit = np.abs(lengths - 1) < 1e-6
        rotations = np.where(unit, self.rotations, normalised(self.rotations).astype(np.float32))
        object.__setattr__(self, "rotations", np.ascontiguousarray(rotations))

    def _check_values(self) -> None:
        for name in ("positions", "log_scales", "rotations", "opacity_logits", "sh"):
            array = getattr(self, name)
            bad = ~np.isfinite(array).all(axis=tuple(range(1, array.ndim)))
            if bad.any():
                raise _complaint(name, "numbers that are not finite", bad)
        for name in ("log_scales", "opacity_logits"):
            array = getattr(self, name)
            bad = (np.abs(array) > MOST_LOG).any(axis=tuple(range(1, array.ndim)))
            if bad.any():
                raise _complaint(name, f"values beyond {MOST_LOG:g}", bad)
        bad = np.linalg.norm(self.rotations.astype(np.float64), axis=1) < 1e-12
        if bad.any():
            raise _complaint("rotations", "quaternions of length 0", bad)

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def degree(self) -> int:
        """Degree of the spherical harmonics, 0 to 3."""
        return degree_of(self.sh.shape[1])

    @classmethod
    def empty(cls, degree: int = 0) -> Gaussians:
        """No Gaussians."""
        zero = np.zeros
        return cls(
            zero((0, 3)), zero((0, 3)), zero((0, 4)), zero(0), zero((0, BASIS_SIZES[degree], 3))
        )

    @classmethod
    def join(cls, parts: Sequence[Gaussians]) -> Gaussians:
        """All of them in one set, of the highest degree among them."""
        degree = max((part.degree for part in parts), default=0)
        raised = [cls.empty(degree), *(part.with_degree(degree) for part in parts)]
        return cls(*(np.concatenate([getattr(part, n) for part in raised]) for n in _NAMES))

    def take(self, index: np.ndarray | slice) -> Gaussians:
        """Those that an index, a mask or a slice chooses."""
        return Gaussians(*(getattr(self, name)[index] for name in _NAMES))

    def with_degree(self, degree: int) -> Gaussians:
        """Harmonics cut or filled up with zeros to `degree`."""
        sh = np.zeros((len(self), BASIS_SIZES[degree], 3), dtype=np.float32)
        kept = min(sh.shape[1], self.sh.shape[1])
        sh[:, :kept] = self.sh[:, :kept]
        return Gaussians(self.positions, self.log_scales, self.rotations, self.opacity_logits, sh)

    def opacities(self) -> np.ndarray:
        """Opacities (n,) float64, 0-1."""
        return 1 / (1 + np.exp(-self.opacity_logits.astype(np.float64)))

    def scales(self) -> np.ndarray:
        """Standard deviations (n, 3) float64."""
        return np.exp(self.log_scales.astype(np.float64))

    def covariances(self) -> np.ndarray:
        """Covariances (n, 3, 3) float64: R S Sᵀ Rᵀ (3D Gaussian Splatting, eq. 6)."""
        half = matrices(self.rotations) * self.scales()[:, None, :]
        return half @ np.swapaxes(half, 1, 2)

    def transformed(
        self,
        rotation: np.ndarray,
        scale: float = 1.0,
        translation: Sequence[float] | np.ndarray = (0, 0, 0),
    ) -> Gaussians:
        """The set after ``scale * rotation @ p + translation``, colours turned with it.

        Parameters
        ----------
        rotation : np.ndarray, shape (3, 3)
            Orthogonal; a reflection is allowed, which turns right-handed axes into left-handed.
        scale : float
            Above 0.
        translation : 3 floats

        Raises
        ------
        RigtalkError
            If the matrix is not orthogonal or the scale not above 0.
        """
        matrix = np.asarray(rotation, dtype=np.float64)
        if matrix.shape != (3, 3) or not np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-4):
            raise RigtalkError("a similarity needs an orthogonal matrix of 3 x 3")
        if not (np.isfinite(scale) and scale > 0):
            raise RigtalkError(f"a similarity needs a scale above 0, not {scale}")
        # A Gaussian is its own mirror image through its centre, so -R R' does as well as R R'.
        proper = matrix * np.sign(np.linalg.det(matrix))
        return Gaussians(
            scale * (self.positions @ matrix.T) + np.asarray(translation, dtype=np.float64),
            self.log_scales + np.log(scale),
            multiply(quaternions(proper), self.rotations),
            self.opacity_logits,
            rotated(self.sh, matrix),
        )


_NAMES = ("positions", "log_scales", "rotations", "opacity_logits", "sh")


def _complaint(name: str, what: str, bad: np.ndarray) -> RigtalkError:
    first = int(np.argmax(bad))
    return RigtalkError(
        f"{int(bad.sum())} of {len(bad)} Gaussians have {what} in {name} (the first is {first}); "
        "remove them with a splat editor, or export again"
    )
