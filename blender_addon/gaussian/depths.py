"""How far a mesh is from a camera, pixel by pixel."""

from __future__ import annotations

import numpy as np

from rigtalk.core.splat.camera import Camera

__all__ = ["mesh_depth"]

_AT_ONCE = 4_000_000
"""Pixels of bounding boxes that are looked at together: some 200 MB."""


def mesh_depth(vertices: np.ndarray, triangles: np.ndarray, camera: Camera) -> np.ndarray:
    """Depth of the nearest triangle at the centre of each pixel.

    Parameters
    ----------
    vertices : np.ndarray, shape (V, 3)
    triangles : np.ndarray, shape (T, 3), int
        Those with a corner nearer than the camera's `near` are left out.
    camera : Camera

    Returns
    -------
    np.ndarray, shape (h, w), float32
        Along the camera's axis; infinite where there is no triangle.
    """
    width, height = camera.width, camera.height
    seen = vertices @ camera.rotation.T + camera.translation
    z = seen[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        u = camera.fx * seen[:, 0] / z + camera.cx - 0.5
        v = camera.fy * seen[:, 1] / z + camera.cy - 0.5
    triangles = triangles[(z[triangles] >= camera.near).all(axis=1)]
    # In units of pixels from the centre of the first: pixel (i, j) is the point (i, j).
    x, y = u[triangles], v[triangles]
    area = (x[:, 1] - x[:, 0]) * (y[:, 2] - y[:, 0]) - (x[:, 2] - x[:, 0]) * (y[:, 1] - y[:, 0])
    left = np.clip(np.ceil(x.min(axis=1)), 0, width).astype(np.int64)
    right = np.clip(np.floor(x.max(axis=1)) + 1, 0, width).astype(np.int64)
    top = np.clip(np.ceil(y.min(axis=1)), 0, height).astype(np.int64)
    bottom = np.clip(np.floor(y.max(axis=1)) + 1, 0, height).astype(np.int64)
    wide, high = right - left, bottom - top
    used = np.flatnonzero((wide > 0) & (high > 0) & (np.abs(area) > 1e-12))
    nearest = np.full(width * height, np.inf, np.float32)
    counts = wide[used] * high[used]
    ends = np.cumsum(counts)
    begin = 0
    while begin < len(used):
        base = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, base + _AT_ONCE, side="right")))
        some, count = used[begin:end], counts[begin:end]
        of = np.repeat(some, count)
        step = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
        px = left[of] + step % wide[of]
        py = top[of] + step // wide[of]
        inside, inverse = _inverse_depth(px, py, x[of], y[of], area[of], 1.0 / z[triangles[of]])
        at = (py * width + px)[inside]
        np.minimum.at(nearest, at, (1.0 / inverse[inside]).astype(np.float32))
        begin = end
    return nearest.reshape(height, width)


def _inverse_depth(
    px: np.ndarray, py: np.ndarray, x: np.ndarray, y: np.ndarray, area: np.ndarray, w: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Whether points are in triangles, and 1 / depth there, which is linear in the picture."""
    total, inside = np.zeros(len(px)), np.ones(len(px), bool)
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        weight = (x[:, j] - px) * (y[:, k] - py) - (x[:, k] - px) * (y[:, j] - py)
        weight = weight / area
        inside &= weight >= -1e-9
        total += weight * w[:, i]
    return inside, total
