"""Depth of a mesh agrees with rays cast one by one."""

from __future__ import annotations

import numpy as np

from rigtalk.blender_addon.gaussian import depths
from rigtalk.blender_addon.gaussian.depths import mesh_depth
from rigtalk.core.splat.camera import Camera


def slow_depth(vertices: np.ndarray, triangles: np.ndarray, camera: Camera) -> np.ndarray:
    """Each ray against each triangle (Möller and Trumbore, 1997)."""
    seen = vertices @ camera.rotation.T + camera.translation
    found = np.full((camera.height, camera.width), np.inf)
    for row in range(camera.height):
        for column in range(camera.width):
            x = (column + 0.5 - camera.cx) / camera.fx
            y = (row + 0.5 - camera.cy) / camera.fy
            ray = np.array([x, y, 1.0])
            for a, b, c in seen[triangles]:
                cross = np.cross(ray, c - a)
                scale = (b - a) @ cross
                if abs(scale) < 1e-12:
                    continue
                u = -a @ cross / scale
                other = np.cross(-a, b - a)
                v = ray @ other / scale
                depth = (c - a) @ other / scale
                if u >= 0 and v >= 0 and u + v <= 1 and depth >= camera.near:
                    found[row, column] = min(found[row, column], depth)
    return found


def camera(width: int = 30, height: int = 20) -> Camera:
    return Camera(width, height, 25.0, 31.0, 14.0, 11.0, np.eye(3), np.array([0.0, 0.0, 4.0]), 0.1)


def test_as_rays(monkeypatch) -> None:
    rng = np.random.default_rng(2)
    vertices = rng.normal(size=(30, 3))
    triangles = rng.integers(0, 30, size=(24, 3))
    expected = slow_depth(vertices, triangles, camera())
    for at_once in (4_000_000, 50):
        monkeypatch.setattr(depths, "_AT_ONCE", at_once)
        found = mesh_depth(vertices, triangles, camera())
        same = np.isfinite(found) == np.isfinite(expected)
        assert same.all()
        seen = np.isfinite(expected)
        assert 50 < seen.sum() < seen.size
        # The result is float32.
        assert np.abs(found[seen] - expected[seen]).max() < 1e-6


def test_nothing_to_be_seen() -> None:
    behind = np.array([(0, 0, -9), (1, 0, -9), (0, 1, -9)], float)
    triangle = np.array([(0, 1, 2)])
    assert np.isinf(mesh_depth(behind, triangle, camera())).all()
    assert np.isinf(mesh_depth(behind, np.zeros((0, 3), int), camera())).all()
    flat = np.array([(0, 0, 0), (1, 0, 0), (2, 0, 0)], float)
    assert np.isinf(mesh_depth(flat, triangle, camera())).all()
    aside = np.array([(90, 0, 0), (91, 0, 0), (90, 1, 0)], float)
    assert np.isinf(mesh_depth(aside, triangle, camera())).all()
