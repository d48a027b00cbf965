"""Hair: a cap close to the skull and locks combed over it from a side parting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .part import Part, joined, sheet
from .surface import loft, smoothstep, spline

__all__ = ["hair"]

# Angle round the head in degrees and ring number where the hair ends.
_HAIRLINE = np.array(
    [
        [0.0, 2.42], [20.0, 2.44], [36.0, 2.55], [48.0, 2.9], [57.0, 3.55], [64.0, 4.5],
        [71.0, 5.5],
        [76.0, 6.0], [80.0, 5.5], [86.0, 4.7], [95.0, 4.4], [104.0, 4.6], [112.0, 5.6],
        [122.0, 7.2], [140.0, 8.2], [160.0, 8.5], [180.0, 8.55],
    ]
)  # fmt: skip
_AROUND = 8
_ALONG = 12


@dataclass(frozen=True)
class _Lock:
    """A lock: root, bend and tip on the skull as (angle, fraction of the way from the crown to the
    hairline), width and thickness in mm, height over the skull at root, middle and tip, a shade.
    """

    root: tuple[float, float]
    bend: tuple[float, float]
    tip: tuple[float, float]
    width: float
    thick: float
    lift: tuple[float, float, float]
    shade: float = 1.0


def _hairline(angle: np.ndarray | float) -> np.ndarray:
    return np.interp(np.abs(angle), _HAIRLINE[:, 0], _HAIRLINE[:, 1])


def _skull(disc: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points and outward normals over a flat map of the skull, (..., 2) to (..., 3).

    The crown is in the middle, the distance from it is the ring number, the angle that around the
    head.
    """

    def at(place: np.ndarray) -> np.ndarray:
        angle = np.degrees(np.arctan2(place[..., 0], place[..., 1]))
        point = loft(np.abs(angle), np.clip(np.hypot(place[..., 0], place[..., 1]), 0.02, 18.0))
        return point * np.stack([np.where(angle < 0.0, -1.0, 1.0), *[np.ones_like(angle)] * 2], -1)

    step = 0.03
    here = at(disc)
    right, ahead = np.array([step, 0.0]), np.array([0.0, step])
    across = at(disc + right) - at(disc - right)
    along = at(disc + ahead) - at(disc - ahead)
    normal = np.cross(across, along)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-9
    outward = here - [0.0, 6.0, 70.0]
    normal *= np.sign((normal * outward).sum(axis=-1, keepdims=True))
    return here, normal


def _place(angle: float, fraction: float) -> np.ndarray:
    distance = fraction * float(_hairline((angle + 180.0) % 360.0 - 180.0))
    return distance * np.array([np.sin(np.radians(angle)), np.cos(np.radians(angle))])


