"""Puts the head together."""

from __future__ import annotations

import numpy as np

from ..loading import control_set
from .brows import brow, lashes
from .ears import ear
from .eyes import caruncle, eyeball, spark
from .fields import Fields, mirror_of, skin_fields
from .hair import hair
from .lids import EYE_CENTRE
from .model import Head
from .paint import painted
from .part import Part, joined, mirrored
from .shapes_eyes import brow_shapes, eye_shapes, lid_lift
from .shapes_mouth import Rest, cheek_puff, jaw_shapes, lip_shapes
from .shirt import shirt
from .subdivide import Subdivision
from .surface import smoothstep
from .teeth import lower_teeth, tongue, upper_teeth
from .topology import Cage, build_cage

__all__ = ["build_head"]

_CONTACT = 8
"""The ring of the mouth where the lips touch."""
_LID_EDGE = 6
"""The ring of an eye where the lids touch in a blink."""
_METRES = 1e-3
"""Metres in a millimetre."""


def build_head() -> Head:
    """The embedded head.

    Returns
    -------
    Head
        The same to the last bit at every call.
    """
    cage = build_cage()
    division = Subdivision(cage.faces, len(cage.vertices))
    skin = Part(
        division.interpolating(cage.vertices),
        division.faces,
        np.array(cage.material, object)[division.parent],
        np.zeros((0, 2)),
    )
    skin = Part(skin.vertices, skin.faces, skin.material, _unwrap(skin.vertices))
    locks, shades = hair()
    pieces = {
        "skin": skin,
        "teeth_upper": upper_teeth(),
        "teeth_lower": lower_teeth(),
        "tongue": tongue(),
        "eye_left": eyeball(),
        "eye_right": mirrored(eyeball()),
        "spark_left": spark(),
        "spark_right": _moved(spark(), -2.0 * EYE_CENTRE[0]),
        "caruncle_left": caruncle(),
        "caruncle_right": mirrored(caruncle()),
        "brow_left": brow(),
        "brow_right": mirrored(brow()),
        "lashes_left": lashes(),
        "lashes_right": mirrored(lashes()),
        "ear_left": ear(),
        "ear_right": mirrored(ear()),
        "hair": locks,
        "shirt": shirt(),
    }
    parts, start = {}, 0
    for name, piece in pieces.items():
        parts[name] = np.arange(start, start + len(piece.vertices))
        start += len(piece.vertices)
    whole = joined(*pieces.values())
    mirror = _mirror(whole.vertices, parts, mirror_of(division, cage))
    fields = _all_fields(cage, division, whole, parts)
    upper, lower = _contacts(cage, division)
    rest = Rest(
        whole.vertices,
        fields,
        _mask(parts, start, "skin"),
        _mask(parts, start, "tongue"),
        upper,
        lower,
    )
    shapes = _all_shapes(rest, parts, mirror)
    names = tuple(name for name in control_set("arkit").names if name in shapes)
    material_names = tuple(sorted(set(whole.material)))
    number = {name: i for i, name in enumerate(material_names)}
    corners = np.where(whole.faces >= 0, whole.faces, whole.faces[:, :1])
    return Head(
        vertices=_exact(whole.vertices),
        faces=whole.faces.astype(np.int32),
        face_material=np.array([number[name] for name in whole.material], np.int32),
        material_names=material_names,
        uv=whole.uv[corners].astype(np.float32),
        shape_names=names,
        shape_deltas=np.stack([_exact(shapes[name]) for name in names]),
        parts=parts,
        landmarks=_landmarks(whole.vertices, cage, upper, lower, parts),
        paint=painted(
            whole.vertices,
            parts,
            shades,
            lips=(whole.vertices[upper, 0], whole.vertices[upper, 2]),
            pocket=_pocket(whole),
            up=_normals(whole)[:, 2],
        ),
        lip_contact=(upper, lower),
        lid_contact={side: _lid_contacts(cage, division, side) for side in ("left", "right")},
        mirror=mirror,
    )


def _exact(millimetres: np.ndarray) -> np.ndarray:
    """Metres to a tenth of a micrometre: below that, solvers differ from run to run."""
    return (np.round(millimetres * _METRES, 7) + 0.0).astype(np.float32)


