"""Where Gaussians begin: on what the cameras see of the mesh, in the colours that they see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...errors import RigtalkError
from ..camera import Camera
from ..gaussians import SH_C0, Gaussians
from ..head import SplatHead
from ..head_mesh import HeadMesh
from ..renderer import Renderer
from .capture import Photo
from .region import cover, within
from .surface import Surface, facing

__all__ = ["Start", "begin"]

_PROBES = 4
"""Points that are looked at for each Gaussian to begin with."""
_MOST_PHOTOS = 64
"""That are looked at: more find no other surface."""
_SMALLEST = 0.5
"""Pixels; nothing smaller is begun with."""


@dataclass(frozen=True, eq=False)
class Start:
    """Gaussians to begin with, their feet, and which pixels show the head.

    Attributes
    ----------
    gaussians : Gaussians
    triangle, barycentric : np.ndarray
        As in `SplatHead`.
    spacing : float
        Between neighbours, about, in the mesh's unit.
    pixel : float
        The width that a pixel has on the head, about, in the mesh's unit.
    """

    gaussians: Gaussians
    triangle: np.ndarray
    barycentric: np.ndarray
    spacing: float
    pixel: float


def begin(
    head: HeadMesh,
    photos: Sequence[Photo],
    count: int,
    degree: int,
    renderer: Renderer,
    rng: np.random.Generator,
) -> Start:
    """Lay flat Gaussians on the mesh, the denser the larger a place is in the pictures.

    Places that no camera sees, the inside of a skull, get none.

    Raises
    ------
    RigtalkError
        If the mesh has no area, or is in none of the pictures.
    """
    surface = Surface(head.mesh)
    weights = np.where(within(head), surface.areas, 0)
    if not weights.sum() > 0:
        raise RigtalkError("the mesh has no faces with an area: there is nothing to bake")
    triangle, barycentric = surface.draw(_PROBES * count, weights, rng)
    spacing = float(np.sqrt(weights.sum() / len(triangle)))
    skin = cover(head, triangle, barycentric, spacing)
    renderer.show_head(skin)
    seen, colour = _looked(skin, photos, surface, renderer, spacing)
    if not seen.any():
        raise RigtalkError("the head is in none of the pictures: is it hidden from rendering?")
    # Half by how large a place is in the pictures, half by its area.
    share = np.where(seen > 0, 0.5 * seen / seen.mean() + 0.5 * (seen > 0) / (seen > 0).mean(), 0)
    total = np.cumsum(share)
    picks = np.searchsorted(total, (np.arange(count) + rng.random(count)) / count * total[-1])
    chosen = np.unique(picks.clip(0, len(total) - 1))
    gaps = spacing * np.sqrt(total[-1] / count / share[chosen])
    pixel = _pixel(photos)
    sizes = np.maximum(0.55 * gaps, _SMALLEST * pixel)
    normals = surface.normals[triangle[chosen]]
    sh = np.zeros((len(chosen), (degree + 1) ** 2, 3), np.float32)
    sh[:, 0] = (colour[chosen] - 0.5) / SH_C0
    gaussians = Gaussians(
        surface.at(triangle[chosen], barycentric[chosen]),
        np.log(sizes[:, None] * [1.0, 1.0, 0.2]),
        facing(normals),
        np.full(len(chosen), 2.0),
        sh,
    )
    gap = float(np.median(gaps))
    return Start(gaussians, triangle[chosen], barycentric[chosen].astype(np.float32), gap, pixel)


def _looked(
    skin: SplatHead,
    photos: Sequence[Photo],
    surface: Surface,
    renderer: Renderer,
    spacing: float,
) -> tuple[np.ndarray, np.ndarray]:
    """How many pixels the place of each probe has in all photos (n,), and its colour (n, 3)."""
    count = len(skin)
    seen, weight, colour = np.zeros(count), np.zeros(count), np.zeros((count, 3))
    corners = surface.mesh.triangles[skin.triangle]
    step = max(1, len(photos) // _MOST_PHOTOS)
    for photo in photos[::step]:
        camera = photo.shot.camera
        depth = renderer.draw(camera, vertices=photo.vertices).depth
        moved = photo.vertices.astype(np.float64)[corners]
        points = np.einsum("nci,nc->ni", moved, skin.barycentric)
        place, z = _projected(points, camera)
        row, column = np.floor(place[:, 1]).astype(int), np.floor(place[:, 0]).astype(int)
        within = (z > camera.near) & (row >= 0) & (column >= 0)
        within &= (row < camera.height) & (column < camera.width)
        row, column = np.where(within, row, 0), np.where(within, column, 0)
        rgba = photo.rgba[row, column].astype(np.float64) / 255
        within &= (z < depth[row, column] + 2 * spacing) & (rgba[:, 3] > 0.5)
        normal = np.cross(moved[:, 1] - moved[:, 0], moved[:, 2] - moved[:, 0])
        towards = camera.centre - points
        length = np.linalg.norm(normal, axis=1) * np.linalg.norm(towards, axis=1)
        cosine = np.abs(np.einsum("ni,ni->n", normal, towards)) / np.maximum(length, 1e-30)
        pixels = np.where(within, cosine * (camera.fx / np.maximum(z, camera.near)) ** 2, 0)
        seen += pixels
        trust = pixels * cosine
        weight += trust
        colour += trust[:, None] * rgba[:, :3] / np.maximum(rgba[:, 3:], 0.5)
    return seen, colour / np.maximum(weight, 1e-30)[:, None]


def _projected(points: np.ndarray, camera: Camera) -> tuple[np.ndarray, np.ndarray]:
    """Pixels (n, 2) and depths (n,) of points."""
    x, y, z = (points @ camera.rotation.T + camera.translation).T
    safe = np.where(z > 0, z, 1)
    return np.stack([camera.fx * x / safe + camera.cx, camera.fy * y / safe + camera.cy], 1), z


def _pixel(photos: Sequence[Photo]) -> float:
    widths = []
    for photo in photos:
        camera = photo.shot.camera
        middle = photo.vertices.astype(np.float64).mean(axis=0)
        widths.append(abs(_projected(middle[None], camera)[1][0]) / camera.fx)
    return float(np.median(widths))
