"""Where a face looks, told from what its controls move."""

from __future__ import annotations

import numpy as np

__all__ = ["facing"]

_SNAP = np.cos(np.radians(15.0))
"""A direction this near to an axis is meant to be that axis."""
_UNSURE = 1e-3
"""Of all that moves: when it points nowhere in particular."""
_USUAL = np.array([(0.0, -1.0, 0.0), (0.0, 0.0, 1.0)])
"""Where faces look in Blender, and where they do if that is up or down."""


def facing(
    vertices: np.ndarray, triangles: np.ndarray, reach: np.ndarray, up: np.ndarray
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Front and up of a head, unit vectors in its own space.

    What moves in a face is skin that looks forward; the insides of mouth and lids cancel out, for
    the normals of a closed surface sum to nothing.

    Parameters
    ----------
    vertices : np.ndarray, shape (V, 3)
    triangles : np.ndarray, shape (T, 3), int
    reach : np.ndarray, shape (V,)
        How far controls of the face move each vertex at most.
    up : np.ndarray, shape (3,)
        Away from the ground.
    """
    corners = vertices[triangles].astype(np.float64)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    towards = reach[triangles].mean(axis=1).astype(np.float64) @ normals
    up = _snapped(up / np.linalg.norm(up))
    level = towards - (towards @ up) * up
    if np.linalg.norm(level) <= _UNSURE * np.abs(normals).sum() * reach.max(initial=0.0):
        usual = _USUAL[0] if abs(_USUAL[0] @ up) < _SNAP else _USUAL[1]
        level = usual - (usual @ up) * up
    front = _snapped(level / np.linalg.norm(level))
    front = front - (front @ up) * up
    front /= np.linalg.norm(front)
    return _tuple(front), _tuple(up)


def _snapped(direction: np.ndarray) -> np.ndarray:
    axis = int(np.argmax(np.abs(direction)))
    if abs(direction[axis]) < _SNAP:
        return direction
    return np.eye(3)[axis] * np.sign(direction[axis])


def _tuple(vector: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (float(value) + 0.0 for value in vector)
    return x, y, z
