"""Builds the CUDA back end for the processor: the same source, with `emulated/` for CUDA's headers.

What it cannot tell: how fast a card is, what its compiler makes of the source (nvcc's warnings and
`test_cuda_build.py` tell some of that), and the last bits of its arithmetic.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

from rigtalk.core.splat.native import compiling
from rigtalk.core.splat.native.library import Library

__all__ = ["Emulator", "build", "why_not"]

HEADERS = Path(__file__).with_name("emulated")
FLAGS = (
    "-std=c++17",
    "-g",
    "-fPIC",
    "-shared",
    "-pthread",
    "-fvisibility=hidden",
    "-Wno-unknown-pragmas",
)


def why_not() -> str:
    """Why the emulator cannot be built here; empty if it can."""
    if not sys.platform.startswith("linux"):
        return "the emulator of CUDA is for Linux"
    return "" if compiling.find_compiler() else "needs a C++ compiler"


def build(folder: Path, *flags: str) -> Path:
    """Compile it into a folder."""
    library = folder / "librigtalk_splat_cuda_emulated.so"
    compiler = compiling.find_compiler()
    assert compiler is not None
    subprocess.run(
        [
            *(compiler, *FLAGS, *(flags or ("-O2",)), f"-I{HEADERS}", "-x", "c++"),
            *(compiling.HERE / "cuda.cu", compiling.HERE / "abi.cpp", "-o", library),
        ],
        check=True,
    )
    return library


class Emulator:
    """What a test may do to the card that is not there."""

    def __init__(self, library: Library) -> None:
        self._functions = ctypes.CDLL(str(library.path))
        self._functions.emulated_set.argtypes = ctypes.c_char_p, ctypes.c_long
        self._functions.emulated_count.argtypes = (ctypes.c_char_p,)
        self._functions.emulated_count.restype = ctypes.c_long

    def set(self, name: str, value: int = 0) -> None:
        """See `emulated/cuda_runtime.h`; "reset" puts everything back."""
        self._functions.emulated_set(name.encode(), value)

    def count(self, which: str) -> int:
        """How many blocks of "device" or pinned "host" memory are held, or calls of a function."""
        return int(self._functions.emulated_count(which.encode()))
