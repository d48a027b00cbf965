"""The C ABI of abi.h through ctypes, with arrays of numpy."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import RigtalkError
from ..camera import Camera
from ..posed import Posed
from ..reference import MARGIN, Settings

__all__ = ["FOLDER", "Frame", "Library", "NativeRenderer", "library_path"]

FOLDER = Path(__file__).resolve().parent / "lib"
"""Where `python build.py native` puts what it builds."""
VERSION = 1
_SUFFIXES = {"win32": ".dll", "darwin": ".dylib"}
_STEPS = ("project", "sort", "bin", "blend")


class _Array(ctypes.Structure):
    _fields_ = (("data", ctypes.c_void_p), ("count", ctypes.c_uint64))


class _Gaussians(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_uint32) for name in ("bytes", "gaussians", "degree", "unused")),
        *(
            (name, _Array)
            for name in ("positions", "covariances", "opacities", "harmonics", "turns", "normals")
        ),
    )


class _Binding(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_uint32) for name in ("bytes", "vertices", "triangles", "unused")),
        *((name, _Array) for name in ("rest", "corners", "triangle", "barycentric")),
    )


class _Frame(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_uint32) for name in ("bytes", "width", "height", "antialiased")),
        ("rotation", ctypes.c_double * 9),
        ("translation", ctypes.c_double * 3),
        *((n, ctypes.c_double) for n in ("fx", "fy", "cx", "cy", "near", "dilation", "margin")),
        *((name, _Array) for name in ("vertices", "rgba", "depth", "normals")),
        ("seconds", ctypes.c_double * 4),
        *((name, ctypes.c_uint64) for name in ("drawn", "pairs")),
    )


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


class Library:
    """A loaded library of the C ABI.

    Raises
    ------
    RigtalkError
        If the file cannot be loaded or is of another version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.functions = ctypes.CDLL(str(path))
            version = self.functions.rt_version()
            sizes = tuple(self.functions.rt_size(which) for which in range(3))
        except (OSError, AttributeError) as error:
            raise RigtalkError(f"{path.name} cannot be loaded: {error}") from error
        if version != VERSION or sizes != tuple(map(ctypes.sizeof, (_Gaussians, _Binding, _Frame))):
            raise RigtalkError(
                f"{path.name} is of another version of rigtalk: run `python build.py native` again"
            )
        number, place = ctypes.c_uint64, ctypes.c_void_p
        for name, arguments in {
            "rt_open": (ctypes.c_uint32, ctypes.c_char_p, place, _Array),
            "rt_close": (number, _Array),
            "rt_describe": (number, _Array),
            "rt_set": (number, place, _Array),
            "rt_bind": (number, place, _Array),
            "rt_render": (number, place, _Array),
        }.items():
            function = getattr(self.functions, name)
            function.argtypes, function.restype = arguments, ctypes.c_int32

    def call(self, name: str, *arguments: object) -> str:
        """Call a function and return its line of text; RigtalkError if it answers with a code."""
        text = ctypes.create_string_buffer(512)
        function: Callable[..., int] = getattr(self.functions, name)
        code = function(*arguments, _Array(ctypes.addressof(text), len(text)))
        words = text.value.decode("utf-8", "replace")
        if code:
            raise RigtalkError(words or f"the native renderer answered with {code}")
        return words


