"""A head of Gaussians under a performance: its mesh, and how it is turned, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rigtalk.rigs import control_set_names

from ..errors import RigtalkError
from ..performance import Performance
from .deformation import RestFrames
from .gaussians import Gaussians
from .head import SplatHead
from .stance import Stance

__all__ = ["HEAD_ANGLES", "Acting", "Pose", "rig_of"]

HEAD_ANGLES = ("headYaw", "headPitch", "headRoll")
"""Controls that turn a head: to the character's right, downwards, to its left shoulder; radians."""
_AT_ONCE = 1 << 24
"""Numbers of vertices that are worked out together: 64 MB."""
_KEPT = 1 << 28
"""Numbers of shapes that are held in single precision: 1 GB."""


@dataclass(frozen=True, eq=False)
class Pose:
    """One frame of a head.

    Attributes
    ----------
    weights : np.ndarray, shape (shapes,), float32
    vertices : np.ndarray, shape (V, 3), float32
        Of the mesh under them, in the head's space, not turned.
    rotation : np.ndarray, shape (3, 3)
    translation : np.ndarray, shape (3,)
        The whole head goes to ``rotation @ p + translation``.
    """

    weights: np.ndarray
    vertices: np.ndarray
    rotation: np.ndarray
    translation: np.ndarray


class Acting:
    """The frames of a head under a performance.

    Angles of the head that are no shapes of its own turn it as a whole, shoulders too, about the
    joint of the neck. The order is that of the embedded head in Blender: yaw, pitch, roll.

    Parameters
    ----------
    head : SplatHead
    performance : Performance
        For the head's own control set.
    turning : Performance, optional
        Where the angles come from, if `performance` has none.

    Raises
    ------
    RigtalkError
        If the head has no shapes, or the performance moves none of them.
    """

    def __init__(
        self, head: SplatHead, performance: Performance, turning: Performance | None = None
    ) -> None:
        names = performance.controls.names
        if not head.shape_names:
            raise RigtalkError(
                "has no shapes, so curves cannot move it; bake it, or bind it, to a rigged mesh"
            )
        if not set(names) & set(head.shape_names):
            raise RigtalkError(
                f"none of its {len(head.shape_names)} shapes is a control of "
                f"{performance.controls.name!r}; bake it again"
            )
        self.head = head
        self._weights = head.weights(names, performance.values)
        self._angles = _angles(head, turning or performance, len(performance))
        self.stance = Stance.of(head)

    def __len__(self) -> int:
        return len(self._weights)

    def __iter__(self) -> Iterator[Pose]:
        for weights, angles, vertices in zip(
            self._weights, self._angles, self._vertices(), strict=True
        ):
            yield Pose(weights, vertices, *self.stance.turned(angles))

    def _vertices(self) -> Iterator[np.ndarray]:
        """Of each frame, many at once: one matrix product is far faster than sums of shapes."""
        rest = self.head.mesh.vertices
        used = np.flatnonzero(self._weights.any(axis=0))
        if len(used) * rest.size > _KEPT:
            yield from map(self.head.vertices, self._weights)
            return
        shapes = np.asarray(self.head.shape_deltas)[used].reshape(len(used), rest.size)
        deltas = shapes.astype(np.float32)
        step = max(1, min(32, _AT_ONCE // max(1, rest.size)))
        for start in range(0, len(self), step):
            moved = self._weights[start : start + step, used] @ deltas
            for each in moved:
                yield rest + each.reshape(rest.shape)

    def gaussians(self) -> Iterator[Gaussians]:
        """The Gaussians of each frame, as they stand, for files."""
        rest = RestFrames.of(self.head.mesh)
        for pose in self:
            mixed = self.head.correctives
            coefficients = mixed.coefficients(pose.weights) if mixed else None
            posed = self.head.posed(pose.vertices, coefficients, rest).gaussians()
            still = np.array_equal(pose.rotation, np.eye(3))
            yield posed if still else posed.transformed(pose.rotation, 1.0, pose.translation)


def rig_of(head: SplatHead) -> str:
    """Name of the control set that a head's shapes are of; ``"arkit"`` if it does not say.

    Raises
    ------
    RigtalkError
        If this rigtalk has no such set.
    """
    name = str(head.facts.get("rig", "arkit"))
    if name not in control_set_names():
        raise RigtalkError(f"its shapes are of the rig {name!r}, which this rigtalk does not know")
    return name


def _angles(head: SplatHead, performance: Performance, count: int) -> np.ndarray:
    """Yaw, pitch and roll of each frame, (count, 3); 0 where a shape of the head's does it."""
    angles = np.zeros((count, len(HEAD_ANGLES)))
    frames = min(count, len(performance))
    for column, name in enumerate(HEAD_ANGLES):
        if name in performance.controls.names and name not in head.shape_names:
            angles[:frames, column] = performance.curve(name)[:frames]
            angles[frames:, column] = angles[frames - 1, column] if frames else 0.0
    return angles
