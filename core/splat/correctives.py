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

    A basis changes few of the Gaussians, so that only what is changed is kept: a row is what one
    basis adds to one Gaussian. Rows of the same Gaussian and basis add up.

    Attributes
    ----------
    mix : np.ndarray, shape (shapes, bases), float32
        Coefficients of the bases = weights of the shapes @ mix: none at rest.
    gaussian : np.ndarray, shape (rows,), int32
        Whom each row changes; never falls.
    basis : np.ndarray, shape (rows,), int32
    rows : mapping of str to np.ndarray
        Channel to float16 array: ``positions``, ``log_scales`` and ``rotations`` (rows, 3),
        ``opacity_logits`` (rows,), ``sh`` (rows, k', 3), where k' may be less than the harmonics
        of the Gaussians: the lower ones are changed. A channel may be absent.

    Raises
    ------
    RigtalkError
        If shapes disagree, a channel is unknown, rows are out of order or of a basis that there is
        not, or a number is not finite.
    """

    mix: np.ndarray
    gaussian: np.ndarray
    basis: np.ndarray
    rows: Mapping[str, np.ndarray]

    def __post_init__(self) -> None:
        mix = np.ascontiguousarray(self.mix, dtype=np.float32)
        if mix.ndim != 2 or not np.isfinite(mix).all():
            raise RigtalkError("correctives need a finite matrix from shapes to bases")
        gaussian, basis = _whole(self.gaussian), _whole(self.basis)
        if gaussian.shape != basis.shape:
            raise RigtalkError("correctives need a Gaussian and a basis for each row")
        if len(gaussian) and (gaussian[0] < 0 or (np.diff(gaussian) < 0).any()):
            raise RigtalkError("rows of correctives are not in the order of their Gaussians")
        if len(basis) and not 0 <= basis.min() <= basis.max() < mix.shape[1]:
            raise RigtalkError(f"a row of correctives is of a basis beyond the {mix.shape[1]}")
        rows = {}
        for name, values in self.rows.items():
            if name not in CHANNELS:
                raise RigtalkError(f"correctives know no channel {name!r}")
            with np.errstate(over="ignore"):
                array = np.ascontiguousarray(values, dtype=np.float16)
            if array.ndim < 1 or len(array) != len(gaussian) or not np.isfinite(array).all():
                raise RigtalkError(f"correctives of {name} are not finite, or not one a row")
            width = CHANNELS[name]
            good = (
                array.ndim == 3 and array.shape[2] == 3
                if width == 0
                else (array.shape[1:] == (() if width is None else (width,)))
            )
            if not good:
                raise RigtalkError(f"correctives of {name} cannot be {array.shape[1:]} a row")
            rows[name] = array
        made = {"mix": mix, "gaussian": gaussian, "basis": basis, "rows": rows}
        for name, value in made.items():
            object.__setattr__(self, name, value)

    @classmethod
    def of_dense(cls, mix: np.ndarray, bases: Mapping[str, np.ndarray]) -> Correctives:
        """Those of arrays (bases, n, …) with a difference for every Gaussian, most of them 0."""
        given = {name: np.asarray(values) for name, values in bases.items()}
        size = next((values.shape[:2] for values in given.values()), (np.shape(mix)[-1], 0))
        if any(values.shape[:2] != size for values in given.values()):
            raise RigtalkError("channels of correctives are for different bases or Gaussians")
        some = np.zeros(size, bool)
        for values in given.values():
            some |= (values != 0).any(axis=tuple(range(2, values.ndim)))
        gaussian, basis = np.nonzero(some.T)
        return cls(mix, gaussian, basis, {k: v[basis, gaussian] for k, v in given.items()})

    def check(self, gaussians: Gaussians, shapes: int) -> None:
        """Raise RigtalkError unless they are for these Gaussians and so many shapes."""
        if len(self.mix) != shapes:
            raise RigtalkError(f"correctives mix {len(self.mix)} shapes, the head has {shapes}")
        if len(self.gaussian) and self.gaussian[-1] >= len(gaussians):
            raise RigtalkError(
                f"correctives change Gaussian {self.gaussian[-1]}, the head has {len(gaussians)}"
            )
        if "sh" in self.rows and self.rows["sh"].shape[1] > gaussians.sh.shape[1]:
            raise RigtalkError(
                f"correctives of sh are of {self.rows['sh'].shape[1]} harmonics, the head has "
                f"{gaussians.sh.shape[1]}"
            )

    def coefficients(self, weights: np.ndarray) -> np.ndarray:
        """Coefficients (..., bases) float32 for weights (..., shapes)."""
        return np.asarray(weights, dtype=np.float32) @ self.mix

    def changes(self, coefficients: np.ndarray, count: int) -> dict[str, np.ndarray]:
        """What is added to `count` Gaussians, channel by channel, (count, …) float32.

        Parameters
        ----------
        coefficients : np.ndarray, shape (bases,)

        Raises
        ------
        RigtalkError
            If there are not as many as bases.
        """
        amounts = np.asarray(coefficients, dtype=np.float32)
        if amounts.shape != (self.mix.shape[1],):
            raise RigtalkError(f"{self.mix.shape[1]} coefficients are needed, not {amounts.shape}")
        of_rows = amounts[self.basis]
        used = np.flatnonzero(of_rows)
        gaussian = self.gaussian[used]
        first = np.flatnonzero(np.diff(gaussian, prepend=-1))
        result = {}
        for name, values in self.rows.items():
            result[name] = np.zeros((count, *values.shape[1:]), np.float32)
            if len(used):
                times = of_rows[used].reshape(-1, *(1,) * (values.ndim - 1))
                sums = np.add.reduceat(times * values[used].astype(np.float32), first, axis=0)
                result[name][gaussian[first]] = sums
        return result

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
        return changed(gaussians, self.changes(coefficients, len(gaussians)))


def _whole(values: np.ndarray) -> np.ndarray:
    """Indices as int32, in one dimension."""
    given = np.asarray(values)
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        raise RigtalkError("rows of correctives need whole numbers as Gaussians and bases")
    if given.size and not -1 <= given.min() <= given.max() < 1 << 31:
        raise RigtalkError("a row of correctives is of a Gaussian or basis that cannot be")
    return np.ascontiguousarray(given, dtype=np.int32)


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
