"""Which frames of a performance show best what the mouth does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from rigtalk.core.performance import Performance

__all__ = ["Moment", "telling_moments"]

APART_SECONDS = 0.2
"""Two moments are at least this far from each other."""
LEAST = 0.08
"""A weaker gesture than this is not shown."""

Curves = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Moment:
    """A frame worth a look.

    Attributes
    ----------
    time : float
        Seconds.
    label : str
        What the mouth does.
    """

    time: float
    label: str


def _mean(curves: Curves, *names: str) -> np.ndarray:
    return np.mean([curves[name] for name in names], axis=0)


def _sealed(curves: Curves) -> np.ndarray:
    """Lips that meet over an open jaw; what presses or rolls them in counts as well."""
    press = _mean(curves, "mouthPressLeft", "mouthPressRight", "mouthRollUpper", "mouthRollLower")
    return np.minimum(curves["mouthClose"], curves["jawOpen"]) + 0.5 * press


GESTURES: dict[str, Callable[[Curves], np.ndarray]] = {
    "open": lambda curves: curves["jawOpen"] - curves["mouthClose"],
    "lips together": _sealed,
    "rounded": lambda curves: _mean(curves, "mouthPucker", "mouthFunnel"),
    "lip to teeth": lambda curves: (
        curves["mouthRollLower"] - np.minimum(curves["mouthClose"], curves["jawOpen"])
    ),
}
"""How much of each gesture there is, over time."""


def telling_moments(performance: Performance, *, count: int = 12) -> tuple[Moment, ...]:
    """The strongest gestures of a line, of each kind about as many.

    Parameters
    ----------
    performance : Performance
        For any control set that maps to ARKit.
    count : int
        How many at most.

    Returns
    -------
    tuple of Moment
        In order of time; fewer than `count` where little moves, but always one.
    """
    arkit = performance.to("arkit")
    curves = {name: arkit.values[:, i] for i, name in enumerate(arkit.controls.names)}
    # A face in the middle of a blink makes a poor picture.
    awake = 1.0 - 0.8 * _mean(curves, "eyeBlinkLeft", "eyeBlinkRight")
    peaks = {label: _peaks(awake * measure(curves)) for label, measure in GESTURES.items()}
    apart = APART_SECONDS * arkit.fps
    chosen: dict[int, str] = {}
    while len(chosen) < count and any(peaks.values()):
        for label, frames in peaks.items():
            while frames and any(abs(frames[0] - other) < apart for other in chosen):
                frames.pop(0)
            if frames and len(chosen) < count:
                chosen[frames.pop(0)] = label
    chosen = chosen or {len(arkit) // 2: "at rest"}
    return tuple(Moment(arkit.times[frame], chosen[frame]) for frame in sorted(chosen))


def _peaks(strength: np.ndarray) -> list[int]:
    """Frames at which a curve is highest around, the highest first."""
    before = np.concatenate([[-np.inf], strength[:-1]])
    after = np.concatenate([strength[1:], [-np.inf]])
    frames = np.flatnonzero((strength >= before) & (strength > after) & (strength > LEAST))
    return [int(frame) for frame in frames[np.argsort(-strength[frames], kind="stable")]]
