"""Smooth weights on the head: what follows the jaw, the lips and the lids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .lids import eye_parameter
from .lips import MOUTH_RINGS, mouth_parameter
from .subdivide import Subdivision, edges_of
from .surface import smoothstep
from .topology import Cage

__all__ = ["Fields", "mirror_of", "skin_fields"]

_LIP_LEVELS = range(4, 12)
"""Rings of the mouth from the red border to the inside of the lips."""
# How much of the roll of a lip each of its rings takes, from the skin over the border inwards.
_ROLL = (0.0, 0.0, 0.08, 0.3, 0.62, 0.9, 1.0, 1.0, 1.0, 0.8, 0.45, 0.1)
# How much each ring of an eye follows its lid, from the face to behind the lid's edge.
_LID = (0.0, 0.04, 0.2, 0.52, 0.9, 1.0, 1.0, 1.0, 0.9)


@dataclass(frozen=True)
class Fields:
    """Weights 0-1 for each vertex, shape (V,).

    Attributes
    ----------
    jaw : follows the turning jaw.
    corner, upper, lower : follow the corner of the mouth, the upper and the lower lip, on the left;
        `right` of each is its mirror image. All six are 1 together on the lips.
    roll_upper, roll_lower : turn with the lip.
    lid_upper, lid_lower : follow the lids, one column for each eye (V, 2).
    lid_t : from the inner corner of the eye (0) to the outer (1), (V, 2).
    """

    jaw: np.ndarray
    corner: np.ndarray
    upper: np.ndarray
    lower: np.ndarray
    corner_right: np.ndarray
    upper_right: np.ndarray
    lower_right: np.ndarray
    roll_upper: np.ndarray
    roll_lower: np.ndarray
    lid_upper: np.ndarray
    lid_lower: np.ndarray
    lid_t: np.ndarray

    @property
    def lips(self) -> np.ndarray:
        """1 on the lips, fading into the face."""
        return (
            self.corner + self.upper + self.lower
            + self.corner_right + self.upper_right + self.lower_right
        )  # fmt: skip

    def extended(self, count: int, *, jaw: np.ndarray) -> Fields:
        """The same with `count` more vertices that only follow the jaw, by `jaw` (count,)."""
        values = {}
        for name, array in vars(self).items():
            tail = np.zeros((count, *array.shape[1:]))
            if name == "jaw":
                tail = jaw
            values[name] = np.concatenate([array, tail])
        return Fields(**values)


def _stiffness(points: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Dense Laplacian (V, V) and area of each vertex (V,)."""
    edges, face_edges = edges_of(faces)
    corners = np.where(faces >= 0, faces, faces[:, :1])
    diagonal_a = points[corners[:, 2]] - points[corners[:, 0]]
    diagonal_b = points[corners[:, 3]] - points[corners[:, 1]]
    area = 0.5 * np.linalg.norm(np.cross(diagonal_a, diagonal_b), axis=1) + 1e-3
    flat = face_edges.ravel()
    share = np.bincount(flat[flat >= 0], np.repeat(area, 4)[flat >= 0] / 2.0, len(edges))
    length = ((points[edges[:, 0]] - points[edges[:, 1]]) ** 2).sum(axis=1) + 1e-3
    weight = np.clip(share / length, 0.05, 20.0)
    laplacian = np.zeros((len(points), len(points)))
    a, b = edges.T
    laplacian[a, b] = laplacian[b, a] = -weight
    laplacian[np.arange(len(points)), np.arange(len(points))] = -laplacian.sum(axis=1)
    mass = np.bincount(corners.ravel(), np.repeat(area / 4.0, 4), len(points))
    return laplacian, mass


