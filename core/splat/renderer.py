"""Which renderer draws: the graphics card's, the processor's, or the slow one in numpy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import RigtalkError
from .camera import Camera
from .deformation import RestFrames
from .gaussians import Gaussians
from .head import SplatHead
from .native.library import Library, NativeRenderer, library_path
from .posed import Posed
from .reference import Picture, Settings, render

__all__ = ["BACKENDS", "Renderer", "open_renderer"]

BACKENDS = ("cuda", "cpu", "numpy")
"""The fastest first."""


@dataclass
class Renderer:
    """Draws Gaussians, or a head that its mesh deforms.

    Attributes
    ----------
    backend : str
        One of `BACKENDS`.
    description : str
        One line on what draws.
    reason : str
        Why no faster back end draws; empty where this is the fastest, or was asked for.
    """

    backend: str
    description: str
    reason: str = ""
    _native: NativeRenderer | None = None
    _posed: Posed | Gaussians | None = None
    _head: SplatHead | None = None
    _rest: RestFrames | None = None
    _coefficients: np.ndarray | None = None
    _offsets: Mapping[str, np.ndarray] | None = None
    _settings: Settings | None = None

    @property
    def native(self) -> NativeRenderer | None:
        """What draws, where it is native."""
        return self._native

    def show(self, gaussians: Gaussians | Posed) -> None:
        """Draw these Gaussians from now on."""
        if self._native and isinstance(gaussians, Gaussians):
            self._native.set_raw(gaussians)
        elif self._native and isinstance(gaussians, Posed):
            self._native.set(gaussians)
        self._posed, self._head, self._settings = gaussians, None, None

    def show_head(self, head: SplatHead) -> None:
        """Draw this head from now on, on the vertices that `draw` is given."""
        if self._native:
            self._native.set_raw(head.gaussians)
            self._native.correctives(head.correctives)
            mesh = head.mesh
            self._native.bind(mesh.vertices, mesh.triangles, head.triangle, head.barycentric)
        else:
            self._rest = RestFrames.of(head.mesh)
        self._posed, self._head, self._settings = None, head, head.settings
        self._coefficients = self._offsets = None

    def correct(
        self,
        coefficients: np.ndarray | None,
        offsets: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        """Set what changes the head's Gaussians in the pictures from now on.

        Parameters
        ----------
        coefficients : np.ndarray, shape (bases,), or None
            Of the head's correctives; None for none.
        offsets : mapping of str to np.ndarray, optional
            Of its attention, from `attention_offsets`.

        Raises
        ------
        RigtalkError
            If no head is shown, or there are not as many coefficients as bases.
        """
        head = self._shown_head()
        before, self._offsets = self._offsets, offsets
        self._coefficients = coefficients if head.correctives else None
        if not self._native:
            return
        if offsets:
            self._native.set_raw(head.corrected(self._coefficients, offsets))
            return
        if before:
            self._native.set_raw(head.gaussians)
        if head.correctives:
            self._native.correct(coefficients)

    def draw(
        self,
        camera: Camera,
        settings: Settings | None = None,
        *,
        vertices: np.ndarray | None = None,
    ) -> Picture:
        """Draw a picture with depth and normals.

        Parameters
        ----------
        camera : Camera
        settings : Settings, optional
            Those of the head, or the usual ones, if not given.
        vertices : np.ndarray, shape (V, 3)
            Of a head's deformed mesh; its mesh at rest if not given.

        Raises
        ------
        RigtalkError
            If nothing was shown, the vertices are not those of the mesh, or memory is short.
        """
        chosen, moved = self._prepared(settings, vertices)
        if not self._native:
            return render(self._slow(moved), camera, chosen)
        frame = self._native.render(camera, chosen, vertices=moved, extras=True)
        assert frame.depth is not None  # noqa: S101 - of extras
        assert frame.normals is not None  # noqa: S101
        return Picture(
            np.ascontiguousarray(frame.rgba[..., :3]),
            np.ascontiguousarray(frame.rgba[..., 3]),
            frame.depth,
            frame.normals,
        )

    def draw_rgba(
        self,
        camera: Camera,
        settings: Settings | None = None,
        *,
        vertices: np.ndarray | None = None,
        out: np.ndarray | None = None,
        depth: np.ndarray | None = None,
    ) -> np.ndarray:
        """Draw colour times alpha, and alpha, alone: (h, w, 4) float32; see `draw`.

        `out`, if given, is such an array in one piece, and is filled and returned; `depth`, an
        array (h, w) of float32 in one piece, is filled with depths.
        """
        chosen, moved = self._prepared(settings, vertices)
        if self._native:
            return self._native.render(camera, chosen, vertices=moved, out=out, depth=depth).rgba
        picture = render(self._slow(moved), camera, chosen)
        if depth is not None:
            depth[...] = picture.depth
        rgba = np.concatenate([picture.rgb, picture.alpha[..., None]], axis=2)
        if out is None:
            return rgba
        out[...] = rgba
        return out

    def close(self) -> None:
        """Free what it holds."""
        if self._native:
            self._native.close()
        self._posed = self._head = None

    def _prepared(
        self, settings: Settings | None, vertices: np.ndarray | None
    ) -> tuple[Settings, np.ndarray | None]:
        chosen = settings or self._settings or Settings()
        if self._head is None:
            if self._posed is None:
                raise RigtalkError("nothing to draw: show Gaussians or a head first")
            if vertices is not None:
                raise RigtalkError("these Gaussians are bound to no mesh: give no vertices")
            return chosen, None
        mesh = self._head.mesh
        return chosen, mesh.deformed(mesh.vertices if vertices is None else vertices)

    def _slow(self, vertices: np.ndarray | None) -> Posed | Gaussians:
        if vertices is not None:
            head = self._shown_head()
            return head.posed(vertices, self._coefficients, self._rest, self._offsets)
        assert self._posed is not None  # noqa: S101 - made sure by _prepared
        return self._posed

    def _shown_head(self) -> SplatHead:
        if self._head is None:
            raise RigtalkError("no head is shown: show a head first")
        return self._head


def open_renderer(backend: str = "", *, threads: int = 0) -> Renderer:
    """Open the fastest renderer there is, or the one that is asked for.

    Parameters
    ----------
    backend : str
        One of `BACKENDS`, or empty for the first of them that works here.
    threads : int
        Of the CPU's renderer; 0 for as many as the machine has.

    Raises
    ------
    RigtalkError
        If `backend` is named and does not work here: the message says why.
    """
    if backend and backend not in BACKENDS:
        raise RigtalkError(f"there is no renderer {backend!r}: choose from {', '.join(BACKENDS)}")
    reasons: list[str] = []
    for name in (backend,) if backend else BACKENDS:
        if name == "numpy":
            return Renderer(name, "numpy, slow", "; ".join(reasons))
        try:
            native = NativeRenderer(_library(name), threads=threads)
            if name == "cuda":
                _prove(native)
        except RigtalkError as error:
            if backend:
                raise
            reasons.append(f"{name}: {error}")
        else:
            return Renderer(name, native.description, "; ".join(reasons), native)
    raise AssertionError("numpy always works")


def _library(name: str) -> Library:
    path = library_path(name)
    if not path.is_file():
        raise RigtalkError("not built: run `python build.py native` where rigtalk's sources are")
    return Library(path)


def _prove(native: NativeRenderer) -> None:
    """Draw a little with it and with numpy: cards and drivers differ, and a wrong picture is worse
    than a slow one. RigtalkError if the two differ."""
    rng = np.random.default_rng(0)
    count = 24
    gaussians = Gaussians(
        rng.normal(size=(count, 3)),
        rng.normal(-1.5, 0.5, (count, 3)),
        rng.normal(size=(count, 4)),
        rng.normal(0, 3, count),
        rng.normal(0, 0.4, (count, 4, 3)),
    )
    camera = Camera.look_at((0, 1, 6), (0, 0, 0), field_of_view=0.7, width=40, height=40)
    truth = render(gaussians, camera)
    wanted = np.concatenate([truth.rgb, truth.alpha[..., None]], axis=2)
    for give in (lambda: native.set(Posed.of(gaussians)), lambda: native.set_raw(gaussians)):
        give()
        apart = np.abs(native.render(camera, Settings()).rgba - wanted).max()
        if not apart < 4 / 255:
            raise RigtalkError(
                f"{native.description}, draws a test wrongly (by {apart:.3f}): not used"
            )
