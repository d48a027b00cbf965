"""Eyeballs, and the spark of light on them."""

from __future__ import annotations

import numpy as np

from .lids import EYE_CENTRE, EYE_RADIUS
from .part import Part, sheet

__all__ = ["caruncle", "eyeball", "spark"]

# Angle from the line of sight in degrees, depth under the sphere in mm, material behind it.
_RINGS = (
    (6.0, 1.35, "pupil"),
    (12.0, 1.3, "iris"),
    (18.0, 1.05, "iris"),
    (24.5, 0.6, "iris"),
    (28.5, 0.15, "limbus"),
    (31.0, 0.0, "eye_white"),
    (38.0, 0.0, "eye_white"),
    (50.0, 0.0, "eye_white"),
    (66.0, 0.0, "eye_white"),
    (84.0, 0.0, "eye_white"),
    (104.0, 0.0, "eye_white"),
    (126.0, 0.0, "eye_white"),
    (150.0, 0.0, "eye_white"),
)
_SEGMENTS = 32


def _on_ball(polar: np.ndarray, around: np.ndarray, depth: np.ndarray | float = 0.0) -> np.ndarray:
    radius = EYE_RADIUS - depth
    direction = np.stack(
        [np.sin(polar) * np.sin(around), -np.cos(polar), np.sin(polar) * np.cos(around)], axis=-1
    )
    return EYE_CENTRE + np.asarray(radius)[..., None] * direction


def eyeball() -> Part:
    """The left eyeball, mm; it looks to -y."""
    polar = np.radians([ring[0] for ring in _RINGS])[:, None]
    depth = np.array([ring[1] for ring in _RINGS])[:, None]
    around = np.linspace(0.0, 2.0 * np.pi, _SEGMENTS, endpoint=False)[None, :]
    points = _on_ball(*np.broadcast_arrays(polar, around, depth))
    bands = np.array([ring[2] for ring in _RINGS[:-1]], object)
    front = EYE_CENTRE - np.array([0.0, EYE_RADIUS - 1.4, 0.0])
    back = EYE_CENTRE + np.array([0.0, EYE_RADIUS, 0.0])
    return sheet(points, bands, closed=True, start=front, end=back)


def spark() -> Part:
    """A small bright disc in front of the eye that stays when the eye turns, mm."""
    around = np.linspace(0.0, 2.0 * np.pi, 12, endpoint=False)
    centre = np.array([-3.4, 4.2])
    rows = []
    for size in (0.5, 1.0):
        flat = centre + size * np.stack([1.9 * np.sin(around), 2.3 * np.cos(around)], axis=1)
        depth = np.sqrt((EYE_RADIUS + 0.18) ** 2 - (flat**2).sum(axis=1))
        rows.append(EYE_CENTRE + np.stack([flat[:, 0], -depth, flat[:, 1]], axis=1))
    points = np.array(rows)
    return sheet(points, "spark", closed=True, start=points[0].mean(axis=0))


def caruncle() -> Part:
    """The pink bead in the inner corner of the left eye, mm."""
    polar = np.radians(np.array([25.0, 55.0, 90.0, 125.0, 155.0]))[:, None]
    around = np.linspace(0.0, 2.0 * np.pi, 10, endpoint=False)[None, :]
    size = np.array([2.8, 2.6, 2.2])
    middle = EYE_CENTRE + np.array([-15.2, -10.4, -2.4])
    ball = np.stack(
        np.broadcast_arrays(
            np.sin(polar) * np.sin(around), -np.cos(polar), np.sin(polar) * np.cos(around)
        ),
        axis=-1,
    )
    tips = np.array([[0.0, -1.0, 0.0], [0.0, 1.0, 0.0]])
    start, end = middle + size * tips
    return sheet(middle + size * ball, "caruncle", closed=True, start=start, end=end)
