"""Expression-dependent appearance: a few blend shapes on the Gaussians themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import RigtalkError
from .gaussians import MOST_LOG, Gaussians
from .rotations import multiply, rotation_vectors

__all__ = ["CHANNELS", "Correctives", "changed"]

CHANNELS: Mapping[str, int | None] = {
    "positions": 3,
    "log_scales": 3,
    "rotations": 3,
    "opacity_logits": None,
    "sh": 0,
}
"""What can be corrected, and in how many numbers; None is one, 0 is as many as the set has.

Rotations are rotation vectors in the Gaussian's own axes, radians.
"""


@dataclass(frozen=True, eq=False)
class Correctives:
    """Differences that are added to the Gaussians at rest, before they are posed.

    Attributes
    ----------
    mix : np.ndarray, shape (shapes, bases), float32
        Coefficients of the bases = weights of the shapes @ mix: none at rest.
    bases : mapping of str to np.ndarray
        Channel to float16 array: ``positions``, ``log_scales`` and ``rotations`` (bases, n, 3),
        ``opacity_logits`` (bases, n), ``sh`` (bases, n, k, 3). A channel may be absent.

    Raises
    ------
    RigtalkError
        If shapes disagree, a channel is unknown, or a number is not finite.
    """

    mix: np.ndarray
    bases: Mapping[str, np.ndarray]

    def __post_init__(self) -> None:
        mix = np.ascontiguousarray(self.mix, dtype=np.float32)
        if mix.ndim != 2 or not np.isfinite(mix).all():
            raise RigtalkError("correctives need a finite matrix from shapes to bases")
        bases = {}
        for name, values in self.bases.items():
            if name not in CHANNELS:
                raise RigtalkError(f"correctives know no channel {name!r}")
            with np.errstate(over="ignore"):
                array = np.ascontiguousarray(values, dtype=np.float16)
            if array.ndim < 2 or len(array) != mix.shape[1] or not np.isfinite(array).all():
                raise RigtalkError(f"correctives of {name} are not finite, or not one a basis")
            bases[name] = array
        object.__setattr__(self, "mix", mix)
        object.__setattr__(self, "bases", bases)

    def check(self, gaussians: Gaussians, shapes: int) -> None:
        """Raise RigtalkError unless they are for these Gaussians and so many shapes."""
        if len(self.mix) != shapes:
            raise RigtalkError(f"correctives mix {len(self.mix)} shapes, the head has {shapes}")
        for name, values in self.bases.items():
            shape = (len(gaussians), 3) if name == "rotations" else getattr(gaussians, name).shape
            if values.shape[1:] != shape:
                raise RigtalkError(f"correctives of {name} are {values.shape[1:]}, not {shape}")

    def coefficients(self, weights: np.ndarray) -> np.ndarray:
        """Coefficients (..., bases) float32 for weights (..., shapes)."""
        return np.asarray(weights, dtype=np.float32) @ self.mix

    def applied(self, gaussians: Gaussians, coefficients: np.ndarray) -> Gaussians:
        """The Gaussians at rest, corrected.

        Parameters
        ----------
        coefficients : np.ndarray, shape (bases,)

        Raises
        ------
        RigtalkError
            If there are not as many as bases, or the result is no Gaussian.
        """
        amounts = np.asarray(coefficients, dtype=np.float32)
        if amounts.shape != (self.mix.shape[1],):
            raise RigtalkError(f"{self.mix.shape[1]} coefficients are needed, not {amounts.shape}")
        change = {
            name: np.tensordot(amounts, values.astype(np.float32), axes=1)
            for name, values in self.bases.items()
        }
        return changed(gaussians, change)


def changed(gaussians: Gaussians, change: Mapping[str, np.ndarray]) -> Gaussians:
    """Gaussians with differences added.

    Parameters
    ----------
    gaussians : Gaussians
    change : mapping of str to np.ndarray
        Channels of `CHANNELS`, some or none, without the axis of the bases. ``sh`` may have fewer
        harmonics than the Gaussians.

    Raises
    ------
    RigtalkError
        If the result is no Gaussian.
    """
    rotations, sh = gaussians.rotations, gaussians.sh
    if "rotations" in change:
        rotations = multiply(rotations, rotation_vectors(change["rotations"]))
    limited = {
        name: np.clip(getattr(gaussians, name) + change.get(name, 0), -MOST_LOG, MOST_LOG)
        for name in ("log_scales", "opacity_logits")
    }
    if "sh" in change:
        sh = sh.copy()
        sh[:, : change["sh"].shape[1]] += change["sh"]
    return Gaussians(
        gaussians.positions + change.get("positions", np.float32(0)),
        limited["log_scales"],
        rotations,
        limited["opacity_logits"],
        sh,
    )
