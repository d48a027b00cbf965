"""What a Gaussian starts from: where it is on the mesh, and how the shapes move that place."""

from __future__ import annotations

import numpy as np

from rigtalk.core.splat.head import SplatHead

__all__ = ["MOST_MOVES", "place_features"]

MOST_MOVES = 12
"""Main directions in which shapes move places: lips, lids, jaw and brows come apart in these."""


def place_features(head: SplatHead, index: np.ndarray) -> np.ndarray:
    """Features of some Gaussians.

    Parameters
    ----------
    head : SplatHead
    index : np.ndarray, shape (m,)

    Returns
    -------
    np.ndarray, shape (m, 3 + k), float32
        Positions, and up to `MOST_MOVES` principal components of how all shapes move the feet of
        the Gaussians; columns have a mean square of about 1.
    """
    positions = head.gaussians.positions[index].astype(np.float64)
    positions -= positions.mean(axis=0)
    columns = [positions / max(float(positions.std()), 1e-12)]
    corners = head.mesh.triangles[head.triangle[index]]
    deltas = np.asarray(head.shape_deltas)
    moves = np.zeros((len(index), 3 * len(deltas)))
    for corner in range(3):
        weight = head.barycentric[index, corner].astype(np.float64)
        moved = deltas[:, corners[:, corner]].astype(np.float32)  # (s, m, 3)
        moves += weight[:, None] * moved.transpose(1, 0, 2).reshape(len(index), -1)
    values, vectors = np.linalg.eigh(moves.T @ moves / max(len(index), 1))
    kept = (values > 1e-6 * values.max(initial=0.0))[::-1][:MOST_MOVES]
    best = vectors[:, ::-1][:, : len(kept)][:, kept]
    # A direction's sign is left to chance by the decomposition; runs should not depend on it.
    best = best * np.where(best.sum(axis=0) < 0, -1.0, 1.0)
    parts = moves @ best
    columns.append(parts / np.maximum(np.sqrt((parts**2).mean(axis=0)), 1e-12))
    return np.concatenate(columns, axis=1).astype(np.float32)
