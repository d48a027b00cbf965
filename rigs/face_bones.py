"""What each bone of a face does for ARKit weights, from where the bones are at rest.

The table says where a part of the face goes. Bones also ride on the jaw and follow their
neighbours, so what a bone is keyed with is what is left when that is taken off.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np

from .controls import ControlSet
from .face_table import FaceTable, Rows
from .rest import BoneChannel, RestBone, location_channels, rotation_channels

__all__ = ["face_channels"]

_UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class _Axes:
    """Directions of a face in its armature, and its size: columns left, back, up; mouth width."""

    directions: np.ndarray
    width: float

    def vector(self, along: np.ndarray) -> np.ndarray:
        """Mouth widths along left, back and up as a vector of the armature."""
        return self.width * self.directions @ along


def face_channels(
    table: dict[str, Any], bones: dict[str, RestBone], controls: ControlSet
) -> tuple[BoneChannel, ...]:
    """Channels of the bones of a face; bones by the names of the table."""
    face = FaceTable(table, controls)
    heads = {bone: np.asarray(rest.head, dtype=float) for bone, rest in bones.items()}
    axes = _axes(table, heads)
    moves = {
        bone: {control: axes.vector(v) for control, v in rows.items()}
        for bone, rows in face.moves.items()
    }
    moves = defaultdict(dict, moves)
    turn = _turn(face, heads, axes)
    for bone, rows in _sealing(face, heads, turn).items():
        moves[bone] |= rows
    own = _less_followed(face, moves, set(heads))
    own[face.jaw_bone] |= {control: axes.vector(v) for control, v in face.jaw.items()}
    for bone, rows in (*_lids(face, heads), *_gaze(face, heads, axes)):
        own[bone] |= rows

    channels: list[BoneChannel] = []
    for bone, rest in bones.items():
        if bone == face.jaw_bone:
            channels += rotation_channels(bone, rest, turn)
        channels += location_channels(bone, rest, own.get(bone, {}))
    return tuple(channels)


def _axes(table: dict[str, Any], heads: dict[str, np.ndarray]) -> _Axes:
    left_corner, right_corner = (heads[bone] for bone in table["corners"])
    across = left_corner - right_corner
    width = float(np.linalg.norm(across))
    left = across / width
    eyes = [heads[bone] for bone in table["eyes"] if bone in heads]
    rough = np.mean(eyes, axis=0) - (left_corner + right_corner) / 2 if eyes else _UP
    # Eyes lie further back than the mouth: the axis of the armature nearest to the way there is up.
    nearest = int(np.abs(rough).argmax())
    up = np.sign(rough[nearest]) * np.eye(3)[nearest]
    back = np.cross(up, left)
    back /= np.linalg.norm(back)
    return _Axes(np.stack([left, back, np.cross(left, back)], axis=1), width)


def _turn(face: FaceTable, heads: dict[str, np.ndarray], axes: _Axes) -> Rows:
    """Rotation vector of the jaw: as far as brings the lower lip down by its mouth widths."""
    at, control, opening = face.opening
    left, _, up = axes.directions.T
    down = -float(np.cross(left, heads[at] - heads[face.jaw_bone]) @ up)
    return {control: left * opening * axes.width / down}


def _sealing(face: FaceTable, heads: dict[str, np.ndarray], turn: Rows) -> dict[str, Rows]:
    """What brings lips together that the jaw has parted."""
    control, share = face.seal
    (jaw_turn,) = turn.values()

    def dropped(bone: str) -> np.ndarray:
        return face.rides[bone] * np.cross(jaw_turn, heads[bone] - heads[face.jaw_bone])

    moves: dict[str, Rows] = {}
    for upper, lower in face.seals:
        if upper in heads and lower in heads:
            gap = dropped(lower) - dropped(upper)
            moves[upper] = {control: share * gap}
            moves[lower] = {control: -(1.0 - share) * gap}
    return moves


def _less_followed(
    face: FaceTable, moves: dict[str, Rows], there: set[str]
) -> defaultdict[str, Rows]:
    """Movements less what comes from neighbours; no neighbour follows another."""
    own: defaultdict[str, Rows] = defaultdict(dict)
    for bone in there:
        rows = dict(moves.get(bone, {}))
        for leader, share in face.follows.get(bone, {}).items():
            if leader in there:
                for control, vector in moves.get(leader, {}).items():
                    rows[control] = rows.get(control, np.zeros(3)) - share * vector
        own[bone] = rows
    return own


def _lids(face: FaceTable, heads: dict[str, np.ndarray]) -> list[tuple[str, Rows]]:
    moves = []
    for upper, lower, rows in face.lids:
        if upper in heads and lower in heads:
            way = heads[lower] - heads[upper]
            for bone, which in ((upper, 0), (lower, 1)):
                moves.append((bone, {control: v[which] * way for control, v in rows.items()}))
    return moves


def _gaze(face: FaceTable, heads: dict[str, np.ndarray], axes: _Axes) -> list[tuple[str, Rows]]:
    return [
        (
            target,
            {
                control: axes.directions @ v * float(np.linalg.norm(heads[target] - heads[eye]))
                for control, v in rows.items()
            },
        )
        for target, eye, rows in face.gaze
        if target in heads and eye in heads
    ]
