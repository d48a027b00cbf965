"""Heads that curves are measured on: the embedded one, and ICT FaceKit's where it is at hand."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from rigtalk.rigs import control_set
from rigtalk.rigs.head import build_head

from ..errors import RigtalkError
from .probe import Probe

__all__ = ["embedded_probe", "ict_probe"]

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
_MOUTH_REACH = np.array([32.0, 16.0, 20.0])
"""Half axes of the ellipsoid around the mouth whose skin counts as lips."""
_MOST_POINTS = 160
"""Of a region of skin; more change no figure by a hundredth."""
_UPPER_SHAPES = ("brow", "eyeSquint", "eyeWide", "cheekSquint")
_MOVED_MM, _UNDER_EYES = 0.5, 8.0
_BROW_SHARE = 0.7
"""Part of the largest movement by the brow shapes from which skin belongs to the brow."""


@lru_cache(maxsize=1)
def embedded_probe() -> Probe:
    """The head that comes with rigtalk."""
    head = build_head()
    # Blender's axes: up is z, which becomes the second.
    turn = np.array([1.0, 1.0, -1.0], np.float32)  # the face looks to -y
    axes = [0, 2, 1]
    rest = head.vertices[:, axes] * turn * _METRE_MM
    deltas = {
        name: delta[:, axes] * turn * _METRE_MM
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
        front=[marks["lip_upper_front"], marks["lip_lower_front"]],
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
    face = vertices_of("M_Face")
    inner = rest[marks[_ICT_INNER[1][0]]]
    middle = face[(np.abs(rest[face] - inner) < (1.5, 9.0, 12.0)).all(axis=1)]
    lips = [middle[rest[middle, 1] >= inner[1]], middle[rest[middle, 1] < inner[1]]]
    still = teeth[np.linalg.norm(by_name["jawOpen"][teeth], axis=1) < 0.01]
    front = still[(np.abs(rest[still, 0]) < 4.0) & (rest[still, 2] > rest[still, 2].max() - 5.0)]
    return _probe(
        "ict",
        rest,
        {name: delta for name, delta in deltas.items() if delta is not None},
        upper=[marks[_ICT_INNER[i][0]] for i in (1, 0, 2)],
        lower=[marks[_ICT_INNER[i][1]] for i in (1, 0, 2)],
        corners=[marks[i] for i in _ICT_CORNERS],
        front=[int(row[np.argmax(rest[row, 2])]) for row in lips],
        skin=face,
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
    front: list[int],
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
    around = (((rest[skin] - middle) / _MOUTH_REACH) ** 2).sum(axis=1) < 1.0
    raised = _largest(deltas, skin, _UPPER_SHAPES)
    brow = _largest(deltas, skin, ("brow",))
    lids = _largest(deltas, skin, ("eyeBlink",))
    floor = rest[skin[lids > 0.5 * lids.max()], 1].mean() - _UNDER_EYES
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
        front=moved(front),
        lip=moved(skin[near & central & falls]),
        teeth=rest[teeth[at_edge & (rest[teeth, 1] < edge[1] + 1.5)]],
        mouth=moved(_thinned(skin[around])),
        brow_face=moved(_thinned(skin[(raised > _MOVED_MM) & (rest[skin, 1] > floor)])),
        brows=moved(_thinned(skin[brow >= _BROW_SHARE * brow.max()])),
    )


def _largest(
    deltas: dict[str, np.ndarray], skin: np.ndarray, begins: tuple[str, ...]
) -> np.ndarray:
    """How far the shapes that begin so move each point of the skin at most, mm, shape (points,)."""
    sizes = [np.linalg.norm(d[skin], axis=1) for n, d in deltas.items() if n.startswith(begins)]
    return np.max(sizes, axis=0)


def _thinned(points: np.ndarray) -> np.ndarray:
    return points[:: -(-len(points) // _MOST_POINTS)]
