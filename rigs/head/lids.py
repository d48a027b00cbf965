"""The rings of the eyes: from the face over the lids, round their edge and behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = [
    "EYE_CENTRE",
    "EYE_RADIUS",
    "EYE_RINGS",
    "LID_CLEARANCE",
    "EyeRing",
    "eye_parameter",
    "eye_ring",
    "inner_reach",
    "lid_edge",
    "outside_eye",
]

EYE_CENTRE = np.array([34.0, -65.4, 65.5])
"""Centre of the left eyeball, mm."""
EYE_RADIUS = 18.6
LID_CLEARANCE = 0.7
"""Between the eyeball and the inside of the lids, mm."""
_LID_THICKNESS = 1.7
_INNER, _OUTER = np.array([-17.4, -2.8]), np.array([17.6, 2.0])
_UPPER_HEIGHT, _LOWER_HEIGHT = 9.3, 7.8


@dataclass(frozen=True)
class EyeRing:
    """One ring: `across` from the block's rim (0) to the lid's edge (1), pressed in by `crease` mm;
    or on a sphere, `over` mm outside the eyeball, the opening widened by `widen`.
    """

    material: str
    across: float = 0.0
    over: float = 0.0
    widen: float = 1.0
    crease: float = 0.0


EYE_RINGS = (
    EyeRing("skin", across=0.36),
    EyeRing("skin", across=0.68, crease=-0.5),
    EyeRing("skin", across=0.86, crease=1.5),
    EyeRing("skin", over=LID_CLEARANCE + _LID_THICKNESS + 0.2, widen=1.15),
    EyeRing("skin", over=LID_CLEARANCE + _LID_THICKNESS, widen=1.03),
    EyeRing("skin", over=LID_CLEARANCE + 0.1, widen=1.0),
    EyeRing("skin", over=LID_CLEARANCE, widen=1.14),
    EyeRing("skin", over=LID_CLEARANCE, widen=1.4),
)


def eye_parameter(count: int) -> tuple[np.ndarray, np.ndarray]:
    """For the points of a ring: 0 at the nose to 1 at the temple, and +1 above or -1 below."""
    half = count // 2
    inner, outer = count - 2, half - 2
    k = np.arange(count)
    above = (k <= outer) | (k >= inner)
    t = np.where(above, (k - inner) % count / half, (inner - k) / half)
    side = np.where(above, 1.0, -1.0)
    side[[inner, outer]] = 0.0
    return t, side


def lid_edge(t: np.ndarray, side: np.ndarray) -> np.ndarray:
    """x and z of the lids' edge about the centre of the eye, mm; (n, 2)."""
    along = 0.5 - 0.5 * np.cos(np.pi * t)
    along = 0.45 * along + 0.55 * t
    line = _INNER + (_OUTER - _INNER) * along[:, None]
    upper = _UPPER_HEIGHT * np.sin(np.pi * along**0.9) ** 0.85
    lower = -_LOWER_HEIGHT * np.sin(np.pi * along**1.1) ** 0.9
    line[:, 1] += np.where(side > 0.0, upper, np.where(side < 0.0, lower, 0.0))
    return line


def inner_reach(t: np.ndarray) -> np.ndarray:
    """How far the inner corner of the eye lies before the ball, towards the nose, mm."""
    return 4.6 * (1.0 - np.clip(t / 0.34, 0.0, 1.0)) ** 1.6


def outside_eye(points: np.ndarray, over: float) -> np.ndarray:
    """Points of the skin pushed out of the left eyeball, softly, to `over` mm outside it."""
    away = points - EYE_CENTRE
    distance = np.linalg.norm(away, axis=-1, keepdims=True)
    least = EYE_RADIUS + over
    soft = 1.2
    out = least + soft * np.logaddexp(0.0, (distance - least) / soft)
    return np.where(distance < least + 12.0, EYE_CENTRE + away / distance * out, points)


def eye_ring(
    ring: EyeRing, start: np.ndarray, lifted: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Points of one ring of the left eye.

    Parameters
    ----------
    ring : EyeRing
    start : ndarray, shape (n, 2)
        x and z of the rim of the block that the eye fills.
    lifted : callable
        Puts points (n, 2) of the face plane on the skin.

    Returns
    -------
    ndarray, shape (n, 3), mm
    """
    t, side = eye_parameter(len(start))
    edge = lid_edge(t, side)
    if ring.over > 0.0:
        radius = EYE_RADIUS + ring.over
        flat = edge * ring.widen
        # Behind the corners the ring must stay on the ball, not come out through the temple.
        far = np.linalg.norm(flat, axis=1, keepdims=True)
        flat *= np.minimum(1.0, 0.955 * radius / np.maximum(far, 1e-6))
        depth = np.sqrt(np.maximum(radius**2 - (flat**2).sum(axis=1), 1.0))
        return EYE_CENTRE + np.stack([flat[:, 0], -depth - inner_reach(t), flat[:, 1]], axis=1)
    target = edge * 1.16 + EYE_CENTRE[[0, 2]]
    plane = start * (1.0 - ring.across) + target * ring.across
    points = outside_eye(lifted(plane), LID_CLEARANCE + _LID_THICKNESS + 0.4)
    inward = (EYE_CENTRE - points) / np.linalg.norm(EYE_CENTRE - points, axis=1, keepdims=True)
    fold = ring.crease * np.where(side > 0.0, 1.0, 0.25) * np.sin(np.pi * np.clip(t, 0.0, 1.0))
    return points + inward * fold[:, None]
