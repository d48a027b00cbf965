"""Points on a mesh: drawn at random, and moved over it from triangle to neighbouring triangle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..mesh import Mesh

__all__ = ["Surface", "facing", "nearest_in_triangles"]


@dataclass(frozen=True, eq=False)
class Surface:
    """A mesh at rest, with what fitting asks of it often."""

    mesh: Mesh

    @cached_property
    def corners(self) -> np.ndarray:
        """Corners of the triangles, (T, 3, 3) float64."""
        return self.mesh.vertices.astype(np.float64)[self.mesh.triangles]

    @cached_property
    def areas(self) -> np.ndarray:
        """Areas (T,)."""
        return np.linalg.norm(self._crossed, axis=1) / 2

    @cached_property
    def normals(self) -> np.ndarray:
        """Unit normals (T, 3); z where a triangle is flat."""
        length = np.linalg.norm(self._crossed, axis=1, keepdims=True)
        return np.where(length > 0, self._crossed / np.where(length > 0, length, 1), [0, 0, 1])

    @cached_property
    def neighbours(self) -> np.ndarray:
        """Triangles (T, most) that share a corner with each, itself first and again as padding.

        Only the first 24 are kept: a pole of a sphere may have hundreds.
        """
        triangles = self.mesh.triangles
        count = len(triangles)
        order = np.argsort(triangles.ravel(), kind="stable")
        owner = order // 3
        ends = np.cumsum(np.bincount(triangles.ravel(), minlength=len(self.mesh.vertices)))
        begins = ends - np.bincount(triangles.ravel(), minlength=len(self.mesh.vertices))
        most = 24
        result = np.repeat(np.arange(count)[:, None], most, axis=1)
        filled = np.ones(count, np.int64)
        for corner in range(3):
            vertex = triangles[:, corner]
            for step in range(int((ends - begins)[vertex].max(initial=0))):
                at = begins[vertex] + step
                found = owner[np.minimum(at, len(owner) - 1)]
                new = (at < ends[vertex]) & (filled < most) & (found[:, None] != result).all(axis=1)
                where = np.nonzero(new)[0]
                result[where, filled[where]] = found[where]
                filled[where] += 1
                if step > most:
                    break
        return result[:, : int(filled.max(initial=1))].astype(np.int32)

    @cached_property
    def _crossed(self) -> np.ndarray:
        a, b, c = np.moveaxis(self.corners, 1, 0)
        return np.cross(b - a, c - a)

    def draw(
        self, count: int, weights: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Points at random: triangles (n,) int32 and barycentrics (n, 3) float64.

        Drawn at even steps along the sum of weights, so that no triangle gets more than its due.

        Parameters
        ----------
        weights : np.ndarray, shape (T,)
            How many points a triangle gets, in proportion.
        """
        total = np.cumsum(weights)
        at = (np.arange(count) + rng.random(count)) / count * total[-1]
        triangle = np.searchsorted(total, at).clip(0, len(total) - 1)
        u, v = rng.random((2, count))
        over = u + v > 1
        u, v = np.where(over, 1 - u, u), np.where(over, 1 - v, v)
        return triangle.astype(np.int32), np.stack([1 - u - v, u, v], axis=1)

    def at(self, triangle: np.ndarray, barycentric: np.ndarray) -> np.ndarray:
        """Where points of triangles are at rest, (n, 3)."""
        return np.einsum("nci,nc->ni", self.corners[triangle], barycentric)

    def refooted(self, points: np.ndarray, triangle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The nearest feet of points, no farther over the mesh than a triangle's neighbours.

        A point at the upper lip never comes to stand on the lower one, however near that is.

        Returns
        -------
        triangle : np.ndarray, shape (n,), int32
        barycentric : np.ndarray, shape (n, 3), float32
        """
        candidates = self.neighbours[triangle]
        best = np.full(len(points), np.inf)
        chosen = triangle.copy()
        feet = np.zeros((len(points), 3))
        for column in candidates.T:
            weights, distance = nearest_in_triangles(points, self.corners[column])
            # A flat triangle bends nothing.
            nearer = (distance < best) & (self.areas[column] > 0)
            best, chosen = np.where(nearer, distance, best), np.where(nearer, column, chosen)
            feet[nearer] = weights[nearer]
        lost = ~np.isfinite(best)
        feet[lost] = 1 / 3
        return chosen.astype(np.int32), feet.astype(np.float32)


def nearest_in_triangles(points: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nearest point of one triangle to each point.

    Parameters
    ----------
    points : np.ndarray, shape (n, 3)
    corners : np.ndarray, shape (n, 3, 3)

    Returns
    -------
    barycentric : np.ndarray, shape (n, 3)
    distance : np.ndarray, shape (n,)
    """
    a, b, c = np.moveaxis(corners, 1, 0)
    best = np.full(len(points), np.inf)
    weights = np.zeros((len(points), 3))
    # Within the plane, where the foot falls into the triangle.
    e, f, d = b - a, c - a, points - a
    ee, ef, ff = (np.einsum("ni,ni->n", x, y) for x, y in ((e, e), (e, f), (f, f)))
    de, df = np.einsum("ni,ni->n", d, e), np.einsum("ni,ni->n", d, f)
    determinant = ee * ff - ef * ef
    safe = np.where(determinant > 0, determinant, 1)
    v, w = (ff * de - ef * df) / safe, (ee * df - ef * de) / safe
    inside = (determinant > 0) & (v >= 0) & (w >= 0) & (v + w <= 1)
    foot = a + v[:, None] * e + w[:, None] * f
    best[inside] = np.linalg.norm(points - foot, axis=1)[inside]
    weights[inside] = np.stack([1 - v - w, v, w], axis=1)[inside]
    # Else on an edge.
    for i, j in ((0, 1), (1, 2), (2, 0)):
        begin, along = corners[:, i], corners[:, j] - corners[:, i]
        square = np.einsum("ni,ni->n", along, along)
        t = np.einsum("ni,ni->n", points - begin, along) / np.where(square > 0, square, 1)
        t = np.clip(t, 0, 1)
        distance = np.linalg.norm(points - begin - t[:, None] * along, axis=1)
        nearer = distance < best
        best = np.where(nearer, distance, best)
        edge = np.zeros((len(points), 3))
        edge[:, i], edge[:, j] = 1 - t, t
        weights[nearer] = edge[nearer]
    return weights, best


def facing(normals: np.ndarray) -> np.ndarray:
    """Quaternions (n, 4) that turn z to normals."""
    turns = np.stack(
        [1 + normals[:, 2], -normals[:, 1], normals[:, 0], np.zeros(len(normals))], axis=1
    )
    turns[np.linalg.norm(turns, axis=1) < 1e-6] = (0, 1, 0, 0)
    return turns
