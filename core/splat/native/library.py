"""The C ABI of abi.h through ctypes, with arrays of numpy."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from ...errors import RigtalkError
from ..camera import Camera
from ..correctives import Correctives
from ..gaussians import Gaussians
from ..harmonics import BASIS_SIZES, degree_of
from ..posed import Posed
from ..reference import Settings
from . import structures
from .frames import Frame, frame_of, picture_for
from .gradients import Gradients
from .structures import CHANNELS, FUNCTIONS, STRUCTURES, VERSION, Array, array_of

__all__ = ["FOLDER", "Frame", "Library", "NativeRenderer", "library_path"]

FOLDER = Path(__file__).resolve().parent / "lib"
"""Where `python build.py native` puts what it builds."""
_SUFFIXES = {"win32": ".dll", "darwin": ".dylib"}
_STEPS = ("project", "sort", "bin", "blend")
_BACKWARD = ("forward", "blend", "chain")


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
            sizes = tuple(self.functions.rt_size(which) for which in range(len(STRUCTURES)))
            functions = {name: getattr(self.functions, name, None) for name in FUNCTIONS}
        except (OSError, AttributeError) as error:
            raise RigtalkError(f"{path.name} cannot be loaded: {error}") from error
        expected = tuple(map(ctypes.sizeof, STRUCTURES))
        if version != VERSION or sizes != expected or None in functions.values():
            raise RigtalkError(
                f"{path.name} is of another version of rigtalk: run `python build.py native` again"
            )
        for name, arguments in FUNCTIONS.items():
            function = getattr(self.functions, name)
            function.argtypes, function.restype = (*arguments, Array), ctypes.c_int32

    def call(self, name: str, *arguments: object) -> str:
        """Call a function and return its line of text; RigtalkError if it answers with a code."""
        text = ctypes.create_string_buffer(512)
        function: Callable[..., int] = getattr(self.functions, name)
        code = function(*arguments, Array(ctypes.addressof(text), len(text)))
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
        self.library = library
        number = ctypes.c_uint64()
        if not 0 <= threads <= 1024:
            raise RigtalkError(f"a renderer has 0 (all) to 1024 threads, not {threads}")
        library.call("rt_open", threads, instructions.encode(), ctypes.byref(number))
        self.number: int = number.value
        self.seconds: dict[str, float] = {}  # of the last gradient
        self._raw = 0, 1  # Gaussians and coefficients of a channel that were given raw
        self.description = library.call("rt_describe", self.number)

    def close(self) -> None:
        """Free what it holds; a closed renderer answers with an error."""
        if self.number:
            self.library.call("rt_close", self.number)
            self.number = 0

    def __del__(self) -> None:
        if getattr(self, "number", 0) and not sys.is_finalizing():
            self.close()

    def set(self, posed: Posed) -> None:
        """Draw these Gaussians from now on; a binding stays if their number does."""
        held: list[np.ndarray] = []
        given = structures.Gaussians(
            ctypes.sizeof(structures.Gaussians),
            len(posed),
            posed.degree,
            0,
            *(
                array_of(each, held)
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
        self.library.call("rt_set", self.number, ctypes.byref(given))

    def set_raw(self, gaussians: Gaussians | Mapping[str, np.ndarray]) -> None:
        """Draw these Gaussians from now on, uncorrected; what `Posed.of` finds is found natively.

        A binding stays if their number does, and correctives if their degree does too. Arrays by
        the names of `Gaussians`, which are checked for finite numbers alone, save the time of it.

        Raises
        ------
        RigtalkError
            If arrays disagree in their numbers, or a number is not finite.
        """
        by_name = vars(gaussians) if isinstance(gaussians, Gaussians) else gaussians
        count, coefficients = by_name["sh"].shape[:2]
        if coefficients not in BASIS_SIZES:
            raise RigtalkError(f"harmonics have 1, 4, 9 or 16 coefficients, not {coefficients}")
        held: list[np.ndarray] = []
        given = structures.Raw(
            ctypes.sizeof(structures.Raw),
            count,
            degree_of(coefficients),
            0,
            *(array_of(by_name[name], held) for name in CHANNELS),
        )
        self.library.call("rt_set_raw", self.number, ctypes.byref(given))
        self._raw = count, coefficients

    def correctives(self, correctives: Correctives | None) -> None:
        """Correct the raw Gaussians by these from the next `correct` on; None for not at all."""
        held: list[np.ndarray] = []
        rows = correctives.rows if correctives else {}
        given = structures.Correctives(
            ctypes.sizeof(structures.Correctives),
            correctives.mix.shape[1] if correctives else 0,
            len(correctives.gaussian) if correctives else 0,
            rows["sh"].shape[1] if "sh" in rows else 0,
            array_of(correctives.gaussian if correctives else None, held, np.uint32),
            array_of(correctives.basis if correctives else None, held, np.uint32),
            *(array_of(rows.get(name), held, np.float16) for name in CHANNELS),
        )
        self.library.call("rt_set_correctives", self.number, ctypes.byref(given))

    def correct(self, coefficients: np.ndarray | None) -> None:
        """Draw the raw Gaussians plus the bases times these coefficients, shape (bases,).

        None for the Gaussians as they were given; see `Correctives.applied` for the rules.
        """
        held: list[np.ndarray] = []
        self.library.call("rt_correct", self.number, array_of(coefficients, held))

    def bind(
        self,
        vertices: np.ndarray,
        triangles: np.ndarray,
        triangle: np.ndarray,
        barycentric: np.ndarray,
    ) -> None:
        """Bind the Gaussians to a mesh at rest: see `SplatHead` for the arrays."""
        held: list[np.ndarray] = []
        given = structures.Binding(
            ctypes.sizeof(structures.Binding),
            len(vertices),
            len(triangles),
            0,
            array_of(vertices, held),
            array_of(triangles, held, np.int32),
            array_of(triangle, held, np.int32),
            array_of(barycentric, held),
        )
        self.library.call("rt_bind", self.number, ctypes.byref(given))

    def render(
        self,
        camera: Camera,
        settings: Settings,
        *,
        vertices: np.ndarray | None = None,
        extras: bool = False,
        out: np.ndarray | None = None,
        depth: np.ndarray | None = None,
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
        depth : np.ndarray, shape (h, w), float32, C-contiguous, optional
            Where the depth goes; it is wanted then, whatever `extras` says.
        """
        size = camera.height, camera.width
        held: list[np.ndarray] = []
        rgba = picture_for(camera, out)
        if depth is None:
            depth = np.zeros(size, np.float32) if extras else None
        elif depth.shape != size or depth.dtype != np.float32 or not depth.flags.c_contiguous:
            raise RigtalkError(f"the depth needs an array {size} of float32 in one piece")
        normals = np.zeros((*size, 3), np.float32) if extras else None
        frame = frame_of(camera, settings, (vertices, rgba, depth, normals), held)
        self.library.call("rt_render", self.number, ctypes.byref(frame))
        seconds = dict(zip(_STEPS, frame.seconds, strict=True))
        return Frame(rgba, depth, normals, seconds, frame.drawn, frame.pairs)

    def gradient(
        self,
        camera: Camera,
        settings: Settings,
        d_rgba: np.ndarray,
        vertices: np.ndarray | None = None,
        error: np.ndarray | None = None,
        out: Gradients | None = None,
    ) -> Gradients:
        """The gradient of a loss of one picture to the raw Gaussians, which `set_raw` gave.

        It is least work right after `render` of the same camera and vertices. The result is the
        same for any number of threads.

        Parameters
        ----------
        camera, settings, vertices
            As for `render`.
        d_rgba : np.ndarray, shape (h, w, 4), float32
            The loss's gradient to what `render` gives: premultiplied colour, and alpha.
        error : np.ndarray, shape (h, w), float32, optional
            For the third score; without it that score is 0.
        out : Gradients, optional
            Where the result goes; new arrays if not given.

        Raises
        ------
        RigtalkError
            If Gaussians were not given raw, or an array does not fit or is not finite.
        """
        size = camera.height, camera.width
        if d_rgba.shape != (*size, 4) or (error is not None and error.shape != size):
            raise RigtalkError(f"a gradient needs d_rgba {(*size, 4)} and an error {size} or none")
        result = out or Gradients.empty(*self._raw)
        held: list[np.ndarray] = []
        outputs = [getattr(result, name) for name in (*CHANNELS, "scores")]
        if not all(each.dtype == np.float32 and each.flags.c_contiguous for each in outputs):
            raise RigtalkError("gradients need arrays of float32 in one piece")
        frame = frame_of(camera, settings, (vertices, None, None, None), held)
        given = structures.Gradients(
            ctypes.sizeof(structures.Gradients),
            (ctypes.c_uint32 * 3)(),
            *(array_of(each, held) for each in (d_rgba, error, *outputs)),
        )
        self.library.call("rt_gradient", self.number, ctypes.byref(frame), ctypes.byref(given))
        self.seconds = dict(zip(_BACKWARD, given.seconds, strict=True))
        return result


def library_path(name: str) -> Path:
    """Where the library of a back end, "cpu" or "cuda", lies once it is built."""
    stem = {"cpu": "rigtalk_splat", "cuda": "rigtalk_splat_cuda"}[name]
    return FOLDER / f"lib{stem}{_SUFFIXES.get(sys.platform, '.so')}"
