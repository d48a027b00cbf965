"""A pinhole camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import RigtalkError

__all__ = ["Camera"]


@dataclass(frozen=True, eq=False)
class Camera:
    """Where a picture is taken from: x to the right, y down, z forward.

    The centre of the pixel in column i and row j is at (i + 0.5, j + 0.5); row 0 is the top.

    Attributes
    ----------
    width, height : int
        Pixels; 0 is allowed and gives an empty picture.
    fx, fy, cx, cy : float
        Focal lengths and principal point, pixels.
    rotation : np.ndarray, shape (3, 3)
    translation : np.ndarray, shape (3,)
        ``rotation @ p + translation`` takes a point of the world into the camera's axes.
    near : float
        Depth in front of which nothing is drawn, in the world's unit; above 0.

    Raises
    ------
    RigtalkError
        If a number makes no camera.
    """

    width: int
    height: int
    fx: float
    fy: float
    cx: float
    cy: float
    rotation: np.ndarray
    translation: np.ndarray
    near: float = 0.01

    def __post_init__(self) -> None:
        for name in ("rotation", "translation"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.float64))
        if self.width < 0 or self.height < 0:
            raise RigtalkError(f"a picture of {self.width} x {self.height} pixels cannot be")
        if self.rotation.shape != (3, 3) or self.translation.shape != (3,):
            raise RigtalkError("a camera needs a rotation of 3 x 3 and a translation of 3 numbers")
        numbers = [self.fx, self.fy, self.cx, self.cy, self.near, *self.translation]
        if not np.all(np.isfinite([*numbers, *self.rotation.ravel()])):
            raise RigtalkError("a camera has a number that is not finite")
        if not np.allclose(self.rotation @ self.rotation.T, np.eye(3), atol=1e-4):
            raise RigtalkError("a camera's rotation must be orthogonal: take scaling out of it")
        if min(self.fx, self.fy, self.near) <= 0:
            raise RigtalkError("a camera's focal lengths and nearest depth must be above 0")

    @property
    def centre(self) -> np.ndarray:
        """Where the camera stands in the world, (3,) float64."""
        return -self.rotation.T @ self.translation

    @classmethod
    def look_at(
        cls,
        eye: Sequence[float],
        target: Sequence[float],
        up: Sequence[float] = (0, 1, 0),
        *,
        field_of_view: float,
        width: int,
        height: int,
        near: float = 0.01,
    ) -> Camera:
        """A camera at `eye` that has `target` in the middle of its picture.

        Parameters
        ----------
        field_of_view : float
            Of the picture's height, radians.
        """
        if not 0 < field_of_view < np.pi:
            raise RigtalkError("a field of view lies between 0 and 180 degrees")
        position = np.asarray(eye, dtype=np.float64)
        forward = np.asarray(target, dtype=np.float64) - position
        right = np.cross(forward, np.asarray(up, dtype=np.float64))
        lengths = np.linalg.norm(forward), np.linalg.norm(right)
        if min(lengths) < 1e-12:
            raise RigtalkError("a camera cannot look along its own up, or at where it stands")
        forward, right = forward / lengths[0], right / lengths[1]
        rotation = np.stack([right, np.cross(forward, right), forward])
        focal = max(height, 1) / 2 / np.tan(field_of_view / 2)
        return cls(
            width,
            height,
            focal,
            focal,
            width / 2,
            height / 2,
            rotation,
            -rotation @ position,
            near,
        )
