"""Shapes of the jaw, the lips and the tongue. Displacements in mm on the character's axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .fields import Fields
from .lips import MOUTH_HALF_WIDTH
from .surface import bump, smoothstep

__all__ = ["Rest", "jaw_shapes", "lip_shapes"]

_HINGE = np.array([0.0, -7.0, 31.0])
"""Axis of the jaw, mm."""
_OPEN = np.radians(16.0)


@dataclass(frozen=True)
class Rest:
    """The head at rest.

    Attributes
    ----------
    points : ndarray, shape (V, 3)
        Millimetres.
    fields : Fields
    skin, tongue : ndarray, shape (V,)
        1 where the vertex belongs to it.
    contact_upper, contact_lower : ndarray, shape (n,)
        Vertices of the lips where they touch, from the right corner to the left.
    """

    points: np.ndarray
    fields: Fields
    skin: np.ndarray
    tongue: np.ndarray
    contact_upper: np.ndarray
    contact_lower: np.ndarray


def _turned(points: np.ndarray, centre: np.ndarray, angle: np.ndarray, axis: int) -> np.ndarray:
    """Displacement of points turned about an axis by an angle (V,)."""
    a, b = [(1, 2), (2, 0), (0, 1)][axis]
    away = points - centre
    cosine, sine = np.cos(angle), np.sin(angle)
    move = np.zeros_like(points)
    move[:, a] = away[:, a] * (cosine - 1.0) - away[:, b] * sine
    move[:, b] = away[:, a] * sine + away[:, b] * (cosine - 1.0)
    return move


def _vector(weight: np.ndarray, *shift: float) -> np.ndarray:
    return weight[:, None] * np.array(shift)


def jaw_shapes(rest: Rest) -> dict[str, np.ndarray]:
    """The jaw and what hangs on it; `mouthClose` undoes `jawOpen` on the lips."""
    p, f = rest.points, rest.fields
    jaw = f.jaw
    opened = _turned(p, _HINGE, jaw * _OPEN, 0) + _vector(jaw, 0.0, -2.0, -1.0)
    corner = f.corner - f.corner_right
    opened += _vector(corner, -2.6, -0.5, 0.0) + _vector(f.upper + f.upper_right, 0.0, 0.0, 0.8)
    hollow = (
        bump(np.abs(p[:, 0]), p[:, 2], (46.0, -2.0), (12.0, 18.0)) * rest.skin * (p[:, 1] < -20)
    )
    opened += _vector(hollow * np.sign(p[:, 0]), -1.6, 0.0, 0.0)
    side = _turned(p, np.array([0.0, 10.0, 0.0]), jaw * 0.075, 2)
    return {
        "jawOpen": opened,
        "jawForward": _vector(jaw, 0.0, -6.0, -0.6),
        "jawLeft": side,
        "jawRight": side * [-1.0, 1.0, 1.0],
        "mouthClose": _close(rest, opened),
    }


def _close(rest: Rest, opened: np.ndarray) -> np.ndarray:
    """Brings both lips of the open jaw to one line.

    Both edges of a pair get the same sum of jawOpen and mouthClose, so they keep the distance they
    have at rest, at every weight that the two shapes share.
    """
    x = rest.points[:, 0]
    above, below = rest.contact_upper, rest.contact_lower
    share = 0.42
    line = opened[above] * (1.0 - share) + opened[below] * share
    line[:, 1] = np.minimum(opened[above][:, 1], line[:, 1])
    target = np.stack([np.interp(x, x[above], line[:, i]) for i in range(3)], axis=1)
    lips = np.clip(rest.fields.lips, 0.0, 1.0)[:, None]
    return lips * (target - opened)


def _roll(rest: Rest, weight: np.ndarray, angle: float, edge: np.ndarray) -> np.ndarray:
    """A lip turned about the line just behind where it touches the other."""
    p = rest.points
    x = p[edge, 0]
    centre = np.stack(
        [p[:, 0], np.interp(p[:, 0], x, p[edge, 1]) + 3.5, np.interp(p[:, 0], x, p[edge, 2])],
        axis=1,
    )
    return _turned(p, centre, weight * angle, 0)


def lip_shapes(rest: Rest) -> dict[str, np.ndarray]:
    """All shapes of the lips and the tongue."""
    p, f = rest.points, rest.fields
    x, _, z = p.T
    lips = f.lips
    upper, lower = f.upper + f.upper_right, f.lower + f.lower_right
    corner = f.corner + f.corner_right
    across = np.clip(x / MOUTH_HALF_WIDTH, -1.5, 1.5)
    inward = _vector(lips * across, -1.0, 0.0, 0.0)
    chin = bump(x, z, (0.0, -30.0), (17.0, 11.0)) * rest.skin * smoothstep(p[:, 1], -55.0, -75.0)
    roll_up = _roll(rest, f.roll_upper, 1.0, rest.contact_upper)
    roll_low = _roll(rest, f.roll_lower, -1.0, rest.contact_lower)
    funnel = (
        inward * 8.0
        + _vector(upper, 0.0, -7.0, 4.0)
        + _vector(lower, 0.0, -7.0, -5.0)
        + _vector(corner, 0.0, -4.5, -0.5)
        - 0.32 * roll_up
        - 0.32 * roll_low
    )
    pucker = (
        inward * 12.5
        + _vector(upper, 0.0, -8.0, -0.5)
        + _vector(lower, 0.0, -7.4, 0.3)
        + _vector(corner, 0.0, -6.5, 0.0)
        - 0.12 * roll_up
        - 0.12 * roll_low
        + _vector(chin, 0.0, -0.5, 1.5)
    )
    shift = _vector(lips, 8.0, 0.0, 0.0) + _vector(f.corner, 1.0, 2.6, 1.0)
    shift += _vector(f.corner_right, 0.0, -1.5, 0.5)
    shapes = {
        "mouthFunnel": funnel,
        "mouthPucker": pucker,
        "mouthLeft": shift,
        "mouthRollLower": 1.2 * roll_low + _vector(lower, 0.0, 3.4, 1.2),
        "mouthRollUpper": 1.05 * roll_up + _vector(upper, 0.0, 2.0, -0.9),
        "mouthShrugLower": _vector(lower, 0.0, -1.2, 4.2) + _vector(upper, 0.0, -0.8, 4.0)
        + _vector(corner, 0.0, 0.0, 1.2) - 0.1 * roll_low + _vector(chin, 0.0, -1.6, 5.0),
        "mouthShrugUpper": _vector(upper, 0.0, -2.6, 2.4) + _vector(lower, 0.0, -0.6, 1.6)
        - 0.16 * roll_up,
    }  # fmt: skip
    shapes |= _sided(rest, chin)
    shapes["tongueOut"] = (
        _tongue(rest) + _vector(upper, 0.0, -0.6, 2.0) + _vector(lower, 0.0, -1.5, -5.0)
    )
    return shapes


def _sided(rest: Rest, chin: np.ndarray) -> dict[str, np.ndarray]:
    """Shapes that exist on both sides; those of the left."""
    p, f = rest.points, rest.fields
    x, y, z = p.T
    left = smoothstep(x, -9.0, 9.0)
    face = rest.skin * smoothstep(y, -25.0, -45.0)
    cheek = bump(x, z, (36.0, 38.0), (15.0, 14.0)) * face * (1.0 - f.lid_lower[:, 0])
    fold = bump(x, z, (29.0, 17.0), (6.0, 15.0)) * face
    dent = bump(x, z, (33.0, 0.0), (5.0, 8.0)) * face
    bag = bump(x, z, (34.0, 50.0), (16.0, 7.0)) * face * (1.0 - f.lid_lower[:, 0])
    wing = bump(x, z, (14.0, 28.0), (6.5, 8.0)) * face
    chin = chin * left
    roll_up = _roll(rest, f.roll_upper * left, 1.0, rest.contact_upper)
    roll_low = _roll(rest, f.roll_lower * left, -1.0, rest.contact_lower)
    return {
        "mouthSmileLeft": _vector(f.corner, 9.5, 5.5, 9.0) + _vector(f.upper, 1.5, 1.8, 1.4)
        + _vector(f.lower, 2.0, 1.6, 0.6) + _vector(cheek, 1.5, -3.6, 4.0)
        + _vector(fold, 1.5, 1.2, 1.0),
        "mouthFrownLeft": _vector(f.corner, 1.0, 0.5, -8.5) + _vector(f.upper, 0.0, 0.0, -1.2)
        + _vector(f.lower, 0.0, -0.6, -0.9) + _vector(chin, 0.0, -1.0, 1.5),
        "mouthDimpleLeft": _vector(f.corner, 5.5, 4.5, 0.8) + _vector(f.upper, 1.0, 0.6, 0.0)
        + _vector(f.lower, 1.0, 0.6, 0.0) + _vector(dent, 1.0, 1.6, 0.0),
        "mouthStretchLeft": _vector(f.corner, 10.0, 5.5, -4.0) + _vector(f.upper, 2.5, 1.0, -0.2)
        + _vector(f.lower, 2.5, 0.8, -2.0),
        "mouthPressLeft": 0.5 * roll_up + 0.55 * roll_low + _vector(f.corner, 1.5, 1.2, 0.0)
        + _vector(f.upper, 0.3, 0.7, -1.1) + _vector(f.lower, 0.3, 0.7, 1.1),
        "mouthLowerDownLeft": _vector(f.lower, 1.0, -0.6, -8.5) + _vector(f.corner, 0.8, 0.3, -1.6)
        - 0.12 * roll_low,
        "mouthUpperUpLeft": _vector(f.upper, 0.6, -0.4, 7.5) + _vector(f.corner, 0.4, 0.4, 1.6)
        + _vector(wing, 0.8, 0.0, 1.6) + _vector(fold, 0.5, -1.0, 2.0) - 0.1 * roll_up,
        "noseSneerLeft": _vector(wing, 1.2, -0.6, 4.6) + _vector(f.upper, 0.3, 0.0, 3.4)
        + _vector(bump(x, z, (10.0, 56.0), (7.0, 10.0)) * face, -0.5, -1.2, 2.2)
        + _vector(bump(x, z, (14.0, 88.0), (11.0, 9.0)) * face, -1.0, -0.6, -2.4)
        + _vector(cheek, 0.0, -0.8, 1.4),
        "cheekSquintLeft": _vector(cheek, 0.6, -2.6, 4.4)
        + _vector(bag, 0.0, -0.8, 2.0),
    }  # fmt: skip


def cheek_puff(rest: Rest) -> np.ndarray:
    """Both cheeks full of air."""
    x, y, z = rest.points.T
    face = rest.skin * smoothstep(y, -15.0, -40.0)
    hill = bump(np.abs(x), z, (41.0, 4.0), (15.0, 18.0)) * face
    puff = _vector(hill * np.sign(x), 8.5, 0.0, 0.0) + _vector(hill, 0.0, -4.0, 0.0)
    f = rest.fields
    lips = f.lips
    return (
        puff
        + _vector(lips, 0.0, -1.6, 0.0)
        + _vector(bump(x, z, (0.0, 12.0), (18.0, 7.0)) * face, 0.0, -1.6, 0.0)
    )


def _tongue(rest: Rest) -> np.ndarray:
    """The tongue forward and down over the lip; its root stays."""
    y, z = rest.points[:, 1], rest.points[:, 2]
    far = smoothstep(y, -36.0, -80.0) * rest.tongue
    middle = -9.0
    move = _vector(far, 0.0, -36.0, 6.5)
    move[:, 2] += far * (middle - z) * 0.3 - 10.0 * far**6
    move[:, 0] -= 0.2 * far * rest.points[:, 0]
    return move
