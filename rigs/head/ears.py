"""The ears: a bowl with a rolled rim, set into the side of the head."""

from __future__ import annotations

import numpy as np

from .part import Part, sheet
from .surface import spline

__all__ = ["ear"]

_PLACE = np.array([69.5, 5.0, 41.0])
"""Middle of the left ear, mm."""
# Angle in degrees (0 back, 90 up, 180 front) and radius of the outline, mm.
_OUTLINE = np.array(
    [
        [-90, 27.0], [-60, 23.0], [-30, 19.0], [0, 19.5], [30, 23.0], [60, 28.0], [90, 30.5],
        [120, 27.0], [150, 18.5], [180, 13.5], [210, 12.0], [240, 16.5], [270, 27.0],
    ],
    float,
)  # fmt: skip
# Fraction of the radius; height at the back half, and at the front where it meets the face, mm.
_PROFILE = np.array(
    [
        [0.16, -7.0, -6.5],
        [0.34, -7.0, -6.0],
        [0.47, -4.0, -4.0],
        [0.57, 0.2, -1.5],
        [0.65, 1.2, 0.0],
        [0.74, 0.2, -0.6],
        [0.82, -0.8, -1.6],
        [0.89, 0.8, -2.0],
        [0.96, 2.8, -2.4],
        [1.01, 2.9, -3.2],
        [1.02, 0.8, -5.0],
        [0.95, -1.0, -8.0],
        [0.72, -4.5, -12.0],
        [0.5, -12.0, -14.0],
    ]
)


def ear() -> Part:
    """The left ear, mm; open where it is sunk in the head."""
    degrees = np.linspace(-90.0, 270.0, 32, endpoint=False)
    outline = spline(degrees, _OUTLINE[:, 0], _OUTLINE[:, 1])
    angle = np.radians(degrees)
    front = np.clip(-np.cos(angle) * 1.3, 0.0, 1.0) ** 1.2
    lobe = np.exp(-(((degrees + 78.0) / 38.0) ** 2)) + np.exp(-(((degrees - 282.0) / 38.0) ** 2))
    back = np.array([0.40, 0.9165, 0.0])
    up = np.array([0.10, 0.18, 0.978])
    up = up - back * (up @ back)
    up /= np.linalg.norm(up)
    out = np.cross(back, up)
    rows = []
    for fraction, height_back, height_front in _PROFILE:
        height = height_back * (1.0 - front) + height_front * front
        # The lobe is a plain cushion: no bowl, no rim.
        cushion = 1.6 * (1.0 - fraction**4) - 0.8 if fraction < 1.015 else height
        height = height * (1.0 - 0.85 * lobe) + 0.85 * lobe * cushion
        tragus = 5.5 * np.exp(-(((degrees - 192.0) / 26.0) ** 2) - ((fraction - 0.72) / 0.2) ** 2)
        if fraction < 1.015:
            height = height + tragus
        radius = outline * fraction
        rows.append(
            _PLACE
            + (radius * np.cos(angle))[:, None] * back
            + (radius * np.sin(angle))[:, None] * up
            + height[:, None] * out
        )
    points = np.array(rows)
    return sheet(points[:, ::-1], "skin", closed=True, start=points[0].mean(axis=0))
