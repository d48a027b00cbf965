"""Shapes of the lids, the eyeballs and the brows. Displacements in mm, of the left eye."""

from __future__ import annotations

import numpy as np

from .lids import EYE_CENTRE, EYE_RADIUS, LID_CLEARANCE, inner_reach, lid_edge
from .shapes_mouth import Rest
from .surface import smoothstep

__all__ = ["brow_shapes", "eye_shapes", "lid_lift"]

_MEET = 0.22
"""Where the lids meet, from the lower edge (0) to the upper (1)."""
_YAW, _UP, _DOWN = np.radians([27.0, 22.0, 27.0])


def _around(edge: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Angle and distance about the eye's left-right axis of points (n, 2) of the lids' edge."""
    depth = np.sqrt(np.maximum((EYE_RADIUS + LID_CLEARANCE) ** 2 - (edge**2).sum(axis=1), 1.0))
    depth += inner_reach(t)
    return np.arctan2(edge[:, 1], depth), np.hypot(edge[:, 1], depth)


def _tilted(points: np.ndarray, angle: np.ndarray, swell: np.ndarray | float = 0.0) -> np.ndarray:
    """Displacement of points turned up by `angle` (V,) about the eye and moved out by `swell`."""
    away = points - EYE_CENTRE
    radius = np.hypot(away[:, 1], away[:, 2])
    now = np.arctan2(away[:, 2], -away[:, 1])
    out = radius + swell
    moved = np.stack([away[:, 0], -out * np.cos(now + angle), out * np.sin(now + angle)], axis=1)
    return moved - away


class Lids:
    """The lids of the left eye: how far each vertex follows them, and how far they have to go."""

    def __init__(self, rest: Rest, column: int = 0) -> None:
        self.points = rest.points
        self.upper, self.lower = rest.fields.lid_upper[:, column], rest.fields.lid_lower[:, column]
        t = rest.fields.lid_t[:, column]
        one = np.ones_like(t)
        above, below = lid_edge(t, one), lid_edge(t, -one)
        angle, reach = _around(below * (1.0 - _MEET) + above * _MEET, t)
        angle_above, reach_above = _around(above, t)
        angle_below, reach_below = _around(below, t)
        self.fall, self.rise = angle - angle_above, angle - angle_below
        self.out_upper, self.out_lower = reach - reach_above, reach - reach_below
        self.open = np.sin(np.pi * np.clip(t, 0.0, 1.0))

    def closed(self, upper: float, lower: float, swell: float = 0.0) -> np.ndarray:
        """Displacement when the lids go these fractions of their way to where they meet."""
        angle = self.upper * self.fall * upper + self.lower * self.rise * lower
        out = swell * (self.upper * upper + self.lower * lower) * self.open
        out += self.upper * upper * self.out_upper + self.lower * lower * self.out_lower
        return _tilted(self.points, angle, out)

    def turned(self, upper: float, lower: float) -> np.ndarray:
        """Displacement when the middle of the lids turns up by these angles."""
        angle = (self.upper * upper + self.lower * lower) * self.open
        return _tilted(self.points, angle)


def eye_shapes(rest: Rest, ball: np.ndarray, fringe: np.ndarray) -> dict[str, np.ndarray]:
    """Shapes of the left eye.

    Parameters
    ----------
    rest : Rest
    ball : ndarray, shape (V,)
        1 on the left eyeball.
    fringe : ndarray, shape (V,)
        1 on the left lashes.
    """
    p = rest.points
    lids = Lids(rest)
    # Eyeballs sink a little in a blink, as real ones do; halfway it also keeps the straight path of
    # a shape key out of the ball.
    sunk = ball[:, None] * np.array([0.0, 1.0, 0.0])
    low = np.exp(-(((p[:, 0] - 33.5) / 18.0) ** 2) - (((p[:, 2] - 51.0) / 7.0) ** 2)) * rest.skin
    low *= (1.0 - lids.lower) * smoothstep(p[:, 1], -40.0, -55.0)
    bag = low[:, None] * np.array([0.0, -0.9, 1.9])

    def turn(yaw: float, pitch: float) -> np.ndarray:
        away = (p - EYE_CENTRE) * ball[:, None]
        x, y, z = away.T
        x, y = x * np.cos(yaw) - y * np.sin(yaw), x * np.sin(yaw) + y * np.cos(yaw)
        y, z = y * np.cos(pitch) + z * np.sin(pitch), -y * np.sin(pitch) + z * np.cos(pitch)
        return np.stack([x, y, z], axis=1) - away

    return {
        "eyeBlinkLeft": lids.closed(1.0, 1.0, 0.6) + sunk,
        "eyeSquintLeft": lids.closed(0.22, 1.3, 0.3) + bag,
        "eyeWideLeft": lids.turned(0.2, -0.04),
        "eyeLookUpLeft": turn(0.0, _UP) + lids.turned(0.17, 0.09),
        "eyeLookDownLeft": turn(0.0, -_DOWN) + lids.closed(0.5, -0.6, 0.2),
        "eyeLookInLeft": turn(-_YAW, 0.0),
        "eyeLookOutLeft": turn(_YAW, 0.0),
    }


def lid_lift(rest: Rest) -> np.ndarray:
    """The left lower lid pushed up by the cheek, mm (V, 3)."""
    return Lids(rest).closed(0.0, 0.55, 0.2)


def brow_shapes(rest: Rest, brows: np.ndarray) -> dict[str, np.ndarray]:
    """Shapes of the left brow and the forehead over it, and browInnerUp for both sides.

    Parameters
    ----------
    brows : ndarray, shape (V,)
        1 on the hairs of the brows.
    """
    x, y, z = rest.points.T
    lid = np.maximum(rest.fields.lid_upper.max(axis=1), rest.fields.lid_lower.max(axis=1))
    soft = (rest.skin * (1.0 - lid) + brows) * smoothstep(y, -35.0, -60.0)
    tall = np.where(
        z > 91.0, np.exp(-(((z - 91.0) / 24.0) ** 2)), np.exp(-(((z - 91.0) / 10.0) ** 2))
    )
    region = soft * tall
    side = np.abs(x)
    inner = region * (1.0 - smoothstep(side, 12.0, 36.0))
    outer = region * smoothstep(x, 12.0, 46.0) * (1.0 - smoothstep(x, 58.0, 72.0))
    whole = region * smoothstep(x, -7.0, 7.0) * (1.0 - smoothstep(x, 52.0, 68.0))
    knit = region * np.exp(-((x / 30.0) ** 2)) * smoothstep(x, -7.0, 7.0)

    def move(weight: np.ndarray, *shift: float) -> np.ndarray:
        return weight[:, None] * np.array(shift)

    return {
        "browInnerUp": move(inner, 0.0, -0.3, 7.5),
        "browOuterUpLeft": move(outer, 0.6, 0.6, 7.5) + move(whole, 0.0, 0.0, 0.6),
        "browDownLeft": move(whole, 0.0, -0.8, -5.0) + move(knit, -3.2, -1.4, -3.0),
    }
