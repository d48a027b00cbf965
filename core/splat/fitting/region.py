"""Which pixels show the head, where the mesh is a whole body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..gaussians import SH_C0, Gaussians
from ..head import SplatHead
from ..head_mesh import HeadMesh
from ..renderer import Renderer
from .capture import Photo
from .surface import Surface, facing

__all__ = ["cover", "of_the_head", "within"]

_POINTS = 60_000
"""That stand for the body's surface."""


def within(head: HeadMesh) -> np.ndarray:
    """Which triangles belong to the head, (T,) bool."""
    centre, radius = head.sphere
    middles = Surface(head.mesh).corners.mean(axis=1)
    return np.linalg.norm(middles - centre, axis=1) <= 1.02 * radius


def of_the_head(head: HeadMesh, photos: Sequence[Photo], renderer: Renderer) -> tuple[Photo, ...]:
    """The photos, with a mask of what is not body; as they are where there is no body."""
    inside = within(head)
    if inside.all():
        return tuple(photos)
    surface = Surface(head.mesh)
    rng = np.random.default_rng(0)
    triangle, barycentric = surface.draw(_POINTS, surface.areas, rng)
    size = float(np.sqrt(surface.areas.sum() / _POINTS))
    renderer.show_head(cover(head, triangle, barycentric, size, inside[triangle]))
    result = []
    for photo in photos:
        drawn = renderer.draw_rgba(photo.shot.camera, vertices=photo.vertices)
        body = (drawn[..., 3] > 0.5) & (drawn[..., 0] < 0.5 * drawn[..., 3])
        result.append(replace(photo, mask=~body))
    return tuple(result)


def cover(
    head: HeadMesh,
    triangle: np.ndarray,
    barycentric: np.ndarray,
    size: float,
    white: np.ndarray | None = None,
) -> SplatHead:
    """An opaque skin over a mesh, to see by it what hides what.

    Parameters
    ----------
    triangle, barycentric : np.ndarray
        Its points, as in `SplatHead`.
    size : float
        Standard deviation along the surface, in the mesh's unit.
    white : np.ndarray, shape (n,), bool, optional
        Which are white; the others are black.
    """
    surface = Surface(head.mesh)
    count = len(triangle)
    sh = np.full((count, 1, 3), -0.5 / SH_C0)
    if white is not None:
        sh[white] = 0.5 / SH_C0
    gaussians = Gaussians(
        surface.at(triangle, barycentric),
        np.tile(np.log([size, size, 0.1 * size]), (count, 1)),
        facing(surface.normals[triangle]),
        np.full(count, 8.0),
        sh,
    )
    return SplatHead(gaussians, triangle, barycentric.astype(np.float32), head.mesh)
