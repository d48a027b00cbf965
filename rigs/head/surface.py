"""The form of the head: a loft of rings, and the face sculpted on it.

All lengths here are millimetres. The lip line is at z = 0, the ear canals at y = 0, the face looks
to -y. A point of the loft has two coordinates: ``u``, the angle around the head in degrees (0 the
middle of the face, 90 the side, 180 the back), and ``v``, the number of the ring, from the crown to
the bust.
"""

from __future__ import annotations

import numpy as np

__all__ = ["bump", "locate", "loft", "sculpt", "smoothstep", "spline"]

# Each ring: front z, y; side x, y, z; back z, y; squareness of the front and of the back quarter.
_RINGS = np.array(
    [
        [183.0, 4.0, 1.0, 6.0, 183.0, 183.0, 8.0, 2.0, 2.0],  # 0 crown
        [173.0, -44.0, 45.0, 10.0, 174.0, 171.0, 62.0, 2.1, 2.0],  # 1
        [150.0, -80.0, 68.0, 8.0, 151.0, 142.0, 92.0, 2.2, 2.1],  # 2
        [121.0, -95.0, 76.0, 6.0, 119.0, 106.0, 102.0, 2.3, 2.1],  # 3 forehead
        [91.0, -95.5, 75.0, 2.0, 89.0, 76.0, 100.0, 2.4, 2.1],  # 4 brows
        [68.0, -91.5, 72.5, -1.0, 67.0, 50.0, 92.0, 2.45, 2.1],  # 5 eyes
        [45.0, -92.5, 70.5, -3.0, 45.0, 26.0, 79.0, 2.3, 2.1],  # 6 cheekbones
        [22.0, -96.5, 67.0, -4.0, 24.0, 2.0, 66.0, 2.15, 2.1],  # 7 base of the nose
        [0.0, -97.5, 63.0, -5.0, 9.0, -20.0, 58.0, 2.05, 2.1],  # 8 lips
        [-17.0, -93.5, 59.5, -5.0, 0.0, -36.0, 55.0, 1.95, 2.1],  # 9 under the lower lip
        [-30.0, -93.0, 56.0, -4.0, -7.0, -47.0, 53.5, 1.86, 2.1],  # 10 chin
        [-41.5, -84.5, 52.0, -1.0, -16.0, -57.0, 53.0, 1.8, 2.1],  # 11 jaw line
        [-44.5, -66.0, 49.0, 5.0, -28.0, -66.0, 54.0, 2.0, 2.1],  # 12 under the jaw
        [-50.0, -45.0, 46.0, 10.0, -46.0, -76.0, 56.0, 2.0, 2.1],  # 13 throat
        [-72.0, -37.0, 45.5, 14.0, -68.0, -90.0, 61.0, 2.0, 2.1],  # 14 neck
        [-90.0, -32.0, 50.0, 17.0, -84.0, -100.0, 68.0, 2.0, 2.1],  # 15
        [-106.0, -37.0, 80.0, 19.0, -96.0, -110.0, 77.0, 2.0, 2.1],  # 16 collar bones
        [-120.0, -53.0, 118.0, 20.0, -112.0, -124.0, 84.0, 2.1, 2.2],  # 17 shoulders
        [-148.0, -67.0, 132.0, 20.0, -146.0, -148.0, 87.0, 2.2, 2.3],  # 18 cut
    ]
)


