"""When lips are sealed and when a mouth is at rest, decided as events.

A network that doubts answers with an average, and an average of open and shut is a mouth that never
closes. So the probability of a closure decides: above a threshold the lips are sealed, whatever the
other curves say. The same holds for a mouth in silence.
"""

from __future__ import annotations

import numpy as np

from .interpolation import bell, interpolate

__all__ = ["REACH_SECONDS", "SEALED_SECONDS", "STEP_RATE", "closure_weight", "rest_weight"]

STEP_RATE = 50.0
"""Steps in a second of what the network says."""
SEALED_SECONDS = 0.042
"""A closure holds for at least this long: one frame at 23.976 fps always falls into it."""
SEAL_RAMP = 0.069
"""Seconds in which lips meet and part; 40-60 ms in people for the last of the way. Shorter ones put
more of the motion above 15 Hz than faces have, longer ones close lips in vowels."""
DOUBT = 3.0
"""Power of the share of the threshold: lips that half a closure brings halfway together read as a
closure that is not there, so they stay apart until it is nearly certain. Exported actors hold back
by the same power what closes the lips over an open jaw."""
REST_DELAY = 0.18
"""Seconds of silence before the mouth goes to rest."""
REST_RAMP = 0.12
PARTING = 0.16
"""Seconds before the end of a silence at which the mouth leaves its rest, ahead of the sound."""
REACH_SECONDS = 0.6
"""Both weights depend on no more than this much time on either side."""


def closure_weight(closure: np.ndarray, threshold: float, positions: np.ndarray) -> np.ndarray:
    """How far the lips are sealed.

    Parameters
    ----------
    closure : ndarray, shape (steps,)
        Probability 0-1 that the lips are sealed, at `STEP_RATE`.
    threshold : float
        Probability from which a closure is certain, above 0.
    positions : ndarray, shape (n,)
        Where to evaluate, in steps.

    Returns
    -------
    ndarray, shape (n,), float32
        0 open, 1 sealed. min(1, closure / threshold) to the power of `DOUBT`, smoothed; around each
        stretch at or above the threshold it is 1 for at least `SEALED_SECONDS`, with eased ramps,
        so that no rate of frames misses it. Depends on the steps within `REACH_SECONDS` only.
    """
    share = np.minimum(np.asarray(closure, dtype=np.float32) / np.float32(threshold), 1.0)
    doubt = bell(share**DOUBT, (1, 2, 1))
    weight = interpolate(doubt[:, None], positions)[:, 0]
    begins, ends = _stretches(closure, threshold)
    if len(begins):
        shortfall = np.maximum(SEALED_SECONDS * STEP_RATE - (ends - begins), 0.0) / 2
        outside = _distance(positions, begins - shortfall, ends + shortfall) / STEP_RATE
        weight = np.maximum(weight, 1.0 - _ease(outside / SEAL_RAMP))
    return weight.astype(np.float32)


def rest_weight(silence: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """How far the mouth is at rest.

    Parameters
    ----------
    silence : ndarray, shape (steps,)
        Probability 0-1 that nobody speaks, at `STEP_RATE`. Silence at either end is taken to go on.
    positions : ndarray, shape (n,)
        Where to evaluate, in steps.

    Returns
    -------
    ndarray, shape (n,), float32
        0 in speech, 1 at rest: from `REST_DELAY` into a silence until `PARTING` before its end.
        Depends on the steps within `REACH_SECONDS` only.
    """
    begins, ends = _stretches(silence, 0.5)
    if len(begins) == 0:
        return np.zeros(len(positions), dtype=np.float32)
    begins = np.where(begins <= 0.0, -np.inf, begins)
    ends = np.where(ends >= len(silence) - 1, np.inf, ends)
    at = np.clip(np.searchsorted(begins, positions, side="right") - 1, 0, None)
    since = (positions - begins[at]) / STEP_RATE
    left = (ends[at] - positions) / STEP_RATE
    came = _ease((since - REST_DELAY) / REST_RAMP)
    stays = _ease((left - (PARTING - REST_RAMP)) / REST_RAMP)
    return (came * stays).astype(np.float32)


def _stretches(curve: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Begins and ends, in steps, of where a piecewise linear curve is at or above a level."""
    curve = np.asarray(curve, dtype=np.float64)
    above = curve >= level
    first = np.flatnonzero(above & ~np.r_[False, above[:-1]])
    last = np.flatnonzero(above & ~np.r_[above[1:], False])
    before, after = np.maximum(first - 1, 0), np.minimum(last + 1, len(curve) - 1)
    begins = first - _crossing(curve[first], curve[before], level)
    ends = last + _crossing(curve[last], curve[after], level)
    return begins, ends


def _crossing(inside: np.ndarray, outside: np.ndarray, level: float) -> np.ndarray:
    """How far beyond a step the curve reaches the level, 0-1 steps; 0 at the end of the curve."""
    return np.where(outside < level, (inside - level) / np.maximum(inside - outside, 1e-9), 0.0)


def _distance(positions: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Distance to the nearest stretch, 0 inside; begins rise, stretches may overlap."""
    ends = np.maximum.accumulate(ends)
    following = np.searchsorted(begins, positions, side="right")
    past = np.where(following > 0, positions - ends[np.maximum(following - 1, 0)], np.inf)
    ahead = np.where(
        following < len(begins), begins[np.minimum(following, len(begins) - 1)] - positions, np.inf
    )
    return np.maximum(np.minimum(past, ahead), 0.0)


def _ease(x: np.ndarray) -> np.ndarray:
    x = np.clip(x, 0.0, 1.0)
    return 0.5 - 0.5 * np.cos(np.pi * x)
