"""The nearest point of a mesh, for many points at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import RigtalkError
from .mesh import Mesh

__all__ = ["TriangleTree", "nearest_on_mesh"]

_LEAF = 4
"""Triangles in a box at the bottom of the tree."""
_AT_ONCE = 8192
"""Points that go down the tree together, which bounds the memory."""


def nearest_on_mesh(points: np.ndarray, mesh: Mesh) -> tuple[np.ndarray, np.ndarray]:
    """The triangle nearest to each point, and where on it.

    Parameters
    ----------
    points : np.ndarray, shape (n, 3)
    mesh : Mesh

    Returns
    -------
    triangle : np.ndarray, shape (n,), int32
    barycentric : np.ndarray, shape (n, 3), float32

    Raises
    ------
    RigtalkError
        If the mesh has no triangles.
    """
    return TriangleTree.of(mesh).nearest(points)


@dataclass(frozen=True, eq=False)
class TriangleTree:
    """Boxes around triangles that lie together, boxes around two of those each, and so on."""

    corners: np.ndarray  # (boxes at the bottom * _LEAF, 3, 3) triangles along a space-filling curve
    triangle: np.ndarray  # which they are in the mesh
    codes: np.ndarray  # their places along the curve
    low: list[np.ndarray]  # corners of the boxes, a level each from the top down
    high: list[np.ndarray]
    begin: np.ndarray  # (3,) where the curve begins
    step: float  # and how long a step along an axis is

    @classmethod
    def of(cls, mesh: Mesh) -> TriangleTree:
        """The tree of a mesh; RigtalkError if it has no triangles."""
        if not len(mesh.triangles):
            raise RigtalkError("the mesh has no faces to bind Gaussians to")
        corners = mesh.vertices.astype(np.float64)[mesh.triangles]
        middles = corners.mean(axis=1)
        begin = middles.min(axis=0)
        step = max(float(np.ptp(middles, axis=0).max()) / 1023, 1e-30)
        codes = _morton(middles, begin, step)
        order = np.argsort(codes, kind="stable")
        boxes = 1 << max(0, int(np.ceil(np.log2(len(order) / _LEAF))))
        order = np.concatenate([order, np.full(boxes * _LEAF - len(order), order[-1])])
        sorted_corners = corners[order]
        grouped = sorted_corners.reshape(boxes, _LEAF * 3, 3)
        low, high = [grouped.min(axis=1)], [grouped.max(axis=1)]
        while len(low[0]) > 1:
            low.insert(0, low[0].reshape(-1, 2, 3).min(axis=1))
            high.insert(0, high[0].reshape(-1, 2, 3).max(axis=1))
        return cls(sorted_corners, order.astype(np.int32), codes[order], low, high, begin, step)

    def nearest(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Triangles (n,) int32 and barycentric weights (n, 3) float32 of the nearest points."""
        points = np.asarray(points, np.float64)
        triangle = np.zeros(len(points), np.int32)
        barycentric = np.zeros((len(points), 3), np.float32)
        for start in range(0, len(points), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            triangle[part], barycentric[part] = self._nearest(points[part])
        return triangle, barycentric

    def _nearest(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # A triangle nearby along the curve says how far the nearest can be at most.
        place = np.searchsorted(self.codes, _morton(points, self.begin, self.step))
        best = np.minimum(place, len(self.codes) - 1)
        weights, distance = _on_triangle(points, self.corners[best])
        query = np.arange(len(points))
        box = np.zeros(len(points), np.int64)
        limit = distance.copy()
        for level, (low, high) in enumerate(zip(self.low, self.high, strict=True)):
            if level:
                query, box = np.repeat(query, 2), (2 * box[:, None] + [0, 1]).ravel()
            below, above = low[box] - points[query], points[query] - high[box]
            beyond = np.maximum(0, np.maximum(below, above))
            # Something is in the box, no farther than its farthest corner.
            corner = np.maximum(-below, -above)
            np.minimum.at(limit, query, np.einsum("ni,ni->n", corner, corner))
            reached = np.einsum("ni,ni->n", beyond, beyond) <= limit[query]
            query, box = query[reached], box[reached]
        for i in range(_LEAF):
            at = box * _LEAF + i
            found, far = _on_triangle(points[query], self.corners[at])
            # Of several boxes of one point the nearest is written last.
            order = np.argsort(-far, kind="stable")
            closer = order[far[order] < distance[query[order]]]
            best[query[closer]] = at[closer]
            weights[query[closer]] = found[closer]
            distance[query[closer]] = far[closer]
        return self.triangle[best], weights.astype(np.float32)


def _morton(points: np.ndarray, begin: np.ndarray, step: float) -> np.ndarray:
    """Places along a curve that fills space: the bits of the three coordinates in turn."""
    cells = np.clip((points - begin) / step, 0, 1023).astype(np.int64)
    for shift, mask in ((16, 0x30000FF), (8, 0x300F00F), (4, 0x30C30C3), (2, 0x9249249)):
        cells = (cells | cells << shift) & mask
    return cells[:, 0] | cells[:, 1] << 1 | cells[:, 2] << 2


def _on_triangle(points: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (n, 3) of the point of each triangle (n, 3, 3) nearest to each point, and d² (n,).

    Inside, it is the foot of the perpendicular; else it is on the nearest of the three edges.
    """
    weights = _perpendicular(points, corners)
    outside = (weights < 0).any(axis=1)
    gap = points - np.einsum("nc,nci->ni", weights, corners)
    best = np.where(outside, np.inf, np.einsum("ni,ni->n", gap, gap))
    for i, j in ((0, 1), (1, 2), (2, 0)):
        edge = corners[:, j] - corners[:, i]
        length = np.einsum("ni,ni->n", edge, edge)
        along = np.einsum("ni,ni->n", points - corners[:, i], edge)
        share = np.clip(along / np.where(length > 0, length, 1), 0, 1)
        gap = points - corners[:, i] - share[:, None] * edge
        distance = np.einsum("ni,ni->n", gap, gap)
        closer = distance < best
        best[closer] = distance[closer]
        weights[closer] = 0
        weights[closer, i], weights[closer, j] = 1 - share[closer], share[closer]
    return weights, best


def _perpendicular(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Barycentric weights of the foot in the triangle's plane; -1 for triangles without one."""
    ab, ac = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    ap = points - corners[:, 0]
    d00, d01, d11, d20, d21 = (
        np.einsum("ni,ni->n", x, y) for x, y in ((ab, ab), (ab, ac), (ac, ac), (ap, ab), (ap, ac))
    )
    area = d00 * d11 - d01 * d01
    sound = area > 1e-20 * d00 * d11
    scale = 1 / np.where(sound, area, 1)
    v, w = (d11 * d20 - d01 * d21) * scale, (d00 * d21 - d01 * d20) * scale
    return np.where(sound[:, None], np.stack([1 - v - w, v, w], axis=1), -1.0)
