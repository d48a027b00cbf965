"""What a backward pass gives, and what an optimiser does with it natively."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import RigtalkError
from .structures import array_of

if TYPE_CHECKING:
    from .library import Library

__all__ = ["Gradients", "adam", "robust_loss", "turn"]


@dataclass(frozen=True, eq=False)
class Gradients:
    """The gradient of a loss to raw Gaussians at rest (corrected, where they are), and scores.

    Attributes
    ----------
    positions, log_scales : np.ndarray, shape (n, 3), float32
    rotations : np.ndarray, shape (n, 3), float32
        To v at 0 where a rotation q becomes ``q * exp(v)``: a rotation vector in the Gaussian's
        own axes.
    opacity_logits : np.ndarray, shape (n,), float32
    sh : np.ndarray, shape (n, k, 3), float32
    scores : np.ndarray, shape (n, 4), float32
        What decides where more Gaussians are needed: how hard pixels pull at the Gaussian's mean,
        each pixel's part without its sign, so that opposite pulls do not cancel (AbsGS, Ye and
        others, 2024, eq. 7), in loss for a pixel; the sum of its weights in blending; the sum of
        weight times error; its largest weight.
    """

    positions: np.ndarray
    log_scales: np.ndarray
    rotations: np.ndarray
    opacity_logits: np.ndarray
    sh: np.ndarray
    scores: np.ndarray

    @classmethod
    def empty(cls, count: int, coefficients: int) -> Gradients:
        """Arrays for so many Gaussians with so many coefficients of a colour channel."""
        shapes = ((3,), (3,), (3,), (), (coefficients, 3), (4,))
        return cls(*(np.empty((count, *shape), np.float32) for shape in shapes))


def adam(
    library: Library,
    values: np.ndarray,
    gradient: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    *,
    rate: float,
    step: int,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-15,
    threads: int = 0,
) -> None:
    """One step of Adam in place (Kingma and Ba, 2015, algorithm 1).

    Parameters
    ----------
    library : Library
    values, gradient, first, second : np.ndarray, float32, of one shape, C-contiguous
        `values` and both moments change.
    rate : float
    step : int
        1 for the first.
    beta1, beta2, epsilon : float
    threads : int
        0 for as many as the machine has.

    Raises
    ------
    RigtalkError
        If an array is of another shape or kind, or a number is out of its range.
    """
    for name, array in (("values", values), ("first", first), ("second", second)):
        usable = array.dtype == np.float32 and array.flags.c_contiguous and array.flags.writeable
        if not usable or array.shape != gradient.shape:
            raise RigtalkError(f"Adam needs {name} like the gradient, of float32 in one piece")
    if not 0 <= threads <= 1024 or step < 1:
        raise RigtalkError("Adam takes 0 (all) to 1024 threads, and its steps count from 1")
    held: list[np.ndarray] = []
    library.call(
        "rt_adam",
        *(array_of(each, held) for each in (values, gradient, first, second)),
        *(ctypes.c_double(each) for each in (rate, beta1, beta2, epsilon)),
        step,
        threads,
    )


def turn(
    library: Library, quaternions: np.ndarray, vectors: np.ndarray, *, threads: int = 0
) -> None:
    """Turn rotations in place: q becomes ``q * exp(v)``, of length 1.

    Parameters
    ----------
    library : Library
    quaternions : np.ndarray, shape (n, 4), float32, C-contiguous
        wxyz.
    vectors : np.ndarray, shape (n, 3), float32
        Rotation vectors in the axes that the quaternions turn from, radians.
    threads : int
        0 for as many as the machine has.

    Raises
    ------
    RigtalkError
        If an array is of another shape or kind.
    """
    if quaternions.shape != (len(vectors), 4) or vectors.shape != (len(vectors), 3):
        raise RigtalkError("a turn needs quaternions (n, 4) and rotation vectors (n, 3)")
    _check_place("quaternions", quaternions, quaternions.shape)
    held: list[np.ndarray] = []
    given = array_of(quaternions, held), array_of(vectors, held)
    library.call("rt_turn", *given, _checked(threads))


def robust_loss(
    library: Library,
    drawn: np.ndarray,
    target: np.ndarray,
    *,
    small: float,
    mask: np.ndarray | None = None,
    d_rgba: np.ndarray,
    error: np.ndarray | None = None,
    threads: int = 0,
) -> float:
    """The gradient of a loss that counts small differences by their square, others by their size.

    The loss is the mean over all numbers of the picture of ``sqrt(w² + small²)``, with
    w = drawn - target where the mask is, and 0 elsewhere (Charbonnier and others, 1994).

    Parameters
    ----------
    library : Library
    drawn : np.ndarray, shape (h, w, 4), float32
    target : np.ndarray, shape (h, w, 4), float32 of 0-1 or uint8 of 0-255
    small : float
        Above 0.
    mask : np.ndarray, shape (h, w), bool, optional
    d_rgba : np.ndarray, shape (h, w, 4), float32, C-contiguous
        Filled with the gradient of the loss to `drawn`.
    error : np.ndarray, shape (h, w), float32, C-contiguous, optional
        Filled with the mean of \\|w\\| over a pixel's channels.
    threads : int
        0 for as many as the machine has.

    Returns
    -------
    float
        The mean of w².

    Raises
    ------
    RigtalkError
        If an array is of another shape or kind.
    """
    size = drawn.shape[:2]
    fits = drawn.shape == target.shape == (*size, 4) and (mask is None or mask.shape == size)
    if not fits or target.dtype not in (np.uint8, np.float32):
        raise RigtalkError("a loss needs two pictures (h, w, 4), and a mask (h, w) or none")
    _check_place("d_rgba", d_rgba, drawn.shape)
    if error is not None:
        _check_place("error", error, size)
    held: list[np.ndarray] = []
    floats, numbers = (target, None) if target.dtype == np.float32 else (None, target)
    mean = ctypes.c_double()
    library.call(
        "rt_loss",
        array_of(drawn, held),
        array_of(floats, held),
        array_of(numbers, held, np.uint8),
        array_of(mask, held, np.uint8),
        ctypes.c_double(small),
        _checked(threads),
        array_of(d_rgba, held),
        array_of(error, held),
        ctypes.byref(mean),
    )
    return mean.value


def _check_place(name: str, array: np.ndarray, shape: tuple[int, ...]) -> None:
    usable = array.dtype == np.float32 and array.flags.c_contiguous and array.flags.writeable
    if not usable or array.shape != shape:
        raise RigtalkError(f"{name} must be {shape} of float32 in one piece")


def _checked(threads: int) -> int:
    if not 0 <= threads <= 1024:
        raise RigtalkError(f"0 (all) to 1024 threads, not {threads}")
    return threads
