"""What the optimiser changes, with the moments that Adam keeps of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..gaussians import Gaussians
from ..head_mesh import HeadMesh
from .surface import Surface

__all__ = ["CHANNELS", "Adam", "Parameters", "Rates", "Turn"]

CHANNELS = ("positions", "log_scales", "rotations", "opacity_logits", "sh")
_MOST_LOGIT = 9.0
_FLATTEST = 0.1
"""Pixels: the least standard deviation along any axis."""
_LARGEST = 12.0
"""Spacings: the largest."""
_FARTHEST = 3.0
"""Spacings from its foot: the farthest that a Gaussian goes."""

Adam = Callable[..., None]
"""``adam(values, gradient, first, second, rate=, step=)``, in place."""
Turn = Callable[[np.ndarray, np.ndarray], None]
"""``turn(quaternions, vectors)``: each quaternion by the exponential of its vector, in place."""


@dataclass(frozen=True)
class Rates:
    """How far a step of the optimiser goes at first and at last.

    Attributes
    ----------
    positions : tuple of float
        Spacings.
    log_scales, opacity_logits, sh : tuple of float
    rotations : tuple of float
        Radians.
    """

    positions: tuple[float, float] = (0.02, 0.001)
    log_scales: tuple[float, float] = (0.012, 0.001)
    rotations: tuple[float, float] = (0.012, 0.001)
    opacity_logits: tuple[float, float] = (0.05, 0.005)
    sh: tuple[float, float] = (0.010, 0.001)

    def at(self, channel: str, fraction: float) -> float:
        """The rate after a fraction, 0-1, of the steps; it falls by as much each time."""
        first, last = getattr(self, channel)
        return float(first * (last / first) ** fraction)


@dataclass(eq=False)
class Parameters:
    """Gaussians that are being fitted.

    Attributes
    ----------
    arrays : dict of str to np.ndarray
        A float32 array for each of `CHANNELS`, as in `Gaussians`.
    triangle, barycentric : np.ndarray
        Their feet, as in `SplatHead`.
    spacing, pixel : float
        As in `Start`.
    moments : dict of str to np.ndarray
        ``first positions`` and so on.
    step : int
        Steps that Adam has taken.
    """

    arrays: dict[str, np.ndarray]
    triangle: np.ndarray
    barycentric: np.ndarray
    spacing: float
    pixel: float
    moments: dict[str, np.ndarray] = field(default_factory=dict)
    step: int = 0

    def __post_init__(self) -> None:
        for name in CHANNELS:
            shape = (len(self), 3) if name == "rotations" else self.arrays[name].shape
            for order in ("first", "second"):
                self.moments.setdefault(f"{order} {name}", np.zeros(shape, np.float32))

    @classmethod
    def of(
        cls,
        gaussians: Gaussians,
        triangle: np.ndarray,
        barycentric: np.ndarray,
        spacing: float,
        pixel: float,
    ) -> Parameters:
        """From Gaussians that are bound."""
        arrays = {name: getattr(gaussians, name).copy() for name in CHANNELS}
        return cls(arrays, triangle.copy(), barycentric.copy(), spacing, pixel)

    def __len__(self) -> int:
        return len(self.triangle)

    def gaussians(self) -> Gaussians:
        """As they are now."""
        return Gaussians(**self.arrays)

    def take(self, index: np.ndarray) -> Parameters:
        """Those that are named, with their moments."""
        return Parameters(
            {name: values[index].copy() for name, values in self.arrays.items()},
            self.triangle[index].copy(),
            self.barycentric[index].copy(),
            self.spacing,
            self.pixel,
            {name: values[index].copy() for name, values in self.moments.items()},
            self.step,
        )

    def advance(
        self,
        gradient: Mapping[str, np.ndarray],
        rates: Rates,
        fraction: float,
        adam: Adam,
        turn: Turn,
    ) -> None:
        """Take a step of Adam; `gradient` has an array for each channel, rotations as vectors."""
        self.step += 1
        for name in CHANNELS:
            rate = rates.at(name, fraction)
            first, second = self.moments[f"first {name}"], self.moments[f"second {name}"]
            if name == "positions":
                rate *= self.spacing
            if name == "rotations":
                vectors = np.zeros((len(self), 3), np.float32)
                adam(vectors, gradient[name], first, second, rate=rate, step=self.step)
                turn(self.arrays[name], vectors)
            else:
                adam(self.arrays[name], gradient[name], first, second, rate=rate, step=self.step)
        self._limit()

    def _limit(self) -> None:
        scales = self.arrays["log_scales"]
        low, high = np.log(_FLATTEST * self.pixel), np.log(_LARGEST * self.spacing)
        np.clip(scales, low, high, out=scales)
        logits = self.arrays["opacity_logits"]
        np.clip(logits, -_MOST_LOGIT, _MOST_LOGIT, out=logits)

    def refoot(self, surface: Surface) -> None:
        """Bind each to the nearest place of the surface around its foot, and keep it near."""
        points = self.arrays["positions"].astype(np.float64)
        self.triangle, self.barycentric = surface.refooted(points, self.triangle)
        foot = surface.at(self.triangle, self.barycentric)
        offset = points - foot
        length = np.linalg.norm(offset, axis=1, keepdims=True)
        most = _FARTHEST * self.spacing
        near = foot + offset * np.minimum(1, most / np.maximum(length, 1e-30))
        self.arrays["positions"] = near.astype(np.float32)

    def saved(self) -> dict[str, np.ndarray]:
        """Arrays to keep, from which `restored` makes the same parameters."""
        numbers = np.array([self.spacing, self.pixel, self.step], np.float64)
        feet = {"triangle": self.triangle, "barycentric": self.barycentric}
        return {**self.arrays, **self.moments, **feet, "numbers": numbers}

    @classmethod
    def restored(cls, arrays: Mapping[str, np.ndarray], head: HeadMesh) -> Parameters:
        """What `saved` gave; ValueError or KeyError if it does not fit the head."""
        moments = {
            f"{order} {name}": arrays[f"{order} {name}"]
            for name in CHANNELS
            for order in ("first", "second")
        }
        triangle = arrays["triangle"]
        if len(triangle) and not 0 <= triangle.min() <= triangle.max() < len(head.mesh.triangles):
            raise ValueError("triangles")
        spacing, pixel, step = arrays["numbers"]
        made = cls(
            {name: arrays[name] for name in CHANNELS},
            triangle,
            arrays["barycentric"],
            float(spacing),
            float(pixel),
            moments,
            int(step),
        )
        made.gaussians()  # checks them
        return made
