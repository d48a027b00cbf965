"""The structures of abi.h, and its functions, for ctypes."""

from __future__ import annotations

import ctypes

import numpy as np

__all__ = [
    "CHANNELS",
    "FUNCTIONS",
    "STRUCTURES",
    "VERSION",
    "Array",
    "Binding",
    "Correctives",
    "Frame",
    "Gaussians",
    "Gradients",
    "Raw",
    "array_of",
]

VERSION = 2
CHANNELS = ("positions", "log_scales", "rotations", "opacity_logits", "sh")
"""Of raw Gaussians, in the order of the ABI."""


class Array(ctypes.Structure):
    _fields_ = (("data", ctypes.c_void_p), ("count", ctypes.c_uint64))


class Gaussians(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_uint32) for name in ("bytes", "gaussians", "degree", "unused")),
        *(
            (name, Array)
            for name in ("positions", "covariances", "opacities", "harmonics", "turns", "normals")
        ),
    )


class Raw(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_uint32) for name in ("bytes", "gaussians", "degree", "unused")),
        *((name, Array) for name in CHANNELS),
    )


class Correctives(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_uint32) for name in ("bytes", "bases", "rows", "harmonics")),
        *((name, Array) for name in ("gaussian", "basis", *CHANNELS)),
    )


class Gradients(ctypes.Structure):
    _fields_ = (
        ("bytes", ctypes.c_uint32),
        ("unused", ctypes.c_uint32 * 3),
        *((name, Array) for name in ("d_rgba", "error", *CHANNELS, "scores")),
        ("seconds", ctypes.c_double * 3),
    )


class Binding(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_uint32) for name in ("bytes", "vertices", "triangles", "unused")),
        *((name, Array) for name in ("rest", "corners", "triangle", "barycentric")),
    )


class Frame(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_uint32) for name in ("bytes", "width", "height", "antialiased")),
        ("rotation", ctypes.c_double * 9),
        ("translation", ctypes.c_double * 3),
        *((n, ctypes.c_double) for n in ("fx", "fy", "cx", "cy", "near", "dilation", "margin")),
        *((name, Array) for name in ("vertices", "rgba", "depth", "normals")),
        ("seconds", ctypes.c_double * 4),
        *((name, ctypes.c_uint64) for name in ("drawn", "pairs")),
    )


STRUCTURES = (Gaussians, Binding, Frame, Raw, Correctives, Gradients)
"""In the order of `rt_size`."""

_NUMBER, _PLACE, _REAL = ctypes.c_uint64, ctypes.c_void_p, ctypes.c_double
FUNCTIONS: dict[str, tuple[type, ...]] = {
    "rt_open": (ctypes.c_uint32, ctypes.c_char_p, _PLACE),
    "rt_close": (_NUMBER,),
    "rt_describe": (_NUMBER,),
    "rt_set": (_NUMBER, _PLACE),
    "rt_set_raw": (_NUMBER, _PLACE),
    "rt_set_correctives": (_NUMBER, _PLACE),
    "rt_correct": (_NUMBER, Array),
    "rt_bind": (_NUMBER, _PLACE),
    "rt_render": (_NUMBER, _PLACE),
    "rt_gradient": (_NUMBER, _PLACE, _PLACE),
    "rt_turn": (Array, Array, ctypes.c_uint32),
    "rt_loss": (*(Array,) * 4, _REAL, ctypes.c_uint32, Array, Array, _PLACE),
    "rt_adam": (*(Array,) * 4, *(_REAL,) * 4, ctypes.c_uint64, ctypes.c_uint32),
}
"""Name to arguments, but for the last one, which is the text of an answer."""


def array_of(values: np.ndarray | None, held: list[np.ndarray], kind: type = np.float32) -> Array:
    """The array's address and size; `held` keeps a converted copy alive until after the call."""
    if values is None:
        return Array(None, 0)
    array: np.ndarray = np.ascontiguousarray(values, dtype=kind)
    held.append(array)
    return Array(array.ctypes.data if array.size else None, array.size)