def _moved(part: Part, along: float) -> Part:
    return Part(np.add(part.vertices, [along, 0.0, 0.0]), part.faces, part.material, part.uv)


def _normals(whole: Part) -> np.ndarray:
    """Unit normals of the vertices, (V, 3)."""
    corners = np.where(whole.faces >= 0, whole.faces, whole.faces[:, :1])
    a, b, c, d = (whole.vertices[corners[:, i]] for i in range(4))
    flat = np.cross(c - a, np.where(whole.faces[:, 3:] >= 0, d, c) - b)
    flat = np.where(whole.faces[:, 3:] >= 0, flat, np.cross(b - a, c - a))
    normals = np.stack(
        [
            np.bincount(corners.ravel(), np.repeat(flat[:, i], 4), len(whole.vertices))
            for i in range(3)
        ],
        axis=1,
    )
    return normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12)


def _pocket(whole: Part) -> np.ndarray:
    """Vertices inside the mouth, behind the lips."""
    inside = whole.material == "mouth"
    return np.setdiff1d(whole.faces[inside].ravel(), whole.faces[~inside].ravel())


def _mask(parts: dict[str, np.ndarray], count: int, *names: str) -> np.ndarray:
    mask = np.zeros(count)
    for name in names:
        mask[parts[name]] = 1.0
    return mask


def _unwrap(points: np.ndarray) -> np.ndarray:
    """Cylindrical texture coordinates 0-1, the seam at the back."""
    x, y, z = points.T
    around = np.arctan2(x, -(y + 5.0)) / (2.0 * np.pi) + 0.5
    return np.stack([around, (z + 160.0) / 345.0], axis=1)


def _mirror(points: np.ndarray, parts: dict[str, np.ndarray], skin: np.ndarray) -> np.ndarray:
    """The vertex on the other side for each vertex, (V,); locks of hair are their own."""
    mirror = np.arange(len(points))
    mirror[parts["skin"]] = skin
    for name in ("teeth_upper", "teeth_lower", "tongue", "shirt"):
        here = points[parts[name]]
        away = here[:, None] - here[None] * [-1.0, 1.0, 1.0]
        mirror[parts[name]] = parts[name][(away**2).sum(axis=2).argmin(axis=1)]
    for name in [name for name in parts if name.endswith("_left")]:
        left, right = parts[name], parts[name.removesuffix("left") + "right"]
        mirror[left], mirror[right] = right, left
    return mirror


