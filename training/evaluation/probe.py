"""Millimetres between lips, corners and teeth of a head that ARKit weights move."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from rigtalk.rigs import control_set
from rigtalk.rigs.errors import RigtalkError
from rigtalk.rigs.head import build_head

__all__ = ["MouthTrack", "Probe", "embedded_probe", "ict_probe"]

_ICT_INNER = ((61, 67), (62, 66), (63, 65))
_ICT_CORNERS = (48, 54)
_ICT_SIDES = {"Left": "_L", "Right": "_R"}
_ICT_MM = 10.0
_BOTH_SIDES = ("browInnerUp", "cheekPuff")
"""One shape in ARKit, two in ICT FaceKit."""
_METRE_MM = 1000.0
_LIP_RADIUS, _LIP_HALF_WIDTH = 9.0, 2.5
_TOOTH_RADIUS = 3.5
"""Millimetres around a landmark within which points count as that lip or tooth."""


@dataclass(frozen=True)
class MouthTrack:
    """What a mouth does, in millimetres.

    Attributes
    ----------
    gap : ndarray, shape (frames,)
        Between the middles of the inner lips, from upper to lower; negative where they overlap.
    opening : ndarray, shape (frames,)
        By how much the widest of the middle and the two side gaps exceeds its gap at rest.
    width : ndarray, shape (frames,)
        Between the corners of the mouth.
    bite : ndarray, shape (frames,)
        From the lower lip to the edge of the upper teeth.
    """

    gap: np.ndarray
    opening: np.ndarray
    width: np.ndarray
    bite: np.ndarray


@dataclass(frozen=True)
class Probe:
    """A few points of a head and how each ARKit control moves them; shapes add up.

    Attributes
    ----------
    name : str
    upper, lower : ndarray, shape (3, 1 + controls, 3)
        Inner lips, middle first; row 0 at rest, the others what a control adds at 1. Millimetres,
        the second axis of the last dimension up.
    corners : ndarray, shape (2, 1 + controls, 3)
    lip : ndarray, shape (lip points, 1 + controls, 3)
        The lower lip around its middle.
    teeth : ndarray, shape (tooth points, 3)
        The edge of the upper front teeth, which nothing moves.
    """

    name: str
    upper: np.ndarray
    lower: np.ndarray
    corners: np.ndarray
    lip: np.ndarray
    teeth: np.ndarray

    def track(self, values: np.ndarray) -> MouthTrack:
        """Follow the mouth through a performance.

        Parameters
        ----------
        values : ndarray, shape (frames, 61)
            ARKit controls.
        """
        weights = np.concatenate([np.ones((len(values), 1), np.float32), values], axis=1)
        gaps = weights @ (self.upper - self.lower)[:, :, 1].T  # (frames, 3)
        across = weights @ (self.corners[1] - self.corners[0])  # (frames, 3)
        nearest = np.full(len(values), np.inf)
        for point in self.lip:
            apart = (weights @ point)[:, None, :] - self.teeth[None]
            nearest = np.minimum(nearest, np.linalg.norm(apart, axis=2).min(axis=1))
        rest = (self.upper - self.lower)[:, 0, 1]
        return MouthTrack(
            gap=gaps[:, 0],
            opening=(gaps - rest).max(axis=1),
            width=np.linalg.norm(across, axis=1),
            bite=nearest,
        )


@lru_cache(maxsize=1)
def embedded_probe() -> Probe:
    """The head that comes with rigtalk."""
    head = build_head()
    # Blender's axes: up is z, which becomes the second.
    axes = [0, 2, 1]
    rest = head.vertices[:, axes] * _METRE_MM
    deltas = {
        name: delta[:, axes] * _METRE_MM
        for name, delta in zip(head.shape_names, head.shape_deltas, strict=True)
    }
    marks = head.landmarks
    names = ("", "_left", "_right")
    return _probe(
        "embedded",
        rest,
        deltas,
        upper=[marks[f"lip_upper_inner{name}"] for name in names],
        lower=[marks[f"lip_lower_inner{name}"] for name in names],
        corners=[marks["mouth_corner_right"], marks["mouth_corner_left"]],
        skin=head.parts["skin"],
        teeth=head.parts["teeth_upper"],
        edge=rest[marks["teeth_upper_edge"]],
    )


@lru_cache(maxsize=2)
def ict_probe(path: Path) -> Probe:
    """USC's ICT FaceKit head.

    Parameters
    ----------
    path : Path
        ``ict_facekit.npz``.

    Raises
    ------
    RigtalkError
        If there is no such file.
    """
    if not path.is_file():
        raise RigtalkError(f"no head at {path}")
    with np.load(path, allow_pickle=False) as arrays:
        rest = arrays["vertices"].astype(np.float32) * _ICT_MM
        shapes = arrays["shape_deltas"].astype(np.float32) * _ICT_MM
        names = [str(name) for name in arrays["shape_names"]]
        marks, faces = arrays["landmarks68"], arrays["faces"]
        materials = [str(name) for name in arrays["material_names"]]
        material = arrays["face_material"]
    by_name = dict(zip(names, shapes, strict=True))
    deltas = {name: _ict_shape(by_name, name) for name in control_set("arkit").names}

    def vertices_of(kind: str) -> np.ndarray:
        found = np.unique(faces[material == materials.index(kind)])
        return found[found >= 0]

    teeth = vertices_of("M_Teeth")
    still = teeth[np.linalg.norm(by_name["jawOpen"][teeth], axis=1) < 0.01]
    front = still[(np.abs(rest[still, 0]) < 4.0) & (rest[still, 2] > rest[still, 2].max() - 5.0)]
    return _probe(
        "ict",
        rest,
        {name: delta for name, delta in deltas.items() if delta is not None},
        upper=[marks[_ICT_INNER[i][0]] for i in (1, 0, 2)],
        lower=[marks[_ICT_INNER[i][1]] for i in (1, 0, 2)],
        corners=[marks[i] for i in _ICT_CORNERS],
        skin=vertices_of("M_Face"),
        teeth=still,
        edge=rest[front[np.argmin(rest[front, 1])]],
    )


def _ict_shape(shapes: dict[str, np.ndarray], name: str) -> np.ndarray | None:
    if name in _BOTH_SIDES:
        return shapes[f"{name}_L"] + shapes[f"{name}_R"]
    for side, suffix in _ICT_SIDES.items():
        if name.endswith(side) and name.removesuffix(side) + suffix in shapes:
            return shapes[name.removesuffix(side) + suffix]
    return shapes.get(name)


def _probe(
    name: str,
    rest: np.ndarray,
    deltas: dict[str, np.ndarray],
    *,
    upper: list[int],
    lower: list[int],
    corners: list[int],
    skin: np.ndarray,
    teeth: np.ndarray,
    edge: np.ndarray,
) -> Probe:
    controls = control_set("arkit").names
    still = np.zeros_like(rest)

    def moved(points: np.ndarray | list[int]) -> np.ndarray:
        rows = [rest, *(deltas.get(control, still) for control in controls)]
        return np.stack([row[points] for row in rows], axis=1).astype(np.float32)

    middle = rest[lower[0]]
    near = np.linalg.norm(rest[skin] - middle, axis=1) < _LIP_RADIUS
    central = np.abs(rest[skin, 0]) < _LIP_HALF_WIDTH
    # Both lips lie there; only the lower one goes down with the jaw.
    falls = deltas["jawOpen"][skin, 1] < 0.7 * deltas["jawOpen"][lower[0], 1]
    at_edge = np.linalg.norm(rest[teeth] - edge, axis=1) < _TOOTH_RADIUS
    return Probe(
        name=name,
        upper=moved(upper),
        lower=moved(lower),
        corners=moved(corners),
        lip=moved(skin[near & central & falls]),
        teeth=rest[teeth[at_edge & (rest[teeth, 1] < edge[1] + 1.5)]],
    )
