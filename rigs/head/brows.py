"""Brows and lashes. They lie on the skin and are carried by it."""

from __future__ import annotations

import numpy as np

from .lids import EYE_CENTRE, EYE_RADIUS, LID_CLEARANCE, inner_reach, lid_edge
from .part import Part, sheet
from .surface import locate, loft, sculpt, spline

__all__ = ["brow", "lashes"]

# From the inner end (0) to the outer (1): x, z of the middle line and half the height, mm.
_BROW = np.array(
    [
        [0.0, 13.5, 91.0, 2.6],
        [0.12, 18.0, 91.8, 3.5],
        [0.35, 27.5, 93.6, 3.5],
        [0.62, 39.0, 94.8, 2.9],
        [0.82, 48.5, 92.9, 2.0],
        [1.0, 56.5, 88.4, 0.5],
    ]
)


def brow() -> Part:
    """The left brow, mm."""
    t = 0.5 - 0.5 * np.cos(np.linspace(0.0, np.pi, 24))
    x, z, tall = (spline(t, _BROW[:, 0], _BROW[:, i]) for i in (1, 2, 3))
    rows = []
    # Both ends are round, the inner one broad.
    blunt = np.sqrt(np.clip(1.0 - (1.0 - np.clip(t / 0.09, 0.0, 1.0)) ** 2, 0.0, 1.0))
    thin = np.clip((1.0 - t) * 5.0 + 0.1, 0.0, 1.0) * blunt
    for up, out in ((1.0, -0.8), (0.8, 0.9), (0.25, 1.6), (-0.4, 1.5), (-0.85, 0.8), (-1.0, -0.8)):
        skin = sculpt(loft(*locate(x, z + up * tall * (0.06 + 0.94 * blunt))))
        normal = skin - np.array([0.0, -30.0, 0.0]) - (skin * [0.0, 0.0, 1.0])
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        rows.append(skin + normal * (out * np.where(out > 0.0, thin, 1.0))[:, None])
    points = np.array(rows)
    return sheet(points, "brows")


def lashes() -> Part:
    """The upper lashes of the left eye as one curved fringe, mm."""
    t = np.linspace(0.02, 1.0, 26)
    edge = lid_edge(t, np.ones_like(t))
    radius = EYE_RADIUS + LID_CLEARANCE
    depth = np.sqrt(np.maximum(radius**2 - (edge**2).sum(axis=1), 1.0))
    root = EYE_CENTRE + np.stack([edge[:, 0], -depth - inner_reach(t), edge[:, 1]], axis=1)
    out = (root - EYE_CENTRE) / np.linalg.norm(root - EYE_CENTRE, axis=1, keepdims=True)
    length = 0.9 + 3.6 * t**1.6 * np.clip((1.02 - t) / 0.16, 0.0, 1.0) ** 0.7
    rows = []
    for far, lift in (
        (0.35, 0.15),
        (0.45, 0.5),
        (0.75, 0.45),
        (1.0, 1.0),
        (0.7, 0.1),
        (0.35, -0.1),
    ):
        reach = np.maximum(length * far, 2.0)
        move = out * reach[:, None] + np.array([0.12, 0.0, 0.75]) * (length * far * lift)[:, None]
        rows.append(root + move)
    return sheet(np.array(rows)[::-1], "lashes")
