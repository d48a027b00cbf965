"""Catmull-Clark subdivision of quads and triangles, with numpy alone."""

from __future__ import annotations

import numpy as np

__all__ = ["Subdivision", "edges_of"]


def edges_of(faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unique edges of a mesh.

    Parameters
    ----------
    faces : ndarray, shape (F, 4), int
        -1 in the last column marks a triangle.

    Returns
    -------
    edges : ndarray, shape (E, 2)
        Vertex pairs, the smaller index first.
    face_edges : ndarray, shape (F, 4)
        For each corner the edge to the next corner; -1 where there is none.
    """
    triangle = faces[:, 3] < 0
    following = np.roll(faces, -1, axis=1)
    following[triangle, 2] = faces[triangle, 0]
    valid = np.ones(faces.shape, bool)
    valid[triangle, 3] = False
    pairs = np.sort(np.stack([faces[valid], following[valid]], axis=1), axis=1)
    edges, inverse = np.unique(pairs, axis=0, return_inverse=True)
    face_edges = np.full(faces.shape, -1)
    face_edges[valid] = inverse.ravel()
    return edges, face_edges


class Subdivision:
    """One Catmull-Clark step for a fixed topology (Catmull and Clark 1978; creased boundaries).

    Attributes
    ----------
    faces : ndarray, shape (F', 4)
        Quads of the finer mesh. Its first vertices are the old ones, then one for each edge, then
        one for each face.
    parent : ndarray, shape (F',)
        The face that each quad came from.
    """

    def __init__(self, faces: np.ndarray, count: int) -> None:
        self._old, self.count = faces, count
        self.edges, face_edges = edges_of(faces)
        self._valid = faces >= 0
        self._corners = self._valid.sum(axis=1)
        corner_face, corner_slot = np.nonzero(self._valid)
        previous = np.where(corner_slot > 0, corner_slot - 1, self._corners[corner_face] - 1)
        edge_start, face_start = count, count + len(self.edges)
        self.faces = np.stack(
            [
                faces[corner_face, corner_slot],
                edge_start + face_edges[corner_face, corner_slot],
                face_start + corner_face,
                edge_start + face_edges[corner_face, previous],
            ],
            axis=1,
        )
        self.parent = corner_face
        self._face_of_corner, self._vertex_of_corner = corner_face, faces[self._valid]
        self._edge_of_corner = face_edges[self._valid]
        uses = np.bincount(self._edge_of_corner, minlength=len(self.edges))
        self.boundary = uses == 1
        self._valence = np.bincount(self.edges.ravel(), minlength=count)
        self._face_valence = np.bincount(self._vertex_of_corner, minlength=count)
        rim = self.edges[self.boundary]
        self._rim = rim
        self._on_rim = np.zeros(count, bool)
        self._on_rim[rim.ravel()] = True

    def edge_vertex(self, a: int, b: int) -> int:
        """Index of the new vertex in the middle of edge (a, b)."""
        low, high = min(a, b), max(a, b)
        found = np.flatnonzero((self.edges[:, 0] == low) & (self.edges[:, 1] == high))
        return int(self.count + found[0])

    def linear(self, values: np.ndarray) -> np.ndarray:
        """Values carried to the finer mesh without smoothing; (V, c) to (V', c)."""
        return np.concatenate([values, self._edge_middles(values), self._face_middles(values)])

    def smooth(self, values: np.ndarray) -> np.ndarray:
        """Catmull-Clark; values (V, c) to (V', c)."""
        faces, middles = self._face_middles(values), self._edge_middles(values)
        face_sum = _gather(self._edge_of_corner, faces[self._face_of_corner], len(self.edges))
        edge_points = np.where(self.boundary[:, None], middles, (2.0 * middles + face_sum) / 4.0)
        n = self._valence[:, None].astype(float)
        around_faces = _gather(self._vertex_of_corner, faces[self._face_of_corner], self.count)
        around_faces /= np.maximum(self._face_valence, 1)[:, None]
        around_edges = _gather(self.edges.ravel(), np.repeat(middles, 2, axis=0), self.count) / n
        inner = (around_faces + 2.0 * around_edges + (n - 3.0) * values) / n
        rim_sum = _gather(self._rim.ravel(), values[self._rim[:, ::-1].ravel()], self.count)
        vertices = np.where(self._on_rim[:, None], 0.75 * values + rim_sum / 8.0, inner)
        return np.concatenate([vertices, edge_points, faces])

    def interpolating(self, targets: np.ndarray) -> np.ndarray:
        """The finer mesh whose old vertices lie at `targets`; (V, c) to (V', c).

        Catmull-Clark shrinks what it smooths; moving the cage against the error a few times makes
        the result pass through the designed points.
        """
        cage = targets.copy()
        for _ in range(6):
            cage += 0.9 * (targets - self.smooth(cage)[: self.count])
        return self.smooth(cage)

    def _edge_middles(self, values: np.ndarray) -> np.ndarray:
        return (values[self.edges[:, 0]] + values[self.edges[:, 1]]) / 2.0

    def _face_middles(self, values: np.ndarray) -> np.ndarray:
        total = _gather(self._face_of_corner, values[self._vertex_of_corner], len(self._old))
        return total / self._corners[:, None]


def _gather(index: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    columns = [np.bincount(index, weights=column, minlength=count) for column in values.T]
    return np.stack(columns, axis=1)
