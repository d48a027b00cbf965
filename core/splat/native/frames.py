"""A frame that is asked of a native renderer, and what comes back."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np

from ...errors import RigtalkError
from ..camera import Camera
from ..reference import MARGIN, Settings
from . import structures
from .structures import array_of

__all__ = ["Frame", "frame_of", "picture_for"]


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture, and what it took.

    Attributes
    ----------
    rgba : np.ndarray, shape (h, w, 4), float32
        Colour times alpha, and alpha.
    depth : np.ndarray, shape (h, w), float32, or None
    normals : np.ndarray, shape (h, w, 3), float32, or None
    seconds : dict of str to float
        Of deforming and projecting, sorting, binning and blending; zeros where they are one.
    drawn, pairs : int
        Gaussians in the picture, and pairs of Gaussian and tile.
    """

    rgba: np.ndarray
    depth: np.ndarray | None
    normals: np.ndarray | None
    seconds: dict[str, float]
    drawn: int
    pairs: int


def picture_for(camera: Camera, out: np.ndarray | None) -> np.ndarray:
    """`out`, or a new array if it is none; RigtalkError if the picture does not fit into it."""
    shape = camera.height, camera.width, 4
    _check_size(camera)
    rgba = np.zeros(shape, np.float32) if out is None else out
    if rgba.shape != shape or rgba.dtype != np.float32 or not rgba.flags.c_contiguous:
        raise RigtalkError(f"the picture needs an array {shape} of float32 in one piece")
    return rgba


def _check_size(camera: Camera) -> None:
    if not max(camera.height, camera.width) <= 16384:
        raise RigtalkError("a picture has at most 16384 x 16384 pixels")


def frame_of(
    camera: Camera,
    settings: Settings,
    arrays: tuple[np.ndarray | None, ...],
    held: list[np.ndarray],
) -> structures.Frame:
    """A frame of vertices, rgba, depth and normals."""
    _check_size(camera)
    return structures.Frame(
        ctypes.sizeof(structures.Frame),
        camera.width,
        camera.height,
        settings.antialiased,
        (ctypes.c_double * 9)(*camera.rotation.ravel()),
        (ctypes.c_double * 3)(*camera.translation),
        camera.fx,
        camera.fy,
        camera.cx,
        camera.cy,
        camera.near,
        settings.dilation,
        MARGIN,
        *(array_of(each, held) for each in arrays),
    )