def _lock(lock: _Lock) -> tuple[Part, np.ndarray]:
    t = np.linspace(0.0, 1.0, _ALONG)[:, None]
    root, bend, tip = _place(*lock.root), _place(*lock.bend), _place(*lock.tip)
    disc = (1.0 - t) ** 2 * root + 2.0 * t * (1.0 - t) * bend + t**2 * tip
    point, normal = _skull(disc)
    lift = spline(t[:, 0], np.array([0.0, 0.5, 1.0]), np.array(lock.lift))
    centre = point + normal * lift[:, None]
    tangent = np.gradient(centre, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    side = np.cross(tangent, normal)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    up = np.cross(side, tangent)
    taper = smoothstep(t[:, 0], -0.12, 0.34) * np.sqrt(np.clip(1.0 - t[:, 0] ** 3.5, 0.0, 1.0))
    around = np.linspace(0.0, 2.0 * np.pi, _AROUND, endpoint=False)
    flat = np.sign(np.cos(around)) * np.abs(np.cos(around)) ** 0.9
    high = np.sin(around) * np.where(np.sin(around) > 0.0, 1.0, 0.45)
    wide = 0.5 * lock.width * taper[:, None] * flat[None, :]
    tall = lock.thick * (0.25 + 0.75 * taper)[:, None] * high[None, :] * smoothstep(t, 1.02, 0.85)
    rows = centre[:, None] + wide[..., None] * side[:, None] + tall[..., None] * up[:, None]
    part = sheet(rows[:, ::-1], "hair", closed=True, start=centre[0], end=centre[-1] + tangent[-1])
    # Lighter along the ridge and towards the tip, dark where locks lie side by side.
    light = (0.62 + 0.45 * np.clip(np.sin(around), 0.0, 1.0) ** 0.7)[None, :] * (0.84 + 0.26 * t)
    shade = lock.shade * np.concatenate(
        [light[:, ::-1].ravel(), [light[0].mean(), light[-1].mean()]]
    )
    return part, shade


def _cap() -> Part:
    angle = np.linspace(-180.0, 180.0, 64, endpoint=False)
    rows = []
    for fraction, lift in (
        (0.04, 9.0),
        (0.15, 9.5),
        (0.3, 9.5),
        (0.5, 8.5),
        (0.7, 6.5),
        (0.86, 4.6),
        (0.96, 3.2),
        (1.0, 1.2),
        (1.01, -2.5),
    ):
        distance = fraction * _hairline(angle)
        disc = distance[:, None] * np.stack(
            [np.sin(np.radians(angle)), np.cos(np.radians(angle))], 1
        )
        point, normal = _skull(disc)
        rows.append(point + normal * lift)
    points = np.array(rows)
    return sheet(points, "hair", closed=True, start=points[0].mean(axis=0))


def _shade(number: int) -> float:
    """A steady scatter of shades, 0.8-1.2."""
    return 0.8 + 0.4 * ((number * 0.618034) % 1.0)


def _style() -> list[_Lock]:
    locks: list[_Lock] = []

    def add(
        *where: tuple[float, float], width: float, thick: float, lift: tuple[float, float, float]
    ) -> None:
        locks.append(_Lock(where[0], where[1], where[2], width, thick, lift, _shade(len(locks))))

    # Nape and sides, lowest first.
    for sign in (1.0, -1.0):
        for angle in np.arange(110.0, 181.0, 11.0):
            add(
                (sign * (angle - 4), 0.62),
                (sign * angle, 0.85),
                (sign * (angle + 3), 1.06),
                width=26.0,
                thick=6.0,
                lift=(4.0, 5.5, 1.5),
            )
        for angle in (60.0, 68.0, 76.0, 86.0, 97.0, 108.0):
            add(
                (sign * (angle - 8), 0.5),
                (sign * angle, 0.76),
                (sign * (angle + 5), 1.04),
                width=22.0,
                thick=5.5,
                lift=(5.0, 6.0, 1.5),
            )
        for angle in np.arange(96.0, 181.0, 14.0):
            add(
                (sign * (angle - 12), 0.3),
                (sign * angle, 0.6),
                (sign * (angle + 4), 0.88),
                width=30.0,
                thick=7.0,
                lift=(8.0, 9.5, 4.0),
            )
        for angle in (50.0, 62.0, 74.0, 86.0):
            add(
                (sign * (angle - 12), 0.42),
                (sign * (angle + 2), 0.6),
                (sign * (angle + 24), 0.9),
                width=24.0,
                thick=6.5,
                lift=(7.0, 9.0, 4.5),
            )
    # From the crown down the back.
    for angle in (118.0, 139.0, 160.0, 181.0, 202.0, 223.0, 244.0):
        add(
            (angle, 0.1),
            (angle + 4.0, 0.4),
            (angle + 6.0, 0.74),
            width=31.0,
            thick=7.5,
            lift=(6.0, 12.5, 6.5),
        )
    # From the parting over the top to the right, back to front.
    for k, t in enumerate(np.linspace(1.0, 0.0, 9)):
        root_angle, root = 20.0 + 110.0 * t**2, 0.86 - 0.62 * t
        tip_angle = -(52.0 + 118.0 * t)
        add(
            (root_angle, root),
            (-30.0 - 90.0 * t, 0.42),
            (tip_angle, 0.72 + 0.04 * (k % 3)),
            width=34.0,
            thick=9.0,
            lift=(5.0, 17.0 - 5.0 * t, 7.0),
        )
    # From the parting down the left side.
    for k, t in enumerate(np.linspace(1.0, 0.0, 7)):
        root_angle, root = 24.0 + 100.0 * t**2, 0.84 - 0.6 * t
        add(
            (root_angle, root),
            (55.0 + 70.0 * t, 0.5),
            (70.0 + 88.0 * t, 0.82 + 0.05 * (k % 2)),
            width=30.0,
            thick=7.5,
            lift=(5.0, 12.0, 5.0),
        )
    # Beside the parting on the left, and the sweep over the forehead to the right, back to front.
    for k in range(3):
        add(
            (30.0 + 3.0 * k, 0.86 + 0.05 * k),
            (46.0, 0.84 + 0.06 * k),
            (74.0 + 3.0 * k, 0.86 + 0.06 * k),
            width=22.0,
            thick=6.5,
            lift=(5.0, 9.0, 4.0),
        )
    for k in range(7):
        back = 1.0 - k / 6.0
        add(
            (27.0 + 4.0 * back, 1.0 - 0.34 * back),
            (-14.0, 1.04 - 0.56 * back),
            (-72.0 - 16.0 * back, 0.92 - 0.1 * back),
            width=25.0,
            thick=8.0,
            lift=(3.0 + 5.0 * back, 12.0 + 6.0 * back, 4.5 + 2.0 * back),
        )
    # Two strands that fell out of the sweep.
    add((6.0, 0.88), (-22.0, 1.12), (-44.0, 1.42), width=11.0, thick=4.5, lift=(8.0, 10.0, 3.0))
    add((-8.0, 0.86), (-34.0, 1.06), (-53.0, 1.22), width=10.0, thick=4.5, lift=(9.0, 10.0, 4.0))
    return locks


def hair() -> tuple[Part, np.ndarray]:
    """All the hair, mm, and the shade of each vertex (V,)."""
    style = _style()
    cap = _cap()
    locks = [_lock(lock) for lock in style]
    shades = [np.full(len(cap.vertices), 0.62), *(shade for _, shade in locks)]
    return joined(cap, *(part for part, _ in locks)), np.concatenate(shades)
