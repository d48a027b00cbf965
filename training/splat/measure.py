"""How near Gaussians come to the truth on speech that was not learnt from, by what they know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .lesson import Lesson

__all__ = ["Nearness", "linear_prediction", "nearness"]

RIDGES = (1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""Strengths of the pull towards 0 that are tried; the best on the held-out frames is kept."""
_BLOCK = 1024
"""Gaussians at a time."""


@dataclass(frozen=True)
class Nearness:
    """Distances between where Gaussians are and should be, in the mesh's unit.

    Attributes
    ----------
    median, high : float
        Half of the distances are below the one, 19 in 20 below the other.
    """

    median: float
    high: float


def nearness(said: np.ndarray | None, lesson: Lesson, size: float) -> Nearness:
    """Of all Gaussians that take part, in all frames.

    Parameters
    ----------
    said : np.ndarray, shape (F, m, 9), optional
        Nothing is added if absent.
    lesson : Lesson
    size : float
        What positions are parts of.
    """
    truth = lesson.targets[..., :3].astype(np.float32)
    apart = truth if said is None else truth - said[..., :3]
    distances = np.linalg.norm(apart, axis=-1) * size
    return Nearness(float(np.median(distances)), float(np.percentile(distances, 95)))


def linear_prediction(learnt: Lesson, held: Lesson, size: float) -> np.ndarray:
    """What the best linear correctives would say about the held-out frames, (F, m, 9) float32.

    Least squares from all weights to each number of each Gaussian: no set of corrective blend
    shapes that follow the weights, of however many bases, learns more from these frames.
    """
    known, asked = (
        np.concatenate([each.weights, np.ones((len(each), 1))], axis=1).astype(np.float64)
        for each in (learnt, held)
    )
    square, eye = known.T @ known, np.eye(known.shape[1])
    maps = [asked @ np.linalg.solve(square + ridge * eye, known.T) for ridge in RIDGES]
    best, least = np.zeros(held.targets.shape, np.float32), np.inf
    for each in maps:
        said = np.empty_like(best)
        for begin in range(0, said.shape[1], _BLOCK):
            part = learnt.targets[:, begin : begin + _BLOCK].astype(np.float32)
            said[:, begin : begin + _BLOCK] = np.tensordot(each.astype(np.float32), part, axes=1)
        median = nearness(said, held, size).median
        if median < least:
            best, least = said, median
    return best
