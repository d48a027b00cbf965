"""Teeth, gums and tongue."""

from __future__ import annotations

import numpy as np

from .part import Part, box, joined, mirrored, sheet, subdivided

__all__ = ["UPPER_EDGE", "lower_teeth", "tongue", "upper_teeth"]

UPPER_EDGE = -2.0
"""Height of the edge of the upper incisors, mm; the lip line is at 0."""
_LOWER_EDGE = -3.6
_UPPER = ((8.4, 10.0), (6.7, 9.2), (7.6, 9.6), (7.0, 8.4), (6.8, 8.0), (9.0, 7.4))
_LOWER = ((5.4, 8.6), (5.9, 8.8), (6.9, 9.4), (7.0, 8.4), (7.2, 8.0), (9.6, 7.4))
"""Width and height of each tooth from the middle, mm."""


def _pillow() -> tuple[Part, np.ndarray]:
    """A cube with rounded edges: its mesh, and its points 0-1 along x, y and z."""
    signs = np.array([[[[k, j, 1 - i] for k in (0, 1)] for j in (0, 1)] for i in (0, 1)], float)
    cube = subdivided(box(2.0 * signs - 1.0, "teeth"), 2)
    away = cube.vertices / np.abs(cube.vertices).max()
    power = 5.0
    return cube, 0.5 + 0.5 * away / (np.abs(away) ** power).sum(axis=1, keepdims=True) ** (
        1.0 / power
    )


_CUBE, _PILLOW = _pillow()


class _Arch:
    """A parabola in the plane of the bite, walked by arc length."""

    def __init__(self, front: float, depth: float) -> None:
        x = np.linspace(0.0, 32.0, 400)
        self.points = np.stack([x, front + depth * x**2.15 / 32.0**2.15], axis=1)
        steps = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        self.length = np.concatenate([[0.0], np.cumsum(steps)])

    def at(self, length: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Points (n, 2) and outward normals (n, 2); negative lengths run to the right."""
        along = np.abs(np.asarray(length, float))
        sign = np.sign(np.asarray(length, float))
        point = np.stack([np.interp(along, self.length, self.points[:, i]) for i in (0, 1)], -1)
        ahead = np.stack(
            [np.interp(along + 0.3, self.length, self.points[:, i]) for i in (0, 1)], -1
        )
        tangent = (ahead - point) / np.linalg.norm(ahead - point, axis=-1, keepdims=True)
        normal = np.stack([tangent[..., 1], -tangent[..., 0]], axis=-1)
        flip = np.stack([sign, np.ones_like(sign)], axis=-1)
        return point * flip, normal * flip


def _tooth(arch: _Arch, near: float, width: float, edge: float, neck: float, number: int) -> Part:
    """One tooth between two arc lengths; `neck` is the height where it enters the gum."""
    thick = np.interp(number, [0, 2, 5], [3.4, 5.6, 8.6])
    thin = np.interp(number, [0, 2, 3, 5], [1.7, 2.6, 6.0, 8.0])
    corners = np.empty((2, 2, 2, 3))
    for i, (z, depth, narrow) in enumerate(((neck, thick, 0.86), (edge, thin, 1.06))):
        for j in (0, 1):
            for k in (0, 1):
                length = near + width * (0.5 + (k - 0.5) * narrow)
                point, normal = arch.at(length)
                out = 0.9 if i == 0 else 0.55
                flat = point + normal * (out - depth * j)
                corners[i, j, k] = flat[0], flat[1], z
    # Weights of the corners along width, depth and height.
    if edge > neck:
        corners = corners[::-1]
    w = [np.stack([1.0 - _PILLOW[:, a], _PILLOW[:, a]], axis=1) for a in range(3)]
    points = np.einsum("ni,nj,nk,ijkc->nc", w[2][:, ::-1], w[1], w[0], corners)
    return Part(points, _CUBE.faces, _CUBE.material, _CUBE.uv)


def _gum(arch: _Arch, neck: float, far: float, total: float) -> Part:
    """A rounded band along the arch between the necks of the teeth and `far`."""
    length = np.linspace(-total, total, 49)
    point, normal = arch.at(length)
    rows = []
    for t, out in (
        (0.0, -9.0),
        (-0.12, -5.0),
        (-0.16, 0.2),
        (0.05, 1.3),
        (0.35, 1.1),
        (0.8, -0.8),
        (1.0, -4.0),
        (1.0, -10.0),
    ):
        flat = point + normal * out
        z = np.full(len(length), neck + (far - neck) * t)
        rows.append(np.stack([flat[:, 0], flat[:, 1], z], axis=1))
    points = np.array(rows)
    return sheet(points[::-1] if far > neck else points, "gums")


def _row(arch: _Arch, teeth: tuple[tuple[float, float], ...], edge: float, up: float) -> Part:
    parts, near = [], 0.0
    for number, (width, height) in enumerate(teeth):
        lift = 0.5 if number == 1 and up > 0 else 0.0
        tip = edge + up * (lift + 0.12 * number)
        tooth = _tooth(arch, near, width, tip, tip + up * height, number)
        parts += [tooth, mirrored(tooth)]
        near += width
    neck = edge + up * 8.0
    parts.append(_gum(arch, neck, neck + up * 6.5, near + 1.0))
    return joined(*parts)


def upper_teeth() -> Part:
    """The upper row in its gum, mm."""
    return _row(_Arch(-93.4, 45.0), _UPPER, UPPER_EDGE, 1.0)


def lower_teeth() -> Part:
    """The lower row in its gum, mm."""
    return _row(_Arch(-89.8, 45.0), _LOWER, _LOWER_EDGE, -1.0)


def tongue() -> Part:
    """The tongue at rest behind the lower teeth, mm."""
    t = np.linspace(0.0, 1.0, 14)[:, None]
    around = np.linspace(0.0, 2.0 * np.pi, 20, endpoint=False)[None, :]
    width = 15.5 * np.sqrt(np.clip(1.0 - (np.maximum(t - 0.42, 0.0) / 0.62) ** 2.2, 0.0, 1.0))
    height = 7.5 * (1.0 - 0.6 * t) * np.clip((1.04 - t) / 0.12, 0.0, 1.0) ** 0.5
    y = -34.0 - 49.0 * t
    z = -11.5 + 2.0 * np.sin(np.pi * t) - 0.4 * t
    flat = np.sign(np.cos(around)) * np.abs(np.cos(around)) ** 0.8
    groove = (
        -1.6 * np.exp(-((np.sin(around) / 0.22) ** 2)) * (np.cos(around) > 0.0) * np.sin(np.pi * t)
    )
    points = np.stack(
        np.broadcast_arrays(width * np.sin(around), y, z + height * flat + groove), axis=-1
    )
    tip = points[-1].mean(axis=0) - np.array([0.0, 0.6, 0.0])
    return sheet(points[::-1], "tongue", closed=True, start=tip)