class NativeRenderer:
    """A renderer of a native library, with the Gaussians that it was given last.

    Parameters
    ----------
    library : Library
    threads : int
        0 for as many as the machine has.
    instructions : str
        "portable", "avx2" or "avx512"; the best of this processor if empty.
    """

    def __init__(self, library: Library, *, threads: int = 0, instructions: str = "") -> None:
        self._library = library
        number = ctypes.c_uint64()
        if not 0 <= threads <= 1024:
            raise RigtalkError(f"a renderer has 0 (all) to 1024 threads, not {threads}")
        library.call("rt_open", threads, instructions.encode(), ctypes.byref(number))
        self.number: int = number.value
        self.description = library.call("rt_describe", self.number)

    def close(self) -> None:
        """Free what it holds; a closed renderer answers with an error."""
        if self.number:
            self._library.call("rt_close", self.number)
            self.number = 0

    def __del__(self) -> None:
        if getattr(self, "number", 0) and not sys.is_finalizing():
            self.close()

    def set(self, posed: Posed) -> None:
        """Draw these Gaussians from now on; a binding stays if their number does."""
        held: list[np.ndarray] = []
        given = _Gaussians(
            ctypes.sizeof(_Gaussians),
            len(posed),
            posed.degree,
            0,
            *(
                _array(each, held)
                for each in (
                    posed.positions,
                    posed.covariances,
                    posed.opacities,
                    posed.sh,
                    posed.turns,
                    posed.normals,
                )
            ),
        )
        self._library.call("rt_set", self.number, ctypes.byref(given))

    def bind(
        self,
        vertices: np.ndarray,
        triangles: np.ndarray,
        triangle: np.ndarray,
        barycentric: np.ndarray,
    ) -> None:
        """Bind the Gaussians to a mesh at rest: see `SplatHead` for the arrays."""
        held: list[np.ndarray] = []
        given = _Binding(
            ctypes.sizeof(_Binding),
            len(vertices),
            len(triangles),
            0,
            _array(vertices, held),
            _array(triangles, held, np.int32),
            _array(triangle, held, np.int32),
            _array(barycentric, held),
        )
        self._library.call("rt_bind", self.number, ctypes.byref(given))

    def render(
        self,
        camera: Camera,
        settings: Settings,
        *,
        vertices: np.ndarray | None = None,
        extras: bool = False,
        out: np.ndarray | None = None,
    ) -> Frame:
        """Draw one picture.

        Parameters
        ----------
        vertices : np.ndarray, shape (V, 3), optional
            Of the deformed mesh that the Gaussians are bound to.
        extras : bool
            Whether depth and normals are wanted too.
        out : np.ndarray, shape (h, w, 4), float32, C-contiguous, optional
            Where the picture goes; a new array if not given.
        """
        size = camera.height, camera.width
        if not max(size) <= 16384:
            raise RigtalkError("a picture has at most 16384 x 16384 pixels")
        rgba = np.zeros((*size, 4), np.float32) if out is None else out
        if rgba.shape != (*size, 4) or rgba.dtype != np.float32 or not rgba.flags.c_contiguous:
            raise RigtalkError(f"the picture needs an array {(*size, 4)} of float32 in one piece")
        depth = np.zeros(size, np.float32) if extras else None
        normals = np.zeros((*size, 3), np.float32) if extras else None
        held: list[np.ndarray] = []
        frame = _Frame(
            ctypes.sizeof(_Frame),
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
            *(_array(each, held) for each in (vertices, rgba, depth, normals)),
        )
        self._library.call("rt_render", self.number, ctypes.byref(frame))
        seconds = dict(zip(_STEPS, frame.seconds, strict=True))
        return Frame(rgba, depth, normals, seconds, frame.drawn, frame.pairs)


def library_path(name: str) -> Path:
    """Where the library of a back end, "cpu" or "cuda", lies once it is built."""
    stem = {"cpu": "rigtalk_splat", "cuda": "rigtalk_splat_cuda"}[name]
    return FOLDER / f"lib{stem}{_SUFFIXES.get(sys.platform, '.so')}"


def _array(values: np.ndarray | None, held: list[np.ndarray], kind: type = np.float32) -> _Array:
    """The array's address and size; `held` keeps a converted copy alive until after the call."""
    if values is None:
        return _Array(None, 0)
    array: np.ndarray = np.ascontiguousarray(values, dtype=kind)
    held.append(array)
    return _Array(array.ctypes.data if array.size else None, array.size)
