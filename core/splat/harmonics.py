"""Real spherical harmonics to degree 3, with the signs and the order of 3DGS files.

The basis includes the Condon-Shortley phase, as KHR_gaussian_splatting (appendix A) writes it down:
coefficient ``l * l + l + m`` belongs to degree `l` and order `m`.
"""

from __future__ import annotations

import numpy as np

__all__ = ["BASIS_SIZES", "basis", "degree_of", "rotated"]

BASIS_SIZES = (1, 4, 9, 16)
"""How many coefficients a colour channel has, by degree."""

_BANDS = (slice(0, 1), slice(1, 4), slice(4, 9), slice(9, 16))


def degree_of(coefficients: int) -> int:
    """The degree of so many coefficients a channel; ValueError if no degree has that many."""
    return BASIS_SIZES.index(coefficients)


def basis(directions: np.ndarray, degree: int) -> np.ndarray:
    """The harmonics' values.

    Parameters
    ----------
    directions : np.ndarray, shape (..., 3)
        Unit vectors.
    degree : int
        0 to 3.

    Returns
    -------
    np.ndarray, shape (..., (degree + 1) ** 2), float64
    """
    x, y, z = np.moveaxis(np.asarray(directions, dtype=np.float64), -1, 0)
    values = [np.full_like(x, np.sqrt(1 / (4 * np.pi)))]
    if degree >= 1:
        c = np.sqrt(3 / (4 * np.pi))
        values += [-c * y, c * z, -c * x]
    if degree >= 2:
        c = np.sqrt(15 / (4 * np.pi))
        values += [
            c * x * y,
            -c * y * z,
            np.sqrt(5 / (16 * np.pi)) * (2 * z * z - x * x - y * y),
            -c * x * z,
            c / 2 * (x * x - y * y),
        ]
    if degree >= 3:
        outer, inner = np.sqrt(35 / (32 * np.pi)), np.sqrt(21 / (32 * np.pi))
        middle = np.sqrt(105 / (4 * np.pi))
        values += [
            -outer * y * (3 * x * x - y * y),
            middle * x * y * z,
            -inner * y * (4 * z * z - x * x - y * y),
            np.sqrt(7 / (16 * np.pi)) * z * (2 * z * z - 3 * x * x - 3 * y * y),
            -inner * x * (4 * z * z - x * x - y * y),
            middle / 2 * z * (x * x - y * y),
            -outer * x * (x * x - 3 * y * y),
        ]
    return np.stack(values, axis=-1)


def rotated(coefficients: np.ndarray, turns: np.ndarray) -> np.ndarray:
    """Coefficients of the same colours seen after a turn of the world.

    A band of harmonics is closed under rotation and reflection, so its coefficients follow from
    its values in a few directions: this holds for any orthogonal matrix and needs no recursion.

    Parameters
    ----------
    coefficients : np.ndarray, shape (n, k, channels)
        k = 1, 4, 9 or 16.
    turns : np.ndarray, shape (3, 3) or (n, 3, 3)
        Orthogonal: the new colour in direction d is the old one in ``turns.T @ d``.

    Returns
    -------
    np.ndarray, shape (n, k, channels), float64
    """
    result = np.array(coefficients, dtype=np.float64)
    degree = degree_of(result.shape[1])
    turns = np.asarray(turns, dtype=np.float64)
    for band in _BANDS[1 : degree + 1]:
        probe = _PROBES
        fit = np.linalg.pinv(basis(probe, degree)[:, band])  # (2l + 1, directions)
        seen = basis(probe @ turns, degree)[..., band]  # rows are turns.T @ d
        result[:, band] = (fit @ seen) @ result[:, band]
    return result


def _spread(count: int) -> np.ndarray:
    """Directions well spread over the sphere: a golden spiral."""
    index = np.arange(count) + 0.5
    z = 1 - 2 * index / count
    angle = np.pi * (1 + np.sqrt(5)) * index
    radius = np.sqrt(1 - z * z)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), z], axis=-1)


_PROBES = _spread(24)
