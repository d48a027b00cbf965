"""What a backward pass gives, and the step of an optimiser that takes it."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import RigtalkError
from .structures import array_of

if TYPE_CHECKING:
    from .library import Library

__all__ = ["Gradients", "adam"]


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