def smoothstep(x: np.ndarray | float, low: float, high: float) -> np.ndarray:
    """0 below `low`, 1 above `high`, smooth in between; `low` may be the greater."""
    t = np.clip((np.asarray(x, dtype=float) - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def bump(
    x: np.ndarray, z: np.ndarray, centre: tuple[float, float], size: tuple[float, float]
) -> np.ndarray:
    """Gaussian hill of height 1 in the plane of the face."""
    return np.exp(-(((x - centre[0]) / size[0]) ** 2) - ((z - centre[1]) / size[1]) ** 2)


def spline(x: np.ndarray, knots: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Natural cubic spline through (knots, values), evaluated at x; values (n,) or (n, c)."""
    order = np.argsort(knots)
    knots, values = np.asarray(knots, float)[order], np.asarray(values, float)[order]
    n = len(knots)
    h = np.diff(knots)
    slope = np.diff(values, axis=0) / (h if values.ndim == 1 else h[:, None])
    matrix = np.eye(n)
    right = np.zeros_like(values)
    for i in range(1, n - 1):
        matrix[i, i - 1 : i + 2] = h[i - 1], 2.0 * (h[i - 1] + h[i]), h[i]
        right[i] = 6.0 * (slope[i] - slope[i - 1])
    second = np.linalg.solve(matrix, right)
    x = np.clip(np.asarray(x, float), knots[0], knots[-1])
    k = np.clip(np.searchsorted(knots, x) - 1, 0, n - 2)
    step = h[k]
    a, b = (knots[k + 1] - x) / step, (x - knots[k]) / step
    if values.ndim > 1:
        a, b, step = a[..., None], b[..., None], step[..., None]
    curve = (a**3 - a) * second[k] + (b**3 - b) * second[k + 1]
    return a * values[k] + b * values[k + 1] + curve * step**2 / 6.0


def loft(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Points of the plain head, before the face is sculpted on it.

    Parameters
    ----------
    u, v : ndarray, same shape (...)
        Angle 0-180 degrees and ring number 0-18.

    Returns
    -------
    ndarray, shape (..., 3)
        Millimetres, on the character's left (x >= 0).
    """
    ring = spline(v, np.arange(len(_RINGS)), _RINGS)
    zf, yf, xs, ys, zs, zb, yb, nf, nb = np.moveaxis(ring, -1, 0)
    sine, cosine = np.sin(np.radians(u)), np.cos(np.radians(u))
    front = cosine >= 0.0
    power = np.where(front, nf, nb)
    away = np.abs(cosine)
    # The radius of a superellipse; written in the angle so that columns stay evenly spaced.
    radius = (np.maximum(sine, 0.0) ** power + away**power) ** (-1.0 / power)
    x = xs * radius * sine
    y = ys + (np.where(front, yf, yb) - ys) * radius * away
    z = zs + (np.where(front, zf, zb) - zs) * away**2
    return np.stack([x, y, z], axis=-1)


def locate(x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The (u, v) whose loft point has the given x and z, on the front of the face (Newton)."""
    x, z = np.asarray(x, float), np.asarray(z, float)
    u = np.degrees(np.arcsin(np.clip(x / 66.0, 0.0, 0.95)))
    rows = _RINGS[1:12, 0][::-1]
    v = np.interp(z, rows, np.arange(11, 0, -1, dtype=float))
    step = 1e-3
    for _ in range(12):
        here, du, dv = loft(u, v), loft(u + step, v), loft(u, v + step)
        xu, zu = (du - here)[..., 0] / step, (du - here)[..., 2] / step
        xv, zv = (dv - here)[..., 0] / step, (dv - here)[..., 2] / step
        ex, ez = x - here[..., 0], z - here[..., 2]
        det = xu * zv - xv * zu
        u = np.clip(u + np.clip((ex * zv - ez * xv) / det, -8.0, 8.0), 0.0, 89.0)
        v = np.clip(v + np.clip((ez * xu - ex * zu) / det, -0.6, 0.6), 1.0, 11.5)
    return u, v


# z, height over the loft, half width of the nose.
_NOSE = np.array(
    [
        [98.0, 0.0, 13.0],
        [84.0, 0.4, 10.5],
        [72.0, 1.8, 8.0],
        [62.0, 5.0, 7.4],
        [52.0, 9.8, 7.8],
        [44.0, 14.0, 8.6],
        [38.5, 16.8, 9.4],
        [34.5, 17.4, 10.0],
        [31.0, 16.0, 10.4],
        [28.0, 12.4, 10.6],
        [25.0, 6.6, 10.6],
        [22.0, 2.4, 10.2],
        [18.0, 0.5, 9.0],
        [12.0, 0.0, 9.0],
    ]
)

# Centre (x, z), size (x, z), displacement (x, y, z) of the soft forms of one half of the face.
_FORMS = np.array(
    [
        [34.0, 65.5, 17.0, 13.5, 0.0, 6.5, 0.0],  # eye socket
        [16.5, 66.0, 7.0, 11.0, 0.0, 1.2, 0.0],  # beside the bridge of the nose
        [29.0, 90.0, 21.0, 8.0, 0.0, -3.0, 0.0],  # brow ridge
        [47.0, 84.0, 12.0, 10.0, 1.0, -2.2, 0.0],  # outer brow
        [45.0, 40.0, 15.0, 13.0, 2.2, -4.2, 0.0],  # cheekbone
        [30.0, 36.0, 13.0, 14.0, 0.0, -3.0, 0.0],  # apple of the cheek
        [50.0, 6.0, 13.0, 15.0, -1.4, 1.0, 0.0],  # hollow under it
        [0.0, 33.5, 8.0, 6.5, 0.0, -4.4, 0.0],  # tip of the nose
        [13.4, 27.8, 4.8, 5.2, 1.2, -7.4, 0.0],  # wing of the nose
        [21.5, 28.0, 4.0, 7.0, 0.0, 1.3, 0.0],  # crease beside it
        [24.0, 16.0, 6.0, 12.0, 0.0, 1.2, 0.0],  # nasolabial fold
        [0.0, 8.0, 17.0, 13.0, 0.0, -3.6, 0.0],  # upper lip's mound
        [0.0, 12.0, 2.8, 8.0, 0.0, 1.1, 0.0],  # philtrum
        [4.2, 12.0, 2.0, 8.0, 0.0, -0.5, 0.0],  # its ridges
        [0.0, -7.0, 17.0, 8.0, 0.0, -2.8, 0.0],  # lower lip's mound
        [0.0, -17.5, 16.0, 5.0, 0.0, 1.6, 0.0],  # furrow over the chin
        [0.0, -31.0, 15.0, 11.0, 0.0, -5.4, 0.0],  # chin
        [28.0, -2.0, 5.0, 7.0, 0.0, 1.6, 0.0],  # dents beside the mouth
        [0.0, 126.0, 42.0, 26.0, 0.0, -2.0, 0.0],  # forehead
        [62.0, 92.0, 9.0, 18.0, -2.0, 0.6, 0.0],  # temple
    ]
)


def nose_height(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """How far the nose stands out from the loft, mm."""
    height = np.maximum(spline(z, _NOSE[:, 0], _NOSE[:, 1]), 0.0)
    width = spline(z, _NOSE[:, 0], _NOSE[:, 2])
    q = np.abs(x) / width
    return height * np.exp(-(q**1.85))


def sculpt(points: np.ndarray) -> np.ndarray:
    """The face on the loft: points (..., 3) of the loft, mm, moved to the skin."""
    x, y, z = np.moveaxis(points, -1, 0)
    facing = smoothstep(y, -15.0, -45.0)[..., None] * smoothstep(z, -60.0, -45.0)[..., None]
    moved = np.zeros_like(points)
    for cx, cz, sx, sz, *shift in _FORMS:
        hill = bump(x, z, (cx, cz), (sx, sz))
        if cx == 0.0:
            hill = bump(x, z, (0.0, cz), (sx, sz))
        moved += hill[..., None] * np.array(shift)
    moved[..., 1] -= nose_height(x, z)
    return points + moved * facing