def _solve(cage: Cage, fixed: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The smoothest functions (biharmonic) that take `values` (V, c) where `fixed` (V,)."""
    free = np.flatnonzero(~fixed)
    near = np.zeros(len(fixed), bool)
    near[free] = True
    for _ in range(2):
        touched = (near[np.where(cage.faces >= 0, cage.faces, 0)] & (cage.faces >= 0)).any(axis=1)
        near[cage.faces[touched].ravel()] = True
    index = np.full(len(fixed), -1)
    index[near] = np.arange(near.sum())
    inside = (near[cage.faces] | (cage.faces < 0)).all(axis=1)
    faces = np.where(cage.faces[inside] >= 0, index[cage.faces[inside]], -1)
    laplacian, mass = _stiffness(cage.vertices[near], faces)
    rows = index[free]
    half = laplacian / np.sqrt(mass)[:, None]
    # A little of the plain Laplacian keeps the solution from overshooting.
    matrix = half.T[rows] @ half + 0.004 * laplacian[rows]
    known = values[near]
    others = np.setdiff1d(np.arange(near.sum()), rows)
    result = values.copy()
    result[free] = np.linalg.solve(matrix[:, rows], -matrix[:, others] @ known[others])
    return result


def skin_fields(cage: Cage, division: Subdivision) -> Fields:
    """The fields of the skin after subdivision."""
    x, y, z = cage.vertices.T
    count = len(x)
    s, side, level = np.zeros(count), np.zeros(count), np.full(count, -1)
    half_s, half_side = mouth_parameter(cage.rings["mouth"].shape[1] // 2 + 1)
    ring_s = np.concatenate([half_s, half_s[-2:0:-1]])
    ring_side = np.concatenate([half_side, half_side[-2:0:-1]])
    for number, ring in enumerate(cage.rings["mouth"]):
        s[ring], side[ring], level[ring] = ring_s, ring_side, number
    lip = np.isin(level, list(_LIP_LEVELS))
    pocket = level >= len(MOUTH_RINGS) - 3

    left = smoothstep(x, -9.0, 9.0)
    corner = smoothstep(s, 0.1, 1.0)
    values = np.zeros((count, 3))
    values[lip, 0] = (corner * (x > 0.0))[lip]
    values[lip, 1] = ((1.0 - corner) * left * (side > 0.0))[lip]
    values[lip, 2] = ((1.0 - corner) * left * (side < 0.0))[lip]
    nose = (z > 29.0) & (np.abs(x) < 19.0)
    far = (z > 50.0) | (y > -22.0) | (z < -37.0) | nose
    handles = _solve(cage, (far & (level < 0)) | lip | pocket, values)

    jaw = np.zeros((count, 1))
    chin = (np.abs(x) < 20.0) & (z > -44.0) & (z < -20.0) & (y < -70.0) & (level < 0)
    # Inside the mouth the walls follow the teeth beside them almost to the corners.
    far_along = np.where(level >= 10, 0.9, 0.57)
    lower_lip = (level >= 4) & (side < 0.0) & (s < far_along)
    upper_lip = (level >= 4) & (side > 0.0) & (s < far_along)
    jaw[chin | lower_lip, 0] = 1.0
    still = (z > 26.0) | (y > -4.0) | (z < -78.0)
    fixed = chin | lower_lip | upper_lip | (still & (level < 0))
    jaw = np.clip(_solve(cage, fixed, jaw)[:, 0], 0.0, 1.0)

    roll = np.zeros((count, 2))
    for number, weight in enumerate(_ROLL):
        ring = cage.rings["mouth"][number]
        fade = weight * (1.0 - smoothstep(s[ring], 0.55, 1.0))
        roll[ring, 0] = fade * (side[ring] > 0.0)
        roll[ring, 1] = fade * (side[ring] < 0.0)

    lids = np.zeros((count, 6))
    for column, name in enumerate(("eye_left", "eye_right")):
        rings = cage.rings[name]
        t, above = eye_parameter(rings.shape[1])
        for number, weight in enumerate(_LID):
            lids[rings[number], column] = weight
            lids[rings[number], 2 + column] = above
            lids[rings[number], 4 + column] = t
    smooth = division.smooth(np.column_stack([jaw, handles]))
    linear = division.linear(np.column_stack([roll, lids]))
    mirror = mirror_of(division, cage)
    return Fields(
        jaw=np.clip(smooth[:, 0], 0.0, 1.0),
        corner=smooth[:, 1],
        upper=smooth[:, 2],
        lower=smooth[:, 3],
        corner_right=smooth[mirror, 1],
        upper_right=smooth[mirror, 2],
        lower_right=smooth[mirror, 3],
        roll_upper=linear[:, 0],
        roll_lower=linear[:, 1],
        lid_upper=linear[:, 2:4] * (linear[:, 4:6] > 1e-9),
        lid_lower=linear[:, 2:4] * (linear[:, 4:6] < -1e-9),
        lid_t=linear[:, 6:8],
    )


def mirror_of(division: Subdivision, cage: Cage) -> np.ndarray:
    """For each vertex of the finer mesh its partner on the other side, shape (V',)."""
    swapped = np.sort(cage.mirror[division.edges], axis=1)
    keys = division.edges[:, 0] * len(cage.vertices) + division.edges[:, 1]
    edges = np.searchsorted(keys, swapped[:, 0] * len(cage.vertices) + swapped[:, 1])
    corners = np.sort(np.where(cage.faces >= 0, cage.mirror[cage.faces], -1), axis=1)
    table = {tuple(row): i for i, row in enumerate(np.sort(cage.faces, axis=1))}
    faces = np.array([table[tuple(row)] for row in corners])
    base = len(cage.vertices)
    return np.concatenate([cage.mirror, base + edges, base + len(division.edges) + faces])
