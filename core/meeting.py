"""Lips that meet where a closure is heard, and nowhere else, however wide a feeling opens them.

A closure that is heard for certain seals the lips in any pose. One that is only likely brings them
together by a share of their way, and how near that is depends on where they come from: a mouth that
sneers or gapes stays open where a calm one shuts, and a sad mouth, nearly shut as it is, seals on
vowels. So it is decided in millimetres: lips come as near as the closure is likely, and where there
is none they keep apart a little.
"""

from __future__ import annotations

import numpy as np

from .aperture import aperture
from .closures import DOUBT, closure_weight
from .interpolation import bell
from .lips import Lips

__all__ = ["firmness", "parted"]

LIKELY = 0.26
"""Share of the threshold, to the power of `DOUBT`, from which lips meet: 0.64 of the threshold."""
NEAR_MM = 0.2
"""Opening over rest, at most, of lips that meet so."""
AWAY_MM = 3.0
"""How much more lips may be open where a closure is less likely: by this times the square of how
many times, less 1."""
_RARELY = 6.0
"""So many times less likely than `LIKELY`, a closure allows lips further apart than they go."""
FREE = (0.12, 0.26)
"""Closure weights at which lips are free to part, and no more."""
SPEAKS = (0.1, 0.5)
"""Probabilities of silence at which lips are held apart, and no more."""
BITES = (0.2, 0.45)
"""Rolled in so far, the lower lip is on its way to the teeth for f or v and is not held."""
APART_MM = 1.2
"""Opening over rest, at least, of free lips in speech; targets of the articulation model have as
much."""
JAW_MM = 26.0
"""What jawOpen parts the lips by at least, on any head."""


def parted(
    lips: Lips, curves: np.ndarray, closure: np.ndarray, silence: np.ndarray, threshold: float
) -> np.ndarray:
    """Curves whose lips keep a little apart in speech where nothing closes them.

    Parameters
    ----------
    lips : Lips
        Of the control set.
    curves : ndarray, shape (steps, controls), float32
        As the network gives them.
    closure, silence : ndarray, shape (steps,)
        Probabilities 0-1.
    threshold : float
        Closure probability from which lips are sealed.

    Returns
    -------
    ndarray, shape (steps, controls), float32
        What closes the lips gives way first, then the jaw opens. Depends on six steps on each side.
    """
    weight = closure_weight(closure, threshold, np.arange(len(curves)))
    free = (1.0 - _ramp(silence, *SPEAKS)) * (1.0 - _ramp(weight, *FREE))
    free *= 1.0 - _ramp(curves[:, lips.biting].max(axis=1), *BITES)
    opening = _narrowest(lips, curves)
    short = np.maximum(APART_MM - opening, 0.0) * free
    tight = short > 0.0
    opened = curves[tight]
    opened[:, lips.closing] = 0.0
    share = np.zeros(len(curves), dtype=np.float32)
    gain = np.maximum(_narrowest(lips, opened) - opening[tight], 1e-3)
    share[tight] = np.clip(short[tight] / gain, 0.0, 1.0)
    out = curves.copy()
    out[:, lips.closing] *= (1.0 - _held(share))[:, None]
    short = np.maximum(APART_MM - _narrowest(lips, out), 0.0) * free
    out[:, lips.jaw] += _held(short / JAW_MM)
    return out


def firmness(lips: Lips, curves: np.ndarray, closure: np.ndarray, threshold: float) -> np.ndarray:
    """How far lips are to be sealed so that likely closures show in any pose.

    Parameters
    ----------
    lips : Lips
    curves : ndarray, shape (steps, controls), float32
        Of the face before lips meet.
    closure : ndarray, shape (steps,)
    threshold : float

    Returns
    -------
    ndarray, shape (steps,), float32
        As `closed` of `Lips.apply`; 0 where the pose itself, sealed by `closure_weight`, brings
        them near enough. Depends on six steps on each side.
    """
    likely = np.minimum(closure / threshold, 1.0) ** DOUBT
    at = np.flatnonzero(likely > LIKELY / _RARELY)
    weight = closure_weight(closure, threshold, at)
    allowed = NEAR_MM + AWAY_MM * np.maximum((LIKELY / likely[at]) ** 2 - 1.0, 0.0)
    still = np.zeros(len(at), dtype=np.float32)
    opening, least = (
        _widest(lips, lips.apply(curves[at], closed=closed, rest=still, breath=still))
        for closed in (weight, still + 1.0)
    )
    share = np.clip((opening - allowed) / np.maximum(opening - least, 1e-3), 0.0, 1.0)
    firm = np.zeros(len(curves), dtype=np.float32)
    firm[at] = np.where(share > 0.0, weight + share * (1.0 - weight), 0.0)
    return bell(_highest(firm, 1), (1, 2, 1)).astype(np.float32)


def _widest(lips: Lips, values: np.ndarray) -> np.ndarray:
    """Opening on the head where it is larger, mm."""
    return aperture(lips.control_set).openings(values).max(axis=1)


def _narrowest(lips: Lips, values: np.ndarray) -> np.ndarray:
    """Opening on the head where it is smaller, mm."""
    return aperture(lips.control_set).openings(values).min(axis=1)


def _ramp(x: np.ndarray, low: float, high: float) -> np.ndarray:
    return np.clip((x - low) / (high - low), 0.0, 1.0)


def _held(x: np.ndarray) -> np.ndarray:
    """A curve whose peaks keep their height and rise and fall within 100 ms."""
    return bell(_highest(x, 2), (1, 3, 5, 6, 5, 3, 1)).astype(np.float32)


def _highest(x: np.ndarray, reach: int) -> np.ndarray:
    padded = np.pad(x, reach, mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=1)
