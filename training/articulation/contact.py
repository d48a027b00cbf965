"""Lips that touch, and what gives way to what.

Averages of targets never quite meet; these rules work in millimetres of a reference head
(aperture.toml), so that p b m seal, f v reach the teeth and a face at rest is closed in every
emotion, while no other sound looks sealed.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from rigtalk.core.speech.phones import SILENCE

from .gestures import FRAME, Closures
from .style import Style
from .tables import Primitives

__all__ = ["add_events", "give_way", "meet"]

_FIRM = 0.3
"""Millimetres by which lips that meet press into each other, on the head where they do so least."""
_PRESSING = ("lip_press", "lip_tighten", "chin_raise", "chin", "dimple")
"""Units that close lips; a closure presses by itself, and both together would fold the lips in."""


def add_events(
    units: np.ndarray,
    seals: Closures,
    *,
    symbols: list[str],
    spans: np.ndarray,
    drift: dict[str, np.ndarray],
    style: Style,
    rng: np.random.Generator,
    parts: Primitives,
) -> None:
    """Channels that follow from closures and breath."""
    force = float(np.clip(rng.normal(0.12, 0.03 * style.variation), 0.06, 0.2))
    units[:, :, parts.at("press")] = force * seals.seal**2
    units[:, :, parts.at("together")] = seals.seal
    units[:, :, parts.at("sticky")] = 0.35 * seals.release * (1.0 - seals.seal)
    units[:, :, parts.at("puff")] = 0.05 * seals.burst
    lean = style.asymmetry * style.variation * rng.normal(0.0, 0.03)
    wander = 0.012 * style.variation * drift["lower"]
    aside = lean * (0.4 + 2.0 * units[:, :, parts.at("jaw")]) + wander
    units[:, :, parts.at("aside_left")] = np.maximum(aside, 0.0)
    units[:, :, parts.at("aside_right")] = np.maximum(-aside, 0.0)
    breath = units[:, :, parts.at("inhale")]
    times = np.arange(units.shape[1]) * FRAME
    for symbol, (start, end) in zip(symbols, spans, strict=True):
        if symbol == SILENCE and end - start > 0.35 and end < spans[-1, 1]:
            depth = rng.uniform(0.3, 1.0)
            middle, half = end - 0.20, 0.5 * min(0.45, end - start - 0.05)
            breath += depth * (0.5 + 0.5 * np.cos(np.pi * np.clip((times - middle) / half, -1, 1)))


def give_way(units: np.ndarray, seal: np.ndarray, activity: np.ndarray, parts: Primitives) -> None:
    """What opens gives way to closures, what spreads to rounding, what presses to an open jaw."""
    rounded = units[:, :, parts.at("pucker")] + 0.6 * units[:, :, parts.at("funnel")]
    rounded = np.clip(rounded / 0.55, 0.0, 1.0)[:, :, None]
    jaw = np.clip(units[:, :, parts.at("jaw")] / 0.16, 0.0, 1.0)[:, :, None]
    units *= 1.0 - parts.gather("closes") * seal[:, None]
    units *= 1.0 - parts.gather("rounds") * rounded
    units *= 1.0 - parts.gather("open") * jaw
    units *= 1.0 - parts.gather("speaks") * (1.0 - activity[:, None])
    # A jaw that drops in surprise still comes up for consonants, most of all for f and v.
    tuck = np.clip(units[:, :, parts.at("tuck")], 0.0, 1.0)
    units[:, :, parts.at("jaw_drop")] *= (0.35 + 0.65 * jaw[:, :, 0]) * (1.0 - 0.8 * tuck)


def meet(units: np.ndarray, seal: np.ndarray, activity: np.ndarray, parts: Primitives) -> None:
    """Lips meet in closures whatever the emotion, and show an opening everywhere else in speech."""
    _hold_open(units, activity * (1.0 - seal), parts)
    pressing = [parts.at(name) for name in _PRESSING]
    units[:, :, pressing] *= 1.0 - seal[:, None]
    jaw = [parts.at("jaw"), parts.at("jaw_drop")]
    lips = parts.lips.astype(np.float64)
    lips[:, jaw] = 0.0
    both = units.mean(axis=0)
    # In a closure mouthClose undoes the jaw; what is left must be met by lower lip and chin.
    apart = both @ lips.T  # (frames, heads)
    sealed = apart + parts.rest + parts.close * both[:, jaw].sum(axis=1)[:, None] + _FIRM
    reach = -lips[:, parts.at("meet")]
    closing = np.maximum(
        seal * _between_heads(sealed / reach), (1.0 - activity) * _between_heads(apart / reach)
    )
    closing = np.clip(closing, 0.0, 0.9)
    for name, rise in (("meet", closing[None, :]), ("bite", _bite(units, parts))):
        steady = maximum_filter1d(rise, 3, axis=1)
        units[:, :, parts.at(name)] = gaussian_filter1d(steady, 1.0, axis=1, mode="nearest")


def _between_heads(wants: np.ndarray) -> np.ndarray:
    """What suits two heads (frames, 2) of which one wants more, shape (frames,)."""
    return 0.8 * wants.max(axis=1) + 0.2 * wants.min(axis=1)


def _hold_open(units: np.ndarray, free: np.ndarray, parts: Primitives) -> None:
    """What closes the mouth takes no more than leaves the least opening, where lips are free."""
    lips = parts.lips.astype(np.float64)
    both = units.mean(axis=0)
    opened = both @ np.maximum(lips, 0.0).T
    closed = -(both @ np.minimum(lips, 0.0).T)
    kept = np.clip((opened - parts.least) / np.maximum(closed, 1e-6), 0.0, 1.0).min(axis=1)
    tuck = parts.at("tuck")
    held = units[:, :, tuck].copy()
    units[:, :, (lips < 0.0).any(axis=0)] *= (1.0 - free * (1.0 - kept))[:, None]
    units[:, :, tuck] = held


def _bite(units: np.ndarray, parts: Primitives) -> np.ndarray:
    """How far chin and lower lip must rise in f and v to reach the upper teeth, (2, frames)."""
    fallen = -parts.overlap + sum(
        parts.aperture[parts.at(name)] * units[:, :, parts.at(name)]
        for name in ("jaw", "jaw_drop", "lower", "lower_lip_depress")
    )
    tuck = units[:, :, parts.at("tuck")]
    short = np.clip((fallen + parts.tucked * tuck) / -parts.aperture[parts.at("bite")], 0.0, 0.6)
    # Cubed, so that the lip does not rise while the jaw is still open on either side of the sound.
    return np.clip(tuck, 0.0, 1.0) ** 3 * short
