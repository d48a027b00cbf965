"""Rotations as unit quaternions (w, x, y, z) and as matrices, many at a time."""

from __future__ import annotations

import numpy as np

__all__ = ["matrices", "multiply", "normalised", "quaternions", "rotation_vectors"]


def normalised(quaternions: np.ndarray) -> np.ndarray:
    """Quaternions (..., 4) at length 1; those too short to have a direction become the identity."""
    q = np.asarray(quaternions, dtype=np.float64)
    length = np.linalg.norm(q, axis=-1, keepdims=True)
    usable = length > 1e-12
    return np.where(usable, q / np.where(usable, length, 1.0), np.array([1.0, 0.0, 0.0, 0.0]))


def matrices(quaternions: np.ndarray) -> np.ndarray:
    """Rotation matrices (..., 3, 3) float64 of unit quaternions (..., 4), wxyz."""
    w, x, y, z = np.moveaxis(np.asarray(quaternions, dtype=np.float64), -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def quaternions(rotations: np.ndarray) -> np.ndarray:
    """Unit quaternions (..., 4), w >= 0, of proper rotation matrices (..., 3, 3).

    Each of the four components can be had from the diagonal; the others follow by a division, so
    the largest one is taken (Shepperd's method).
    """
    m = np.asarray(rotations, dtype=np.float64)
    d = np.diagonal(m, axis1=-2, axis2=-1)
    trace = d.sum(axis=-1)
    squares = np.stack([1 + trace, *(1 - trace + 2 * d[..., i] for i in range(3))], axis=-1)
    a, b, c = m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]
    e, f, g = m[..., 0, 1] + m[..., 1, 0], m[..., 0, 2] + m[..., 2, 0], m[..., 1, 2] + m[..., 2, 1]
    w2, x2, y2, z2 = np.moveaxis(squares, -1, 0)
    candidates = np.stack(
        [
            np.stack([w2, a, b, c], axis=-1),
            np.stack([a, x2, e, f], axis=-1),
            np.stack([b, e, y2, g], axis=-1),
            np.stack([c, f, g, z2], axis=-1),
        ],
        axis=-2,
    )
    best = np.argmax(squares, axis=-1)[..., None, None]
    q = normalised(np.take_along_axis(candidates, best, axis=-2)[..., 0, :])
    return np.where(q[..., :1] < 0, -q, q)


def multiply(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The rotation `second`, then `first`: Hamilton's product of quaternions (..., 4)."""
    a, b, c, d = np.moveaxis(np.asarray(first, dtype=np.float64), -1, 0)
    e, f, g, h = np.moveaxis(np.asarray(second, dtype=np.float64), -1, 0)
    return np.stack(
        [
            a * e - b * f - c * g - d * h,
            a * f + b * e + c * h - d * g,
            a * g - b * h + c * e + d * f,
            a * h + b * g - c * f + d * e,
        ],
        axis=-1,
    )


def rotation_vectors(vectors: np.ndarray) -> np.ndarray:
    """Unit quaternions (..., 4) of rotation vectors (..., 3): axis times angle in radians."""
    v = np.asarray(vectors, dtype=np.float64)
    half = np.linalg.norm(v, axis=-1, keepdims=True) / 2
    # sinc(x) = sin(pi x) / (pi x) is smooth where the angle is nought.
    return np.concatenate([np.cos(half), v * np.sinc(half / np.pi) / 2], axis=-1)
