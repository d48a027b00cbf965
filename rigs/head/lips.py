"""The rings of the mouth: from the face over the lips into the pocket with teeth and tongue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .surface import smoothstep, spline

__all__ = [
    "MOUTH_HALF_WIDTH",
    "MOUTH_RINGS",
    "MouthRing",
    "lip_line",
    "mouth_parameter",
    "mouth_ring",
]

MOUTH_HALF_WIDTH = 25.0
"""Rest position of the corners, mm."""

# From the middle (0) to the corner (1): height of the lip line and of the two red borders, mm.
_S = np.array([0.0, 0.12, 0.24, 0.42, 0.62, 0.82, 1.0])
_LINE = np.array([-0.9, -0.5, 0.1, 0.2, 0.2, 0.6, 1.3])
_UPPER = np.array([6.3, 6.8, 7.3, 6.5, 4.9, 3.2, 1.5])
_LOWER = np.array([-9.0, -8.9, -8.5, -7.2, -5.0, -2.0, 1.1])


@dataclass(frozen=True)
class MouthRing:
    """One ring of a kind.

    ``"face"``: `across` runs from the block's rim (0) to the red border (1). ``"lip"``: `across`
    runs from the border (0) to the lip line (1), `forward` is the bulge in mm and `apart` half the
    opening. ``"pocket"``: half width, half height, and y in the middle and at the side.
    """

    kind: str
    material: str
    across: float = 0.0
    forward: float = 0.0
    apart: float = 0.0
    pocket: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


MOUTH_RINGS = (
    MouthRing("face", "skin", 0.3),
    MouthRing("face", "skin", 0.58),
    MouthRing("face", "skin", 0.82),
    MouthRing("face", "skin", 1.0, 0.5),
    MouthRing("lip", "lips", 0.3, 2.2),
    MouthRing("lip", "lips", 0.64, 3.1),
    MouthRing("lip", "lips", 0.9, 2.2, 0.04),
    MouthRing("lip", "lips", 1.0, 0.4, 0.05),
    MouthRing("lip", "lips", 1.0, -2.2, 0.5),
    MouthRing("lip", "mouth", 1.0, -4.6, 4.0),
    MouthRing("lip", "mouth", 1.0, -5.2, 9.0),
    MouthRing("pocket", "mouth", pocket=(30.0, 12.5, -89.5, -66.0)),
    MouthRing("pocket", "mouth", pocket=(33.0, 16.0, -78.0, -56.0)),
    MouthRing("pocket", "mouth", pocket=(30.0, 18.0, -55.0, -44.0)),
    MouthRing("pocket", "mouth", pocket=(22.0, 12.0, -36.0, -34.0)),
)


def mouth_parameter(count: int) -> tuple[np.ndarray, np.ndarray]:
    """For the points of half a ring: 0 in the middle to 1 at the corner, +1 above and -1 below."""
    middle = count // 2
    k = np.arange(count)
    side = np.where(k < middle, 1.0, np.where(k > middle, -1.0, 0.0))
    return 1.0 - np.abs(k - middle) / middle, side


def lip_line(s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """x and z of the line where the lips touch, mm."""
    return MOUTH_HALF_WIDTH * (1.0 - (1.0 - s) ** 1.3), spline(s, _S, _LINE)


def mouth_ring(
    ring: MouthRing, start: np.ndarray, lifted: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Points of one ring of the left half, from above the middle round the corner to below it.

    Parameters
    ----------
    ring : MouthRing
    start : ndarray, shape (n, 2)
        x and z of the rim of the block that the mouth fills.
    lifted : callable
        Puts points (n, 2) of the face plane on the skin.

    Returns
    -------
    ndarray, shape (n, 3), mm
    """
    s, side = mouth_parameter(len(start))
    x, line = lip_line(s)
    if ring.kind == "pocket":
        width, height, front, back = ring.pocket
        angle = np.linspace(0.0, np.pi, len(start))
        x = width * np.sin(angle) ** 0.8
        y = front + (back - front) * (x / width) ** 2
        return np.stack([x, y, 1.0 + height * np.cos(angle)], axis=1)
    border = np.where(side >= 0.0, spline(s, _S, _UPPER), spline(s, _S, _LOWER))
    border = np.where(side == 0.0, line, border)
    full = (1.0 - s**2.2) ** 0.8
    edge = np.stack([x + 0.7 * (s == 1.0), border], axis=1)
    if ring.kind == "face":
        t = ring.across
        points = lifted(start * (1.0 - t) + edge * t)
        points[:, 1] -= ring.forward * full
        return points
    outer, touch = lifted(edge), lifted(np.stack([x, line], axis=1))
    touch[:, 1] -= 1.0 * full
    points = outer * (1.0 - ring.across) + touch * ring.across
    points[:, 1] -= ring.forward * np.where(ring.forward > 0.0, full * (1.0 - 0.12 * side), 1.0)
    points[:, 2] += side * ring.apart * np.where(ring.apart > 0.5, smoothstep(s, 1.25, 0.4), 1.0)
    return points
