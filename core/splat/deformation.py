"""How the surface around each vertex turns and stretches when a mesh deforms.

A triangle's map from rest to pose is affine in its plane; along its normal it grows by the square
root of its area's growth, so that a mesh made larger makes everything larger. The polar
decomposition splits that map into a turn and a symmetric stretch, and both are averaged over the
triangles around a vertex, by area at rest, so that the surface has no creases between triangles.
Turns are averaged as quaternions, as averages of matrices would not be turns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .mesh import Mesh
from .posed import packed
from .rotations import normalised, quaternions

__all__ = ["RestFrames"]

_FLAT = 1e-12
"""A triangle whose height is less than this part of its longest edge has no normal."""


@dataclass(frozen=True, eq=False)
class RestFrames:
    """What is known of a mesh before it deforms; make it once and use it for every frame."""

    mesh: Mesh
    frames: np.ndarray  # (T, 3, 3) columns: along the first edge, across it, normal
    edges: np.ndarray  # (T, 3) length of the first edge, and the second edge along and across it
    areas: np.ndarray  # (T,) 0 for those that are flat
    first: np.ndarray  # (V,) a triangle at each vertex; 0 where there is none

    @classmethod
    def of(cls, mesh: Mesh) -> RestFrames:
        """The frames of a mesh at rest."""
        frames, edges, sound = _frames(mesh.vertices.astype(np.float64), mesh.triangles)
        areas = np.where(sound, edges[:, 0] * edges[:, 2] / 2, 0.0)
        first = np.zeros(len(mesh.vertices), np.int64)
        vertices, at = np.unique(mesh.triangles.ravel(), return_index=True)
        first[vertices] = at // 3
        return cls(mesh, frames, edges, areas, first)

    def at_triangles(self, vertices: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Turns (T, 4) wxyz, stretches (T, 3, 3) and weights (T,) of the triangles.

        Parameters
        ----------
        vertices : np.ndarray, shape (V, 3)
            Deformed.
        """
        frames, edges, sound = _frames(np.asarray(vertices, np.float64), self.mesh.triangles)
        weights = np.where(sound, self.areas, 0.0)
        usable = weights > 0
        length, along, across = np.where(usable[:, None], self.edges, [1.0, 0.0, 1.0]).T
        length_now, along_now, across_now = np.where(usable[:, None], edges, [1.0, 0.0, 1.0]).T
        # The map within the plane is [[wide, skew], [0, high]].
        wide, high = length_now / length, across_now / across
        skew = (along_now - along * wide) / across
        angle = np.arctan2(-skew, wide + high)
        c, s = np.cos(angle), np.sin(angle)
        inner, turn = np.zeros((2, len(length), 3, 3))
        inner[:, 0, 0], inner[:, 0, 1] = c * wide, c * skew + s * high
        inner[:, 1, 0], inner[:, 1, 1] = -s * wide, c * high - s * skew
        inner[:, 2, 2] = np.sqrt(wide * high)
        turn[:, 0, 0], turn[:, 0, 1] = c, -s
        turn[:, 1, 0], turn[:, 1, 1] = s, c
        turn[:, 2, 2] = 1
        back = np.swapaxes(self.frames, 1, 2)
        turns = np.where(usable[:, None, None], frames @ turn @ back, np.eye(3))
        stretches = np.where(usable[:, None, None], self.frames @ inner @ back, np.eye(3))
        return quaternions(turns), stretches, weights

    def at_vertices(self, vertices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Turns (V, 4) wxyz and stretches (V, 6) packed, at the vertices; both float64.

        A vertex without a sound triangle neither turns nor stretches.
        """
        turns, stretches, weights = self.at_triangles(vertices)
        corners = self.mesh.triangles.ravel()
        of = np.repeat(np.arange(len(turns)), 3)
        agree = np.einsum("ci,ci->c", turns[of], turns[self.first[corners]])
        signed = turns[of] * np.where(agree < 0, -weights[of], weights[of])[:, None]
        sizes = packed(stretches)[of] * weights[of, None]
        count = len(self.mesh.vertices)
        total = np.bincount(corners, weights[of], count)[:, None]
        turn = _summed(corners, signed, count)
        stretch = _summed(corners, sizes, count)
        none = np.array([1.0, 0, 0, 1, 0, 1])
        stretch = np.where(total > 0, stretch / np.where(total > 0, total, 1), none)
        return normalised(turn / np.where(total > 0, total, 1)), stretch


def _summed(index: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    return np.stack([np.bincount(index, column, count) for column in values.T], axis=1)


def _frames(
    vertices: np.ndarray, triangles: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frames (T, 3, 3), edges within them (T, 3), and which of the triangles are not flat."""
    a, b, c = np.moveaxis(vertices[triangles], 1, 0)
    first, second = b - a, c - a
    length = np.linalg.norm(first, axis=1)
    normal = np.cross(first, second)
    doubled = np.linalg.norm(normal, axis=1)
    longest = np.maximum(length, np.linalg.norm(second, axis=1))
    sound = doubled > _FLAT * longest * longest
    x = first / np.where(sound, length, 1)[:, None]
    z = normal / np.where(sound, doubled, 1)[:, None]
    frames = np.stack([x, np.cross(z, x), z], axis=2)
    frames = np.where(sound[:, None, None], frames, np.eye(3))
    along = np.einsum("ti,ti->t", second, x)
    across = doubled / np.where(sound, length, 1)
    return frames, np.stack([length, along, across], axis=1), sound
