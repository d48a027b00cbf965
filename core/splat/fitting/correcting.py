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
_RATES = {"positions": 0.01, "opacity_logits": 0.02, "sh": 0.006}
"""Of Adam; positions in spacings."""
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
            shape = (int(ends[-1]), *parameters.arrays[name].shape[1:])
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
                arrays[name][self.support[control]] += weight * values[self.rows[control]]
        return arrays

    def add(self, gradient: Mapping[str, np.ndarray], weights: Mapping[str, float]) -> None:
        """Count in the gradient of a picture."""
        for control, weight in self._used(weights).items():
            for name in CHANNELS:
                sums = self.arrays[f"gradient {name}"]
                sums[self.rows[control]] += weight * gradient[name][self.support[control]]
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

    def correctives(self, names: tuple[str, ...], count: int) -> Correctives:
        """As they are now, for a head of these shapes and so many Gaussians."""
        mix = np.zeros((len(names), len(self.rows)), np.float32)
        bases: dict[str, np.ndarray] = {}
        for channel in CHANNELS:
            values = self.arrays[f"values {channel}"]
            dense = np.zeros((len(self.rows), count, *values.shape[1:]), np.float16)
            for k, (name, rows) in enumerate(self.rows.items()):
                mix[names.index(name), k] = 1
                dense[k, self.support[name]] = values[rows]
            bases[channel] = dense
        return Correctives(mix, bases)

    def _used(self, weights: Mapping[str, float]) -> dict[str, float]:
        return {name: w for name, w in weights.items() if w and name in self.rows}
