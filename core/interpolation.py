"""Evenly sampled curves between their samples, and smoothed."""

from __future__ import annotations

import numpy as np

__all__ = ["REACH", "bell", "interpolate"]

REACH = 2
"""Samples on each side of a position that its value depends on."""


def interpolate(values: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Values between the samples of even curves.

    A cubic Hermite spline with central differences for tangents (Catmull-Rom), limited as in
    Fritsch and Carlson, "Monotone piecewise cubic interpolation" (1980), section 4: where the
    samples rise the curve rises, at a peak it is level, and it never leaves the interval between
    two neighbouring samples. Values depend on `REACH` samples on each side only, so a curve can be
    cut into windows.

    Parameters
    ----------
    values : ndarray, shape (samples, n)
        At least one sample.
    positions : ndarray, shape (m,)
        In samples; those outside take the first or the last sample.

    Returns
    -------
    ndarray, shape (m, n), float32
    """
    values = np.asarray(values, dtype=np.float32)
    last = len(values) - 1
    if len(positions) == 0:
        return np.zeros((0, values.shape[1]), dtype=np.float32)
    # Frame times are sums of rounded numbers: a millionth of a sample is not a position between.
    near = np.round(positions)
    positions = np.where(np.abs(positions - near) < 1e-6, near, positions).clip(0, last)
    left = positions.astype(np.intp)
    right = np.minimum(left + 1, last)
    t = (positions - left).astype(np.float32)[:, None]

    slopes = np.diff(values, axis=0)  # (samples - 1, n)
    tangents = _limited_tangents(slopes, values.shape)
    t2, t3 = t * t, t * t * t
    rise = values[right] - values[left]
    return (
        values[left]
        + (3 * t2 - 2 * t3) * rise
        + (t3 - 2 * t2 + t) * tangents[left]
        + (t3 - t2) * tangents[right]
    )


def _limited_tangents(slopes: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    tangents = np.zeros(shape, dtype=np.float32)
    if len(slopes) == 0:
        return tangents
    before, after = slopes[:-1], slopes[1:]
    central = 0.5 * (before + after)
    limit = 3.0 * np.minimum(np.abs(before), np.abs(after))
    tangents[1:-1] = np.where(before * after > 0.0, np.clip(central, -limit, limit), 0.0)
    return tangents


def bell(curve: np.ndarray, weights: tuple[int, ...]) -> np.ndarray:
    """A curve smoothed over a few samples, its ends as if they went on.

    Parameters
    ----------
    curve : ndarray, shape (samples,)
    weights : tuple of int
        Of an odd number of neighbours; they are made to add up to 1.

    Returns
    -------
    ndarray, shape (samples,), float64
    """
    padded = np.pad(curve, len(weights) // 2, mode="edge")
    return np.convolve(padded, np.divide(weights, sum(weights)), mode="valid")
