"""The triangles that Gaussians are bound to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from ..errors import RigtalkError

__all__ = ["Mesh", "mesh_signature", "triangles_of"]


@dataclass(frozen=True, eq=False)
class Mesh:
    """A triangle mesh at rest.

    Attributes
    ----------
    vertices : np.ndarray, shape (V, 3), float32
    triangles : np.ndarray, shape (T, 3), int32

    Raises
    ------
    RigtalkError
        If shapes are wrong, a number is not finite, or a triangle has no such vertex.
    """

    vertices: np.ndarray
    triangles: np.ndarray

    def __post_init__(self) -> None:
        vertices = np.ascontiguousarray(self.vertices, dtype=np.float32)
        triangles = np.asarray(self.triangles)
        if vertices.ndim != 2 or vertices.shape[1] != 3 or not np.isfinite(vertices).all():
            raise RigtalkError("a mesh needs vertices of three finite numbers each")
        if triangles.ndim != 2 or triangles.shape[1] != 3:
            raise RigtalkError("a mesh needs triangles of three vertices each")
        if triangles.size and not 0 <= triangles.min() <= triangles.max() < len(vertices):
            raise RigtalkError(f"a triangle has a vertex that is none of the {len(vertices)}")
        object.__setattr__(self, "vertices", vertices)
        object.__setattr__(self, "triangles", np.ascontiguousarray(triangles, dtype=np.int32))

    def deformed(self, vertices: np.ndarray) -> np.ndarray:
        """Deformed vertices (V, 3) float64, checked.

        Raises
        ------
        RigtalkError
            If there are more or fewer than at rest, or one is not finite.
        """
        moved = np.asarray(vertices, dtype=np.float64)
        if moved.shape != self.vertices.shape:
            raise RigtalkError(
                f"the head was made for a mesh of {len(self.vertices)} vertices, not of "
                f"{len(moved)}: apply or mute modifiers that add vertices, or bake again"
            )
        if not np.isfinite(moved).all():
            raise RigtalkError("the mesh has vertices that are not finite: check its rig")
        return moved


def triangles_of(sizes: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Polygons as fans of triangles, which does not depend on where the vertices are.

    Parameters
    ----------
    sizes : np.ndarray, shape (F,), int
        Corners of each polygon, 3 or more.
    corners : np.ndarray, shape (sum of sizes,), int
        Vertices, polygon after polygon.

    Returns
    -------
    np.ndarray, shape (T, 3), int32
    """
    sizes, corners = np.asarray(sizes, np.int64), np.asarray(corners)
    begins = np.cumsum(sizes) - sizes
    fans = sizes - 2
    if (fans < 1).any() or sizes.sum() != len(corners):
        raise RigtalkError("polygons need three corners or more, and as many as they say")
    of = np.repeat(np.arange(len(sizes)), fans)
    step = np.arange(len(of)) - np.repeat(np.cumsum(fans) - fans, fans)
    at = begins[of]
    return np.stack([corners[at], corners[at + step + 1], corners[at + step + 2]], axis=1).astype(
        np.int32
    )


def mesh_signature(vertex_count: int, sizes: np.ndarray, corners: np.ndarray) -> str:
    """A hash of how a mesh is joined up; where its vertices are does not enter.

    A head stays good for a mesh that was sculpted, and for no mesh whose vertices were renumbered.
    """
    parts = [
        np.array([vertex_count], "<i8"),
        np.asarray(sizes).astype("<i4"),
        np.asarray(corners).astype("<i4"),
    ]
    digest = hashlib.sha256(b"rigtalk mesh 1")
    for part in parts:
        digest.update(part.tobytes())
    return digest.hexdigest()
