"""What moves together in a face: curves of regions and their correlation matrix.

CSTalk (arXiv 2404.18604) claims that emotion is in how the regions of a face move together. The
judge compares that with the ground truth that actors are trained on.
"""

from __future__ import annotations

import numpy as np

from rigtalk.rigs import control_set

__all__ = ["REGIONS", "matrix_distance", "region_curves", "region_matrix"]

REGIONS: dict[str, tuple[str, ...]] = {
    "inner brow up": ("browInnerUp",),
    "outer brow up": ("browOuterUp",),
    "brow down": ("browDown",),
    "lids wide": ("eyeWide",),
    "lids squint": ("eyeSquint", "cheekSquint"),
    "nose": ("noseSneer",),
    "smile": ("mouthSmile", "mouthDimple"),
    "frown": ("mouthFrown",),
    "stretch": ("mouthStretch",),
    "upper lip": ("mouthUpperUp", "mouthShrugUpper"),
    "lower lip": ("mouthLowerDown", "mouthShrugLower"),
    "press": ("mouthPress", "mouthRoll"),
    "rounding": ("mouthPucker", "mouthFunnel"),
    "jaw": ("jawOpen",),
}
"""Regions and the beginnings of the ARKit controls whose mean moves them."""
STILL = 1e-3
"""Standard deviation of a weight that nobody sees."""


def region_curves(values: np.ndarray) -> np.ndarray:
    """Mean weight of each region, shape (frames, regions).

    Parameters
    ----------
    values : ndarray, shape (frames, 61)
        ARKit controls.
    """
    names = control_set("arkit").names
    columns = [
        [i for i, name in enumerate(names) if name.startswith(begins)]
        for begins in REGIONS.values()
    ]
    return np.stack([values[:, chosen].mean(axis=1) for chosen in columns], axis=1)


def region_matrix(curves: np.ndarray) -> np.ndarray:
    """Correlation between regions, shape (regions, regions); 0 for a region that keeps still."""
    moves = curves.std(axis=0) > STILL if len(curves) > 1 else np.zeros(len(REGIONS), bool)
    matrix = np.zeros((len(REGIONS), len(REGIONS)))
    if moves.any():
        matrix[np.ix_(moves, moves)] = np.corrcoef(curves[:, moves].T.astype(np.float64))
    np.fill_diagonal(matrix, 1.0)
    return matrix


def matrix_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Root mean square difference of two correlation matrices off their diagonals, 0-2."""
    above = np.triu_indices(len(a), 1)
    return float(np.sqrt(np.mean((a[above] - b[above]) ** 2)))
