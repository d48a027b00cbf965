"""Which way a head of Gaussians looks, how it turns on its neck, and cameras before it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rigtalk.rigs import control_set_names

from ..errors import RigtalkError
from .camera import Camera
from .head import SplatHead
from .head_mesh import HeadMesh
from .rotations import matrices, rotation_vectors

__all__ = ["FIELD_OF_VIEW", "Stance", "View", "is_inside"]

FIELD_OF_VIEW = 24.0
"""Degrees: a portrait lens."""
_ROOM = 0.9
"""The picture's half-width over the head's radius: the corners of a head are empty."""
_NECK = 0.31
"""How far below the middle of a head its joint lies, in radii."""


@dataclass(frozen=True)
class View:
    """Where a camera stands, seen from the middle of the head.

    Attributes
    ----------
    yaw, pitch : float
        Degrees from the front: towards the head's left, and up.
    distance : float
        In the unit of the head's mesh; 0 for one at which the head fills the picture.
    field_of_view : float
        Of the picture's shorter edge, degrees.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    distance: float = 0.0
    field_of_view: float = FIELD_OF_VIEW


@dataclass(frozen=True, eq=False)
class Stance:
    """A head's place and directions, in its own space.

    Attributes
    ----------
    front, up : np.ndarray, shape (3,), float64
        Unit vectors, square to each other.
    centre : np.ndarray, shape (3,), float64
    radius : float
        Of a sphere about the head.
    """

    front: np.ndarray
    up: np.ndarray
    centre: np.ndarray
    radius: float

    @classmethod
    def of(cls, head: SplatHead) -> Stance:
        """That of a head.

        The facts ``front`` and ``up``, lists of three numbers in JSON, say where it looks; without
        them it looks to -y, as Blender's characters do, and z is up.

        Raises
        ------
        RigtalkError
            If the facts make no sense, or the mesh is empty.
        """
        front = _way(head, "front", (0.0, -1.0, 0.0))
        up = _way(head, "up", (0.0, 0.0, 1.0))
        up = up - (up @ front) * front
        length = float(np.linalg.norm(up))
        if length < 1e-3:
            raise RigtalkError("the head's facts say that its front is up; bake it again")
        if not len(head.mesh.vertices):
            raise RigtalkError("the head's mesh is empty")
        rig = str(head.facts.get("rig"))
        known = HeadMesh(
            head.mesh,
            head.signature,
            head.shape_names,
            np.asarray(head.shape_deltas),
            (),
            rig if rig in control_set_names() else "arkit",
            (float(front[0]), float(front[1]), float(front[2])),
        )
        centre, radius = known.sphere
        return cls(front, up / length, np.asarray(centre), max(radius, 1e-6))

    @property
    def left(self) -> np.ndarray:
        """Towards the head's own left, (3,)."""
        return np.cross(self.up, self.front)

    def turned(self, angles: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
        """Rotation (3, 3) and translation (3,) for yaw, pitch and roll of the head, radians.

        They are those of Live Link Face: to the head's right, down, to its left shoulder; yaw is
        done first, then pitch, then roll.
        """
        yaw, pitch, roll = angles
        axes = (self.up, -yaw), (self.left, pitch), (self.front, -roll)
        rotation = np.eye(3)
        for axis, angle in axes:
            rotation = matrices(rotation_vectors(axis * angle)) @ rotation
        joint = self.centre - _NECK * self.radius * self.up
        return rotation, joint - rotation @ joint

    def camera(self, view: View, width: int, height: int) -> Camera:
        """A camera that looks at the middle of the head.

        Raises
        ------
        RigtalkError
            If a number of the view makes no camera.
        """
        numbers = (view.yaw, view.pitch, view.distance, view.field_of_view)
        if not np.isfinite(numbers).all():
            raise RigtalkError("the camera has a number that is not finite")
        if not 1 <= view.field_of_view <= 170:
            raise RigtalkError(
                f"the camera's field of view is {view.field_of_view:g}: use 1 to 170 degrees"
            )
        if not -90 <= view.pitch <= 90:
            raise RigtalkError(f"the camera's pitch is {view.pitch:g}: use -90 to 90 degrees")
        if view.distance < 0:
            raise RigtalkError(f"the camera's distance is {view.distance:g}: it cannot be negative")
        half = np.radians(view.field_of_view) / 2
        distance = view.distance or _ROOM * self.radius / np.sin(half)
        yaw, pitch = np.radians(view.yaw), np.radians(view.pitch)
        ahead = np.cos(yaw) * self.front + np.sin(yaw) * self.left
        towards = np.cos(pitch) * ahead + np.sin(pitch) * self.up
        upright = np.cos(pitch) * self.up - np.sin(pitch) * ahead
        # The angle is that of the shorter edge, so that the head fits in upright pictures, too.
        edge = min(width, height)
        upwards = 2 * np.arctan(np.tan(half) * height / max(edge, 1))
        return Camera.look_at(
            (self.centre + distance * towards).tolist(),
            self.centre.tolist(),
            upright.tolist(),
            field_of_view=float(upwards),
            width=width,
            height=height,
            near=max(0.02 * distance, 1e-3 * self.radius),
        )


def _way(head: SplatHead, name: str, usual: tuple[float, float, float]) -> np.ndarray:
    text = head.facts.get(name)
    if text is None:
        return np.array(usual)
    try:
        way = np.array(json.loads(str(text)), np.float64)
        length = float(np.linalg.norm(way))
    except (ValueError, TypeError, RecursionError):
        way, length = np.zeros(0), 0.0
    if way.shape != (3,) or not 1e-6 < length < 1e6:
        raise RigtalkError(f"the head's fact {name!r} is {text!r}, not a list of three numbers")
    return way / length


def is_inside(point: np.ndarray, vertices: np.ndarray, triangles: np.ndarray) -> bool:
    """Whether a surface winds about a point: its solid angle is more than half of all around.

    The solid angle of a triangle is that of Van Oosterom and Strackee (1983, eq. 8).
    """
    corners = np.asarray(vertices, np.float64)[triangles] - np.asarray(point, np.float64)
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    lengths = np.linalg.norm(corners, axis=2)
    above = np.einsum("ni,ni->n", a, np.cross(b, c))
    below = lengths.prod(axis=1)
    for one, two, other in ((a, b, 2), (b, c, 0), (c, a, 1)):
        below = below + np.einsum("ni,ni->n", one, two) * lengths[:, other]
    return bool(abs(2 * np.arctan2(above, below).sum()) > 2 * np.pi)
