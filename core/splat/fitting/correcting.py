"""Blend shapes on the Gaussians, fitted along with them: looks that change with an expression."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..correctives import Correctives
from ..head_mesh import HeadMesh
from .parameters import Adam, Parameters

__all__ = ["Bases", "supported"]

CHANNELS = ("positions", "opacity_logits", "sh")
"""That expressions change; sizes and turns follow the mesh well enough."""
_RATES = {"positions": 0.003, "opacity_logits": 0.006, "sh": 0.002}
"""Of Adam; positions in spacings. Faster ones learn the blotches of single pictures."""
_BANDS = 4
"""Coefficients of the harmonics that are changed: colour, and from which side it is brighter."""
_EVERY = 4
"""Pictures whose gradients make a step, since a step touches all bases."""
_MOVED = 0.02
"""Of a control's farthest motion: what moves less is not changed by it."""


def supported(head: HeadMesh, parameters: Parameters) -> dict[str, np.ndarray]:
    """Indices of the Gaussians whose looks a control may change: those that it moves."""
    corners = head.mesh.triangles[parameters.triangle]
    result = {}
    for name, delta in zip(head.control_names, head.control_deltas, strict=True):
        length = np.linalg.norm(delta.astype(np.float32), axis=1)
        moved = length > _MOVED * length.max(initial=0)
        found = np.nonzero(moved[corners].any(axis=1))[0]
        if len(found):
            result[name] = found
    return result


class Bases:
    """Correctives that are being fitted: for each control, rows of the Gaussians it may change.

    Parameters
    ----------
    support : mapping of str to np.ndarray
        As `supported` gives it.
    parameters : Parameters
        What they are added to.
    """

    def __init__(self, support: Mapping[str, np.ndarray], parameters: Parameters) -> None:
        ends = np.cumsum([0, *(len(each) for each in support.values())])
        self.rows = {name: slice(int(ends[i]), int(ends[i + 1])) for i, name in enumerate(support)}
        self.support = dict(support)
        self.arrays: dict[str, np.ndarray] = {}
        for name in CHANNELS:
            shape = (int(ends[-1]), *_part(name, parameters.arrays[name]).shape[1:])
            for what in ("values", "gradient", "first", "second"):
                self.arrays[f"{what} {name}"] = np.zeros(shape, np.float32)
        self.spacing = parameters.spacing
        self.seen = 0
        self.step = 0

    def corrected(
        self, parameters: Parameters, weights: Mapping[str, float]
    ) -> dict[str, np.ndarray]:
        """The arrays of the parameters, corrected for weights of controls."""
        arrays = dict(parameters.arrays)
        used = self._used(weights)
        for name in CHANNELS if used else ():
            arrays[name] = arrays[name].copy()
            values = self.arrays[f"values {name}"]
            for control, weight in used.items():
                part = _part(name, arrays[name])
                part[self.support[control]] += weight * values[self.rows[control]]
        return arrays

    def add(self, gradient: Mapping[str, np.ndarray], weights: Mapping[str, float]) -> None:
        """Count in the gradient of a picture."""
        for control, weight in self._used(weights).items():
            for name in CHANNELS:
                sums = self.arrays[f"gradient {name}"]
                part = _part(name, gradient[name])
                sums[self.rows[control]] += weight * part[self.support[control]]
        self.seen += 1

    def advance(self, fraction: float, adam: Adam) -> None:
        """Take a step once enough pictures were counted in; `fraction` of the time is over."""
        if self.seen < _EVERY:
            return
        self.seen = 0
        self.step += 1
        for name in CHANNELS:
            rate = _RATES[name] * 0.1**fraction
            if name == "positions":
                rate *= self.spacing
            sums = self.arrays[f"gradient {name}"]
            adam(
                self.arrays[f"values {name}"],
                sums,
                self.arrays[f"first {name}"],
                self.arrays[f"second {name}"],
                rate=rate,
                step=self.step,
            )
            sums[:] = 0

    def saved(self) -> dict[str, np.ndarray]:
        """Arrays to keep."""
        numbers = np.array([self.step, self.seen])
        return {**{f"bases {k}": v for k, v in self.arrays.items()}, "bases step": numbers}

    def restore(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take up what `saved` gave."""
        self.arrays = {name: arrays[f"bases {name}"] for name in self.arrays}
        self.step, self.seen = arrays["bases step"].tolist()

    def correctives(self, names: tuple[str, ...]) -> Correctives:
        """As they are now, for a head of these shapes."""
        mix = np.zeros((len(names), len(self.rows)), np.float32)
        for k, name in enumerate(self.rows):
            mix[names.index(name), k] = 1
        gaussian = np.concatenate([np.zeros(0, np.int64), *self.support.values()])
        basis = np.repeat(np.arange(len(self.rows)), [len(each) for each in self.support.values()])
        order = np.argsort(gaussian, kind="stable")
        rows = {channel: self.arrays[f"values {channel}"][order] for channel in CHANNELS}
        return Correctives(mix, gaussian[order], basis[order], rows)

    def _used(self, weights: Mapping[str, float]) -> dict[str, float]:
        return {name: w for name, w in weights.items() if w and name in self.rows}


def _part(name: str, values: np.ndarray) -> np.ndarray:
    """What of a channel is changed."""
    return values[:, :_BANDS] if name == "sh" else values
