"""Finds the settings with which the loudness follower does best: a fair opponent."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from .evaluate import judge
from .follower import Follower
from .material import Material

__all__ = ["merit", "tuned_follower"]


def merit(figures: Mapping[str, float]) -> float:
    """What the settings are chosen by: closures less false ones, and movement in step."""
    return (
        figures["closure_recall"]
        - figures["false_seals_per_s"]
        - figures["shut_vowels"]
        + figures["openness_r"]
        + figures.get("captured_gap_r", 0.0)
    )


def tuned_follower(
    material: Material,
    *,
    tries: int = 120,
    seed: int = 0,
    progress: Callable[[int, float, Follower], None] | None = None,
) -> Follower:
    """The best of many random settings.

    Parameters
    ----------
    material : Material
        Speech and takes other than those that are judged on.
    tries, seed : int
    progress : callable, optional
        Called with the number of each try, its merit and its settings.
    """
    rng = np.random.default_rng(seed)
    best, most = Follower(), -np.inf
    for i in range(tries):
        follower = Follower(
            range_db=float(rng.uniform(12.0, 45.0)),
            curve=float(rng.uniform(0.5, 2.5)),
            smoothing=float(rng.uniform(0.0, 0.06)),
            delay=float(rng.uniform(-0.03, 0.06)),
            gain=float(rng.uniform(0.2, 0.5)),
        )
        reached = merit(judge(follower, material))
        if progress is not None:
            progress(i, reached, follower)
        if reached > most:
            best, most = follower, reached
    return best
