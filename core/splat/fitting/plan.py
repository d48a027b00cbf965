"""Which pictures a head is fitted to: expressions that span its controls, from all around."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from rigtalk.rigs import control_set
from rigtalk.rigs.controls import Control

from ...errors import RigtalkError
from ..camera import Camera
from ..head_mesh import HeadMesh

__all__ = ["QUALITIES", "Quality", "Shot", "Split", "plan_shots"]

Split = Literal["train", "view", "expression"]
"""What a picture is for: to fit, or to judge by a new view or a new expression."""

_FIELD_OF_VIEW = np.radians(24.0)
_FAR, _NEAR = (0.72, 1.0), (0.42, 0.6)
"""The picture's half-width over the head's radius: of whole heads, and of faces."""
_CLOSE = 0.6
"""Part of the expressions that are seen from near: faces are what people look at."""
_RESTING = 0.3
"""Part of the pictures to fit that show the face at rest, from all around."""
_BUSY = 0.75
"""How often a region of the face takes part in an expression."""
_OPEN = 0.6
"""How often the jaw is open where nothing else moves it."""
_SIDE = np.radians(80.0)
_FRONTAL = 0.75
"""Part of the views that see the face and not only the hair."""


@dataclass(frozen=True)
class Quality:
    """How much is spent on a head.

    Attributes
    ----------
    pictures : int
        To fit to.
    judges : int
        New views, and as many new expressions, to measure by.
    size : int
        Edge of the square pictures, pixels.
    gaussians : int
        At most.
    steps : int
        Of the optimiser.
    samples : int
        Light paths a pixel, where the engine has them.
    """

    pictures: int
    judges: int
    size: int
    gaussians: int
    steps: int
    samples: int


QUALITIES = {
    "draft": Quality(48, 4, 384, 20_000, 1500, 4),
    "standard": Quality(140, 8, 512, 50_000, 6000, 8),
    "fine": Quality(320, 12, 768, 120_000, 20_000, 16),
}


@dataclass(frozen=True, eq=False)
class Shot:
    """One picture to be taken.

    Attributes
    ----------
    weights : dict of str to float
        Controls that are not at rest, 0-1.
    camera : Camera
        In the head's space.
    split : str
    """

    weights: dict[str, float]
    camera: Camera
    split: Split


def plan_shots(
    head: HeadMesh, quality: Quality, *, size: int = 0, seed: int = 0
) -> tuple[Shot, ...]:
    """The pictures of a bake, the same for the same head, quality and seed.

    Every control appears about as often as every other of its region; regions vary on their own, so
    that few pictures span many expressions. Pictures to judge by come last and share neither a
    view nor an expression (other than rest) with those to fit to.

    Parameters
    ----------
    size : int
        Edge of the pictures in pixels; that of the quality if 0.

    Raises
    ------
    RigtalkError
        If the size makes no picture.
    """
    edge = size or quality.size
    if not 32 <= edge <= 4096:
        raise RigtalkError(f"pictures of {edge} pixels cannot be fitted to: use 32 to 4096")
    rng = np.random.default_rng(seed)
    rest = round(quality.pictures * _RESTING) if head.control_names else quality.pictures
    faces = _expressions(head, quality.pictures - rest, rng)
    views = _views(quality.pictures + 2 * quality.judges, rng)
    weights: list[dict[str, float]] = [{} for _ in range(rest)] + faces
    splits: list[Split] = ["train"] * len(weights)
    # New views show what is fitted: rest, and expressions of the fit.
    known = [{}, *faces] if faces else [{}]
    for i in range(quality.judges):
        weights.append(known[(i * max(1, len(known) // quality.judges)) % len(known)])
        splits.append("view")
    new = _expressions(head, quality.judges, rng) if head.control_names else []
    weights += new
    splits += ["expression"] * len(new)
    close = rng.random(len(weights)) < _CLOSE
    return tuple(
        Shot(each, _camera(head, view, edge, close=bool(near and each)), split)
        for each, view, split, near in zip(weights, views, splits, close, strict=False)
    )


def _expressions(head: HeadMesh, count: int, rng: np.random.Generator) -> list[dict[str, float]]:
    regions = _units(head)
    jaw = _widest(head, regions.get("jaw", []))
    decks: dict[str, list[tuple[Control, ...]]] = {name: [] for name in regions}
    result = []
    for _ in range(count):
        face: dict[str, float] = {}
        while regions and not face:
            for name, units in regions.items():
                if rng.random() > _BUSY * len(units) / (len(units) + 1):
                    continue
                # Cards are drawn until none is left, so that all come up alike.
                if not decks[name]:
                    decks[name] = [units[i] for i in rng.permutation(len(units))]
                unit = decks[name].pop()
                amount = rng.uniform(0.4, 1.0)
                end = unit[0].low if unit[0].low < 0 and rng.random() < 0.5 else unit[0].high
                lean = rng.uniform(0.5, 1.0) if rng.random() < 0.3 else 1.0
                face[unit[0].name] = round(float(amount * end), 3)
                for other in unit[1:]:
                    face[other.name] = round(float(amount * end * lean * other.mirror_sign), 3)
        # What lies behind the lips must be seen with every way that lips can go.
        if jaw and not any(each.name in face for each in jaw) and rng.random() < _OPEN:
            for control in jaw:
                face[control.name] = round(float(rng.uniform(0.1, 0.8) * control.high), 3)
        result.append(face)
    return result


def _units(head: HeadMesh) -> dict[str, list[tuple[Control, ...]]]:
    """By region, the controls that move together: both sides of a face, or one."""
    known = {each.name: each for each in control_set(head.rig).controls}
    # A head that turns takes other light, and a camera goes round it anyway.
    turning = {each.name for each in known.values() if each.region == "head"}
    present = [known[n] for n in head.control_names if n in known and n not in turning]
    regions: dict[str, list[tuple[Control, ...]]] = {}
    seen: set[str] = set()
    for control in present:
        if control.name in seen:
            continue
        partner = known[control.mirror]
        # mouthLeft and mouthRight are of no side: together they would undo each other.
        paired = control.side != "C" and partner in present and partner is not control
        unit = (control, partner) if paired else (control,)
        seen.update(each.name for each in unit)
        # What is its own mirror, a jaw that opens, is what faces do most.
        times = 2 if control.mirror == control.name else 1
        regions.setdefault(control.region, []).extend([unit] * times)
    return regions


def _widest(head: HeadMesh, units: list[tuple[Control, ...]]) -> tuple[Control, ...]:
    """The unit that moves the mesh farthest; none of none."""
    reach = dict(zip(head.control_names, np.abs(head.control_deltas).max(axis=(1, 2)), strict=True))
    return max(units, key=lambda unit: float(reach[unit[0].name]), default=())


def _views(count: int, rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """Azimuth from the front, elevation, both radians, and from how far, 0-1."""
    start = rng.random(3)
    views = []
    for i in range(count):
        # An additive recurrence on three axes covers them evenly however many are taken.
        a, b, c = (start + i * np.array([0.8191725134, 0.6710436067, 0.5497004779])) % 1.0
        if a < _FRONTAL:
            azimuth = _SIDE * (2 * a / _FRONTAL - 1)
        else:
            azimuth = np.pi * (1 + 0.56 * (2 * (a - _FRONTAL) / (1 - _FRONTAL) - 1))
        elevation = np.arcsin(-0.35 + 0.9 * b)
        views.append((float(azimuth), float(elevation), float(c)))
    return views


def _camera(head: HeadMesh, view: tuple[float, float, float], edge: int, *, close: bool) -> Camera:
    azimuth, elevation, far = view
    centre, radius = head.sphere
    least, most = _NEAR if close else _FAR
    if close:
        centre = head.face[0]
        if abs(azimuth) > _SIDE:  # no face is seen from behind
            azimuth *= 0.55
    front, up = np.asarray(head.front), np.asarray(head.up)
    side = np.cross(up, front)
    around = np.cos(azimuth) * front + np.sin(azimuth) * side
    towards = np.cos(elevation) * around + np.sin(elevation) * up
    half = radius * (least + far * (most - least))
    distance = half / np.tan(_FIELD_OF_VIEW / 2)
    return Camera.look_at(
        (centre + distance * towards).tolist(),
        centre.tolist(),
        head.up,
        field_of_view=float(_FIELD_OF_VIEW),
        width=edge,
        height=edge,
        near=0.02 * distance,
    )