def _all_fields(
    cage: Cage, division: Subdivision, whole: Part, parts: dict[str, np.ndarray]
) -> Fields:
    skin = skin_fields(cage, division)
    extra = len(whole.vertices) - len(skin.jaw)
    first = len(skin.jaw)
    jaw = np.zeros(extra)
    jaw[parts["teeth_lower"] - first] = 1.0
    back = whole.vertices[parts["tongue"], 1]
    jaw[parts["tongue"] - first] = 0.72 + 0.28 * smoothstep(back, -32.0, -62.0)
    fields = skin.extended(extra, jaw=jaw)
    t = np.tile(np.linspace(0.02, 1.0, 26), len(parts["lashes_left"]) // 26)
    for column, side in enumerate(("left", "right")):
        fields.lid_upper[parts[f"lashes_{side}"], column] = 1.0
        fields.lid_t[parts[f"lashes_{side}"], column] = t
    return fields


def _fine_loop(division: Subdivision, ring: np.ndarray) -> np.ndarray:
    """A closed ring of the cage with the vertices that subdivision put between its own."""
    pairs = zip(ring, np.roll(ring, -1), strict=True)
    return np.array([v for a, b in pairs for v in (int(a), division.edge_vertex(a, b))])


def _contacts(cage: Cage, division: Subdivision) -> tuple[np.ndarray, np.ndarray]:
    """Fine vertices of the edges of the upper and the lower lip, from the right to the left."""
    loop = _fine_loop(division, cage.rings["mouth"][_CONTACT])
    quarter = len(loop) // 4
    upper = np.concatenate([loop[-quarter:], loop[: quarter + 1]])
    return upper, loop[quarter : 3 * quarter + 1][::-1]


def _lid_contacts(cage: Cage, division: Subdivision, side: str) -> tuple[np.ndarray, np.ndarray]:
    """Fine vertices of the edges of the upper and the lower lid, from the nose outwards."""
    ring = cage.rings[f"eye_{side}"][_LID_EDGE]
    half = len(ring) // 2
    # Rings of the eyes start above; the inner corner is two points before that.
    loop = _fine_loop(division, np.roll(ring, 2))
    return loop[: 2 * half + 1], np.concatenate([loop[:1], loop[: 2 * half - 1 : -1]])


def _all_shapes(
    rest: Rest, parts: dict[str, np.ndarray], mirror: np.ndarray
) -> dict[str, np.ndarray]:
    count = len(rest.points)
    shapes = jaw_shapes(rest) | lip_shapes(rest) | {"cheekPuff": cheek_puff(rest)}
    shapes |= eye_shapes(rest, _mask(parts, count, "eye_left"), _mask(parts, count, "lashes_left"))
    shapes["cheekSquintLeft"] = shapes["cheekSquintLeft"] + lid_lift(rest)
    shapes |= brow_shapes(rest, _mask(parts, count, "brow_left", "brow_right"))
    for name in [name for name in shapes if name.endswith("Left")]:
        other = name.removesuffix("Left") + "Right"
        shapes[other] = shapes[name][mirror] * [-1.0, 1.0, 1.0]
    for name in ("jawOpen", "jawForward", "mouthClose", "browInnerUp", "cheekPuff", "tongueOut"):
        # Exactly symmetrical, whatever the last bits of the solver.
        shapes[name] = (shapes[name] + shapes[name][mirror] * [-1.0, 1.0, 1.0]) / 2.0
    return shapes


def _landmarks(
    points: np.ndarray,
    cage: Cage,
    upper: np.ndarray,
    lower: np.ndarray,
    parts: dict[str, np.ndarray],
) -> dict[str, int]:
    ring = cage.rings["mouth"]
    half = ring.shape[1] // 2
    middle, step = len(upper) // 2, len(upper) // 4
    inside = {
        "": middle,
        "_left": middle + step,
        "_right": middle - step,
    }
    marks = {f"lip_upper_inner{name}": int(upper[i]) for name, i in inside.items()}
    marks |= {f"lip_lower_inner{name}": int(lower[i]) for name, i in inside.items()}
    marks["lip_upper_outer"], marks["lip_lower_outer"] = int(ring[4, 0]), int(ring[4, half])
    marks["lip_upper_front"], marks["lip_lower_front"] = int(ring[6, 0]), int(ring[6, half])
    marks["mouth_corner_left"], marks["mouth_corner_right"] = int(upper[-1]), int(upper[0])
    skin = points[: len(parts["skin"])]
    middle_line = np.flatnonzero(np.abs(skin[:, 0]) < 1e-6)
    front = middle_line[skin[middle_line, 1] < -60.0]
    nose = front[(skin[front, 2] > 22.0) & (skin[front, 2] < 45.0)]
    marks["nose_tip"] = int(nose[np.argmin(skin[nose, 1])])
    chin = front[(skin[front, 2] < -22.0) & (skin[front, 2] > -40.0)]
    marks["chin"] = int(chin[np.argmin(skin[chin, 1])])
    for name, sign in (("teeth_upper", -1.0), ("teeth_lower", 1.0)):
        index = parts[name]
        teeth = index[(np.abs(points[index, 0]) < 8.0) & (points[index, 1] < -88.0)]
        marks[f"{name}_edge"] = int(
            teeth[np.argmax(sign * points[teeth, 2] - 1e-3 * np.abs(points[teeth, 0]))]
        )
    for name in ("left", "right"):
        rings = cage.rings[f"eye_{name}"]
        t = rings.shape[1] // 2
        marks[f"lid_upper_{name}"] = int(rings[_LID_EDGE, (t - 2) // 2 - 1])
        marks[f"lid_lower_{name}"] = int(rings[_LID_EDGE, (t - 2) + t // 2])
        marks[f"eye_inner_{name}"], marks[f"eye_outer_{name}"] = (
            int(rings[_LID_EDGE, -2]),
            int(rings[_LID_EDGE, t - 2]),
        )
    return marks
