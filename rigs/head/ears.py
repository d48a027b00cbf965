"""The ears: a bowl with a rolled rim, set into the side of the head."""

from __future__ import annotations

import numpy as np

from .part import Part, sheet
from .surface import spline

__all__ = ["ear"]

_PLACE = np.array([72.5, 5.0, 41.0])
"""Middle of the left ear, mm."""
# Angle in degrees (0 back, 90 up, 180 front) and radius of the outline, mm.
_OUTLINE = np.array(
    [
        [-90, 25.5], [-60, 23.5], [-30, 19.0], [0, 19.5], [30, 23.0], [60, 28.0], [90, 30.5],
        [120, 27.0], [150, 18.5], [180, 13.5], [210, 12.0], [240, 18.0], [270, 25.5],
    ],
    float,
)  # fmt: skip
# Fraction of the radius; height at the back half, at the front where it meets the face, and at the
# lobe, which is a plain cushion, mm.
_PROFILE = np.array(
    [
        [0.15, -4.6, -4.2, 1.0],
        [0.32, -4.6, -4.0, 1.0],
        [0.46, -2.6, -3.0, 1.1],
        [0.56, 0.5, -1.6, 1.2],
        [0.65, 1.4, -0.6, 1.2],
        [0.74, 0.5, -0.6, 1.1],
        [0.82, -0.5, -1.2, 1.0],
        [0.89, 0.6, -2.0, 0.8],
        [0.95, 2.4, -2.8, 0.4],
        [1.00, 2.6, -3.6, -0.4],
        [1.02, 1.2, -5.0, -1.4],
        [0.97, -0.8, -7.0, -2.6],
        [0.80, -4.0, -9.0, -4.5],
        [0.60, -9.0, -11.0, -8.0],
    ]
)


def ear() -> Part:
    """The left ear, mm; open where it is sunk in the head."""
    degrees = np.linspace(-90.0, 270.0, 32, endpoint=False)
    outline = spline(degrees, _OUTLINE[:, 0], _OUTLINE[:, 1])
    angle = np.radians(degrees)
    front = np.clip(-np.cos(angle) * 1.3, 0.0, 1.0) ** 1.2
    from_lobe = (degrees + 76.0 + 180.0) % 360.0 - 180.0
    lobe = np.exp(-((from_lobe / 36.0) ** 2))
    back = np.array([0.40, 0.9165, 0.0])
    up = np.array([0.10, 0.18, 0.978])
    up = up - back * (up @ back)
    up /= np.linalg.norm(up)
    out = np.cross(back, up)
    rows = []
    for fraction, height_back, height_front, height_lobe in _PROFILE:
        height = height_back * (1.0 - front) + height_front * front
        height = height * (1.0 - lobe) + height_lobe * lobe
        tragus = np.exp(-(((degrees - 190.0) / 24.0) ** 2) - ((fraction - 0.68) / 0.14) ** 2)
        height = height + 3.6 * tragus * (fraction < 1.01)
        radius = outline * fraction
        rows.append(
            _PLACE
            + (radius * np.cos(angle))[:, None] * back
            + (radius * np.sin(angle))[:, None] * up
            + height[:, None] * out
        )
    points = np.array(rows)
    return sheet(points[:, ::-1], "skin", closed=True, start=points[0].mean(axis=0))
