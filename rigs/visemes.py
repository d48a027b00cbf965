"""ARKit weights as visemes and expression presets, and back.

A viseme is a pose: what it gives each ARKit weight at full value. Backwards, from visemes to
weights, poses add up. Forwards, each frame is the mixture of poses, none below 0 or above its most,
whose mouth comes closest to the frame's: least squares in measures of the mouth in millimetres, not
in weights. A gap between the lips counts the more the smaller it is, and a mixture may not open
lips that meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .controls import ControlSet
from .loading import read_table

__all__ = ["VisemeSolve", "VisemeSum", "viseme_steps"]

_SWEEPS = 30
"""Of coordinate descent: what is left to gain after them is which of two similar visemes it is."""

_EVENNESS = 0.02
"""Share of its own effect that a full viseme costs: similar visemes take part together instead of
jumping from one to the other, which keeps the curves smooth."""

_AHEAD = 1.3
"""Steps of the descent go so much further than to the least error along one viseme."""

_CROWDING = 40.0
"""Square millimetres that mouths which add up to more than 1 cost. Poses of a set are made to be
mixed like colours: one alone, or shares of several, not three in full that cancel out."""

_NEAR = 1.0
_URGENCY = 12.0
"""A gap counts 1 + _URGENCY times at 0 mm, half of that more at _NEAR mm."""

_SHUT, _OPEN = 1.0, 4.0
"""Millimetres below which a mixture may open the lips no further than the frame does, and above
which it is free to."""

_GAPS = ("gap", "side_gap")


@dataclass(frozen=True)
class VisemeSolve:
    """Weights to visemes.

    Attributes
    ----------
    gaps : ndarray, shape (2, n_weights)
        Millimetres that a weight parts the lips, in the middle and at the sides.
    others : ndarray, shape (n_measures, n_weights)
        The other measures, in millimetres that count.
    poses : ndarray, shape (n_visemes, n_weights)
    most : ndarray, shape (n_visemes,)
        Highest value of each; 0 for those that are the face at rest.
    mouths : ndarray of bool, shape (n_visemes,)
        Visemes, not presets of the whole face: those that may not open lips that meet.
    both : tuple of (int, int, int)
        A viseme that does what two others do together.
    """

    gaps: np.ndarray
    others: np.ndarray
    poses: np.ndarray
    most: np.ndarray
    mouths: np.ndarray
    both: tuple[tuple[int, int, int], ...]

    def __call__(self, weights: np.ndarray) -> np.ndarray:
        opening = (weights @ self.gaps.T).T  # (2, frames), mm
        visemes = self._fit(weights, np.maximum(opening, 0.0))
        visemes *= self._held(visemes, opening.mean(axis=0))
        for whole, left, right in self.both:
            shared = np.minimum(visemes[left], visemes[right])
            visemes[whole] += shared
            visemes[left] -= shared
            visemes[right] -= shared
        return visemes.T

    def _fit(self, weights: np.ndarray, opening: np.ndarray) -> np.ndarray:
        """Projected coordinate descent over the frames at once, (visemes, frames)."""
        gaps = (self.poses @ self.gaps.T).astype(np.float32)
        others = (self.poses @ self.others.T).astype(np.float32)
        urgency = 1.0 + _URGENCY * _NEAR / (_NEAR + opening.mean(axis=0, dtype=np.float32))
        wanted = others @ (weights @ self.others.T).T.astype(np.float32)
        wanted += urgency * (gaps @ opening.astype(np.float32))
        between = others @ others.T
        steep = between.diagonal()[:, None] + urgency * (gaps**2).sum(axis=1)[:, None]
        evenness = _EVENNESS * between.diagonal()
        steep += np.maximum(evenness, 1e-6)[:, None]  # the face at rest has no effect at all
        alone, crowded = _AHEAD / steep, _AHEAD / (steep + _CROWDING)
        visemes = np.zeros_like(wanted)
        parted = np.zeros((2, len(weights)), dtype=np.float32)
        room = np.ones(len(weights), dtype=np.float32)  # what mouths may still add up to
        for _ in range(_SWEEPS):
            for one in np.flatnonzero(self.most > 0.0):
                slope = wanted[one] - between[one] @ visemes - urgency * (gaps[one] @ parted)
                slope -= evenness[one] * visemes[one]
                step = slope * alone[one]
                if self.mouths[one]:
                    step = np.where(step > room, (slope + _CROWDING * room) * crowded[one], step)
                new = np.clip(visemes[one] + step, 0.0, self.most[one])
                step = new - visemes[one]
                visemes[one] = new
                parted += gaps[one][:, None] * step
                if self.mouths[one]:
                    room -= step
        return visemes.astype(np.float64)

    def _held(self, visemes: np.ndarray, opening: np.ndarray) -> np.ndarray:
        """Factors (visemes, frames) that keep lips together which the frame has together."""
        does = self.poses @ self.gaps.mean(axis=0)
        parts = np.maximum(does, 0.0) * self.mouths
        made, pressed = parts @ visemes, np.maximum(-does, 0.0) @ visemes
        # Over lips that are pressed together but apart in the frame, parting ones have to do more.
        apart = np.clip(opening / _SHUT, 0.0, 1.0)
        allowed = (np.maximum(opening, 0.0) + apart * pressed) / np.maximum(made, 1e-9)
        freedom = np.clip((opening - _SHUT) / (_OPEN - _SHUT), 0.0, 1.0)
        factor = np.minimum(1.0, allowed + freedom)
        return np.where(parts[:, None] > 0.0, factor, 1.0)


@dataclass(frozen=True)
class VisemeSum:
    """Visemes to weights: poses add up.

    Attributes
    ----------
    poses : ndarray, shape (n_visemes, n_weights)
    """

    poses: np.ndarray

    def __call__(self, visemes: np.ndarray) -> np.ndarray:
        return visemes @ self.poses


def viseme_steps(
    table: dict[str, Any], source: ControlSet, target: ControlSet
) -> tuple[VisemeSolve, VisemeSum]:
    """The two directions of a table of kind ``visemes``; `source` is ARKit."""
    measures = read_table("mouth_measures")
    names = list(measures["counts"])
    millimetres = np.zeros((len(names), len(source)))
    for weight, row in measures["millimetres"].items():
        for name, value in row.items():
            millimetres[names.index(name), source.index(weight)] = value
    millimetres *= np.array(list(measures["counts"].values()))[:, None]
    itself = np.zeros(len(source))
    for weight, value in measures["itself"].items():
        itself[source.index(weight)] = value
    gap = np.array([name in _GAPS for name in names])

    poses = np.zeros((len(target), len(source)))
    for viseme, pose in table["poses"].items():
        for weight, value in pose.items():
            poses[target.index(viseme), source.index(weight)] = value
    most = poses.any(axis=1).astype(float)
    for viseme, value in table.get("most", {}).items():
        most[target.index(viseme)] = value
    both = tuple(
        (target.index(whole), target.index(left), target.index(right))
        for whole, (left, right) in table.get("both", {}).items()
    )
    for whole, *_ in both:
        most[whole] = 0.0
    presets = set(table.get("presets", ()))
    mouths = np.array([name not in presets for name in target.names])
    others = np.concatenate([millimetres[~gap], np.diag(itself)[itself > 0.0]])
    return VisemeSolve(millimetres[gap], others, poses, most, mouths, both), VisemeSum(poses)
