"""Recolour Gaussians after a picture, while they keep moving.

The linear Monge-Kantorovitch map (Pitié and Kokaram, 2007) takes the mean and the covariance of one
set of colours to those of another with the least change. It is affine, so it passes through the
harmonics: the shading that depends on the side, and correctives, change with the colours.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import RigtalkError
from .gaussians import SH_C0, Gaussians
from .head import SplatHead

__all__ = ["recoloured"]

_LEAST = 1e-5
"""Added to variances, so that a picture of one colour has a map, too."""


def recoloured(head: SplatHead, picture: np.ndarray, *, strength: float = 1.0) -> SplatHead:
    """The head in the colours of a picture.

    Parameters
    ----------
    head : SplatHead
    picture : np.ndarray, shape (h, w, 3) or (h, w, 4)
        sRGB, 0-1; pixels with an alpha below one half do not count.
    strength : float
        0 (unchanged) to 1.

    Raises
    ------
    RigtalkError
        If the picture has no colours, or the strength is out of range.
    """
    if not 0 <= strength <= 1:
        raise RigtalkError(f"the strength of a style is 0 to 1, not {strength}")
    wanted, pixels = _colours_of(picture)
    matrix, shift = _map(*_statistics(*_weighted(head.gaussians)), *_statistics(wanted, pixels))
    matrix = (1 - strength) * np.eye(3) + strength * matrix
    shift = strength * shift
    correctives = head.correctives
    if correctives and "sh" in correctives.rows:
        sh = correctives.rows["sh"].astype(np.float64) @ matrix.T
        correctives = replace(correctives, rows={**correctives.rows, "sh": sh})
    return replace(head, gaussians=_mapped(head.gaussians, matrix, shift), correctives=correctives)


def _mapped(gaussians: Gaussians, matrix: np.ndarray, shift: np.ndarray) -> Gaussians:
    """Colours c become ``matrix @ c + shift``; a colour is 0.5 plus its harmonics."""
    sh = gaussians.sh.astype(np.float64) @ matrix.T
    sh[:, 0] += (matrix @ np.full(3, 0.5) + shift - 0.5) / SH_C0
    return replace(gaussians, sh=sh)


def _colours_of(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Colours (n, 3) of a picture and how much each counts."""
    image = np.asarray(picture, np.float64)
    if image.ndim != 3 or image.shape[2] not in (3, 4) or not np.isfinite(image).all():
        raise RigtalkError("a picture for a style needs three or four finite numbers a pixel")
    seen = image[image[..., 3] >= 0.5] if image.shape[2] == 4 else image.reshape(-1, image.shape[2])
    if not len(seen):
        raise RigtalkError("the picture for a style is empty, or all of it is transparent")
    return np.clip(seen[:, :3], 0, 1), np.ones(len(seen))


def _weighted(gaussians: Gaussians) -> tuple[np.ndarray, np.ndarray]:
    """Colours (n, 3) of Gaussians, and weights: opacity times the area of the two longer axes."""
    colours = np.clip(0.5 + SH_C0 * gaussians.sh[:, 0].astype(np.float64), 0, 1)
    longer = np.sort(gaussians.scales(), axis=1)[:, 1:]
    weights = gaussians.opacities() * longer.prod(axis=1)
    if not weights.sum() > 0:
        raise RigtalkError("there are no Gaussians to recolour")
    return colours, weights


def _statistics(colours: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    share = weights / weights.sum()
    mean = share @ colours
    away = colours - mean
    return mean, (away * share[:, None]).T @ away + _LEAST * np.eye(3)


def _map(
    mean: np.ndarray, covariance: np.ndarray, mean_to: np.ndarray, covariance_to: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Matrix and shift of the map (Pitié and Kokaram, 2007, eq. 11)."""
    root = _root(covariance)
    inverse = np.linalg.inv(root)
    matrix = inverse @ _root(root @ covariance_to @ root) @ inverse
    return matrix, mean_to - matrix @ mean


def _root(symmetric: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(symmetric)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
