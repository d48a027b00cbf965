"""A head of Gaussians that is ready to be drawn as its character stands."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.files.head_file import read_head
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.renderer import Renderer, open_renderer

from .following import Follower, reach_of
from .pinhole import Eye, Window, eye_of, window_of

__all__ = ["OpenHead", "head_path"]

_SAME_LOOK = 1e-4
"""Coefficients that differ by less look the same."""
_SLOW = "numpy"
_FEW = 1500
"""Gaussians that numpy draws in less than a second."""


class OpenHead:
    """A head, what draws it, and the meshes it follows.

    Parameters
    ----------
    character : bpy.types.Object
    path : Path
        Of the head's file.
    quick : bool
        Whether to make do with few and larger Gaussians where only numpy draws.

    Attributes
    ----------
    follower : Follower
    renderer : Renderer
    revision : int
        Grows whenever the head would look different from the same place.
    seconds : float
        What the last picture took.

    Raises
    ------
    RigtalkError
        If the file cannot be read.
    """

    def __init__(self, character: bpy.types.Object, path: Path, *, quick: bool = False) -> None:
        head = read_head(path)
        self.renderer: Renderer = open_renderer()
        if quick and self.renderer.backend == _SLOW:
            head = _thinned(head)
        self.follower = Follower(head, character)
        self.renderer.show_head(head)
        self.revision = 0
        self.seconds = 0.0
        self.correcting = 0.0
        self._reach = reach_of(head)
        self._rest_size = float(np.linalg.norm(np.ptp(head.mesh.vertices, axis=0))) / 2
        self._coefficients: np.ndarray | None = None
        self._rgba: np.ndarray = np.zeros((0, 0, 4), np.float32)
        self._depth: np.ndarray = np.zeros((0, 0), np.float32)

    def follow(self, depsgraph: Any, *, correct: bool = True) -> bool:
        """Take over what the rig does now.

        Parameters
        ----------
        depsgraph : Depsgraph
        correct : bool
            Whether correctives are brought up to date too.

        Returns
        -------
        bool
            Whether correctives are up to date.

        Raises
        ------
        RigtalkError
            If the meshes are not those that the head was made on.
        """
        before = self.follower.revision
        self.follower.look(depsgraph)
        self.revision += self.follower.revision != before
        wanted = self.follower.coefficients(depsgraph)
        if wanted is None or self._like_now(wanted):
            return True
        if not correct:
            return False
        began = time.perf_counter()
        self.renderer.correct(wanted)
        self.correcting = time.perf_counter() - began
        self._coefficients = wanted
        self.revision += 1
        return True

    def _like_now(self, wanted: np.ndarray) -> bool:
        now = np.zeros_like(wanted) if self._coefficients is None else self._coefficients
        return bool(np.abs(now - wanted).max(initial=0.0) < _SAME_LOOK)

    def eye(self, view: np.ndarray, projection: np.ndarray, size: tuple[int, int]) -> Eye:
        """The camera for a view on the head; see `eye_of`."""
        follower = self.follower
        return eye_of(
            view,
            projection,
            size,
            origin=follower.origin,
            centre=follower.centre,
            radius=follower.size,
        )

    def window(self, eye: Eye) -> Window:
        """What of a view the head may touch."""
        grown = self.follower.size / self._rest_size if self._rest_size > 0 else 1.0
        return window_of(eye.camera, self.follower.vertices, self._reach * grown)

    def picture(self, camera: Camera) -> tuple[np.ndarray, np.ndarray]:
        """Draw: colour times alpha and alpha (h, w, 4), and depth (h, w), float32.

        The arrays are used again for the next picture.

        Raises
        ------
        RigtalkError
            If memory is short.
        """
        began = time.perf_counter()
        size = camera.height, camera.width
        if self._depth.shape != size:
            self._rgba, self._depth = np.empty((*size, 4), np.float32), np.empty(size, np.float32)
        self.renderer.draw_rgba(
            camera, vertices=self.follower.vertices, out=self._rgba, depth=self._depth
        )
        self.seconds = time.perf_counter() - began
        return self._rgba, self._depth

    def close(self) -> None:
        """Free what it holds."""
        self.renderer.close()


def _thinned(head: SplatHead) -> SplatHead:
    """One of every few Gaussians, as much larger, and without what changes them."""
    every = -(-len(head) // _FEW)
    if every <= 1:
        return head
    kept = np.arange(0, len(head), every)
    few = head.gaussians.take(kept)
    gaussians = replace(few, log_scales=few.log_scales + np.float32(0.5 * np.log(every)))
    return replace(
        head,
        gaussians=gaussians,
        triangle=head.triangle[kept],
        barycentric=head.barycentric[kept],
        correctives=None,
        attention=None,
    )


def head_path(character: bpy.types.Object) -> Path:
    """Where the head of a character is kept.

    Raises
    ------
    RigtalkError
        If it has none.
    """
    settings = getattr(character, "rigtalk_gaussian", None)
    named = str(getattr(settings, "filepath", ""))
    if not named:
        raise RigtalkError(f"{character.name} has no head of Gaussians: bake one, or choose a file")
    if named.startswith("//") and not bpy.data.filepath:
        raise RigtalkError(
            f"the head {named} is relative to a file that was never saved: save it, or choose the "
            "head anew"
        )
    library = character.library
    return Path(bpy.path.abspath(named, library=library)).absolute()
