"""Where Gaussians are added and where they are taken away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..rotations import matrices
from .parameters import Parameters
from .surface import Surface

__all__ = ["Scores", "thickened", "thinned"]

_FAINTEST = 0.02
"""Opacity below which a Gaussian goes."""
_LEAST = 0.02
"""Largest blending weight in any picture below which it goes: others hide it everywhere."""
_APART = 0.6
"""Standard deviations along the longest axis at which two halves of a Gaussian stand."""
_HALVED = 0.75
"""Their size along that axis, over that of the whole."""


@dataclass(eq=False)
class Scores:
    """What pictures said of each Gaussian since the last change of their number.

    Attributes
    ----------
    error : np.ndarray, shape (n,)
        Sum over pixels of blending weight times how wrong the pixel is. Rota Bulò and others,
        2024, "Revising densification in Gaussian splatting": what is wrong, and not what pulls, is
        what more Gaussians can mend.
    weight : np.ndarray, shape (n,)
        The largest blending weight.
    """

    error: np.ndarray
    weight: np.ndarray

    @classmethod
    def none(cls, count: int) -> Scores:
        """Of no pictures."""
        return cls(np.zeros(count, np.float32), np.zeros(count, np.float32))

    def add(self, scores: np.ndarray) -> None:
        """Count in a picture: the scores of `rt_gradient`, (n, 4)."""
        self.error += scores[:, 2]
        np.maximum(self.weight, scores[:, 3], out=self.weight)


def thinned(parameters: Parameters, scores: Scores) -> np.ndarray:
    """Which Gaussians stay, (n,) bool: those that are seen."""
    opacity = 1 / (1 + np.exp(-parameters.arrays["opacity_logits"]))
    return (opacity > _FAINTEST) & (scores.weight > _LEAST)


def thickened(
    parameters: Parameters,
    scores: Scores,
    count: int,
    surface: Surface,
    rng: np.random.Generator,
) -> Parameters:
    """Up to `count` Gaussians, by halving those where the pictures are most wrong."""
    room = min(count - len(parameters), len(parameters) // 2)
    # What is smaller than a pixel cannot be told from two of its half.
    widest = parameters.arrays["log_scales"].max(axis=1)
    wrong = np.where(widest > np.log(0.5 * parameters.pixel), scores.error, 0).astype(np.float64)
    room = min(room, int((wrong > 0).sum()))
    if room <= 0:
        return parameters
    # Drawn without replacement, by the exponential trick of weighted reservoirs.
    draw = np.log(np.maximum(rng.random(len(wrong)), 1e-300)) / np.maximum(wrong, 1e-300)
    halved = np.argpartition(-draw, room - 1)[:room]
    both = parameters.take(np.concatenate([np.arange(len(parameters)), halved]))
    rows = np.arange(len(halved))
    axis = parameters.arrays["log_scales"][halved].argmax(axis=1)
    length = np.exp(parameters.arrays["log_scales"][halved, axis])
    along = matrices(parameters.arrays["rotations"][halved].astype(np.float64))[rows, :, axis]
    step = (_APART * length[:, None] * along).astype(np.float32)
    second = len(parameters) + rows
    for which, sign in ((halved, 1), (second, -1)):
        both.arrays["positions"][which] += sign * step
        both.arrays["log_scales"][which, axis] += np.float32(np.log(_HALVED))
        for name in both.moments:
            if name.startswith("first"):
                both.moments[name][which] = 0
    both.refoot(surface)
    return both
