"""Bones at rest, and the channels of bones: what face rigs are worked out from and come out as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .response import Response, Term

__all__ = ["BoneChannel", "Moves", "RestBone", "location_channels", "rotation_channels"]

Moves = Mapping[str, np.ndarray]
"""Control to a vector (3,) at value 1: a movement, or a rotation vector in radians."""

_STILL = 1e-9


@dataclass(frozen=True)
class RestBone:
    """A bone as it rests in its armature.

    Attributes
    ----------
    head : sequence of float, shape (3,)
        Position in the armature's space.
    axes : sequence of sequence of float, shape (3, 3)
        Columns are the bone's x, y and z axes in the armature's space.
    rotation_mode : str
        ``"QUATERNION"``, ``"AXIS_ANGLE"`` or an order such as ``"XYZ"``.
    low, high : sequence of float or None, shape (3,)
        Ends of the location, from the bone's limit; None without one.
    """

    head: Sequence[float]
    axes: Sequence[Sequence[float]]
    rotation_mode: str = "QUATERNION"
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None


@dataclass(frozen=True)
class BoneChannel:
    """One number of a bone's pose.

    Attributes
    ----------
    bone : str
    path : str
        ``"location"``, ``"rotation_euler"``, ``"rotation_quaternion"`` or
        ``"rotation_axis_angle"``.
    index : int
        Component; 0 is w in a quaternion and the angle with an axis.
    response : Response
        To ARKit weights. A quaternion's w answers to none and stays 1: Blender normalises.
    """

    bone: str
    path: str
    index: int
    response: Response


def location_channels(bone: str, rest: RestBone, moves: Moves) -> tuple[BoneChannel, ...]:
    """Channels that move a bone by vectors in the armature's space."""
    return tuple(
        BoneChannel(bone, "location", axis, Response(terms))
        for axis, terms in enumerate(_terms(rest, moves))
        if terms
    )


def rotation_channels(bone: str, rest: RestBone, turns: Moves) -> tuple[BoneChannel, ...]:
    """Channels that turn a bone by rotation vectors in the armature's space.

    Components add up, which is exact for one axis and close for the small turns of a jaw. With a
    quaternion the angle is read from half its tangent: 1 % short at 20 degrees.
    """
    axes = _terms(rest, turns)
    if not any(axes):
        return ()
    if rest.rotation_mode == "QUATERNION":
        halves = [Response(terms).scaled(0.5) for terms in axes]
        parts = [Response((), offset=1.0), *halves]
        return tuple(BoneChannel(bone, "rotation_quaternion", i, r) for i, r in enumerate(parts))
    if rest.rotation_mode == "AXIS_ANGLE":
        main = max(range(3), key=lambda axis: sum(abs(term.gain) for term in axes[axis]))
        fixed = [Response((), offset=float(axis == main)) for axis in range(3)]
        parts = [Response(axes[main]), *fixed]
        return tuple(BoneChannel(bone, "rotation_axis_angle", i, r) for i, r in enumerate(parts))
    return tuple(
        BoneChannel(bone, "rotation_euler", axis, Response(terms))
        for axis, terms in enumerate(axes)
        if terms
    )


def _terms(rest: RestBone, moves: Moves) -> list[tuple[Term, ...]]:
    """For each axis of the bone, what each control adds along it."""
    axes = np.asarray(rest.axes, dtype=float)
    # Lengths are set aside: a bone's own axes are of length 1 unless its matrix is scaled.
    axes = axes / np.linalg.norm(axes, axis=0)
    own = {control: np.asarray(vector) @ axes for control, vector in moves.items()}
    largest = max((np.abs(vector).max() for vector in own.values()), default=0.0)
    return [
        tuple(
            Term(control, float(vector[axis]))
            for control, vector in own.items()
            if abs(vector[axis]) > max(1e-4 * largest, _STILL)
        )
        for axis in range(3)
    ]
