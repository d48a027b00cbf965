"""Emotion and emphasis as action units over time.

Units come on before the words they colour, swell on accents, and fade in pauses. Everything that a
take draws at random is drawn once per take or drifts slowly, and regions drift together as muscles
do: brows with lids, cheeks with the corners of the mouth, nose with the upper lip.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

from rigtalk.core.speech.phones import SILENCE, VOWELS

from .gestures import FRAME
from .style import Style
from .tables import Primitives, emotion_table

__all__ = ["accents", "emotion_units", "felt", "gains", "prosody_units", "sway"]

_LEAD = {
    "brow": 0.10,
    "eye": 0.08,
    "nose": 0.04,
    "cheek": 0.02,
    "mouth": 0.0,
    "jaw": 0.0,
    "neck": 0.0,
}
"""Seconds by which a region runs ahead of the mouth."""
_KIN: dict[str, tuple[str, ...]] = {
    "brow": ("upper",),
    "eye": ("upper", "middle"),
    "nose": ("middle",),
    "cheek": ("middle", "lower"),
    "mouth": ("lower",),
    "jaw": ("lower",),
    "neck": ("lower",),
    "tongue": (),
}
"""The drifts that a region shares."""
_READABLE = 0.7
"""Exponent of intensity: a third of an emotion must already be seen."""


def felt(emotion: np.ndarray) -> np.ndarray:
    """Emotion as the face follows it: faces need time, shape (frames, 7)."""
    return np.clip(gaussian_filter1d(emotion.astype(np.float64), 7.0, axis=0, mode="nearest"), 0, 1)


def gains(emotion: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """What emotion does to speech.

    Parameters
    ----------
    emotion : ndarray, shape (n, 7)

    Returns
    -------
    jaw, lips : ndarray, shape (n,)
        Gains of the movement.
    slow : float
        Mean sluggishness.
    """
    rows = emotion_table()
    jaw, lips = (1.0 + emotion @ np.array([r[k] - 1.0 for r in rows]) for k in ("jaw", "lips"))
    slow = (
        float(emotion.mean(axis=0) @ np.array([r["slow"] for r in rows])) if len(emotion) else 0.0
    )
    return np.clip(jaw, 0.6, 1.4), np.clip(lips, 0.6, 1.4), float(np.clip(slow, -0.25, 0.6))


def sway(frames: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Slow drifts, one for each group of muscles; zero mean, unit variance, half shared by all."""
    noise = rng.standard_normal((frames + 400, 4))
    slow = gaussian_filter1d(noise, 22.0, axis=0)[200 : 200 + frames]
    slow /= 0.0604 * np.sqrt(55.0 / 22.0) * 1.4626  # standard deviation of the filtered noise
    mixed = 0.6 * slow[:, :1] + 0.8 * slow[:, 1:]
    return dict(zip(("upper", "middle", "lower"), mixed.T, strict=True))


def accents(
    symbols: Sequence[str],
    spans: np.ndarray,
    stresses: np.ndarray,
    *,
    prominence: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Stressed vowels that stand out.

    Parameters
    ----------
    symbols, spans, stresses : the phones
    prominence : ndarray, shape (phones,)
        Loudness of each vowel against the line's other vowels, in standard deviations.

    Returns
    -------
    times, strengths : ndarray, shape (n,)
        Middle of the vowel in seconds; 0-1.
    """
    vowel = np.array([s in VOWELS for s in symbols], dtype=bool) & (stresses == 1)
    if not vowel.any():
        return np.zeros(0), np.zeros(0)
    lengths = spans[:, 1] - spans[:, 0]
    long = np.clip((lengths / np.median(lengths[vowel]) - 1.0) * 1.2, -1.0, 1.5)
    strength = np.clip(0.35 + 0.22 * prominence + 0.22 * long, 0.0, 1.0)
    return spans.mean(axis=1)[vowel], strength[vowel]


def _pulses(
    times: np.ndarray, heights: np.ndarray, frames: int, *, rise: float, fall: float
) -> np.ndarray:
    """Humps at the given times, shape (frames,)."""
    if len(times) == 0:
        return np.zeros(frames)
    x = np.arange(frames) * FRAME - times[:, None]
    shape = np.exp(-0.5 * (x / np.where(x < 0, rise, fall)) ** 2)
    return 1.0 - np.prod(1.0 - np.clip(heights, 0, 0.95)[:, None] * shape, axis=0)


def _arcs(activity: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Onset, apex and decay of feeling with each stretch of speech, 0-1, shape (frames,).

    Felt expressions come up within half a second, stay for about as long and fade more slowly
    (P. Ekman & W. Friesen, "Felt, false, and miserable smiles", 1982).
    """
    voiced = np.concatenate([[False], activity > 0.5])
    starts = np.flatnonzero(voiced[1:] & ~voiced[:-1]) * FRAME - 0.25
    times = np.arange(len(activity)) * FRAME
    arc = np.zeros(len(activity))
    for start in starts:
        rise, apex, fall = rng.uniform(0.3, 0.7), rng.uniform(0.2, 0.9), rng.uniform(0.8, 2.0)
        up = np.clip((times - start) / rise, 0.0, 1.0)
        down = np.exp(-np.maximum(times - start - rise - apex, 0.0) / fall)
        arc = np.maximum(arc, rng.uniform(0.75, 1.0) * up * up * (3.0 - 2.0 * up) * down)
    return gaussian_filter1d(arc, 3.0, mode="nearest")


def emotion_units(
    emotion: np.ndarray,
    *,
    primitives: Primitives,
    activity: np.ndarray,
    emphasis: tuple[np.ndarray, np.ndarray],
    drift: dict[str, np.ndarray],
    style: Style,
    rng: np.random.Generator,
) -> np.ndarray:
    """Action units of the emotions.

    Parameters
    ----------
    emotion : ndarray, shape (frames, 7)
        As felt.
    primitives : Primitives
    activity : ndarray, shape (frames,)
        0 in silence, 1 in speech, smooth.
    emphasis : tuple of ndarray
        From `accents`.
    drift : dict of str to ndarray
        From `sway`.
    style : Style
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (2, frames, units), float64
        Left and right.
    """
    frames = len(emotion)
    units = primitives.units
    swell = 0.76 + 0.06 * activity + 0.10 * _pulses(*emphasis, frames, rise=0.16, fall=0.30)
    swell += 0.18 * _arcs(activity, rng)
    moving = {r: _moving(r, swell, drift, style) for r in set(primitives.regions)}
    off = np.ones((2, frames, len(units)))
    side = 1.0 if rng.random() < 0.6 else -1.0
    for column, row in enumerate(emotion_table()):
        shares = rng.dirichlet(np.full(len(row["variants"]), 1.2))
        luck = np.exp(0.14 * style.variation * rng.standard_normal(len(units)))
        leaning = 0.06 * style.asymmetry * rng.standard_normal(len(units))
        if not emotion[:, column].any():
            continue
        size = emotion[:, column] ** _READABLE
        for name, weight in _mixture(row, shares).items():
            u = primitives.at(name)
            region = units[u].region
            ahead = round(_LEAD[region] / FRAME)
            at = np.minimum(np.arange(frames) + ahead, frames - 1)
            course = np.clip(size[at] * moving[region] * weight * luck[u], 0.0, 1.0)
            lean = side * row.get("side", 0.0) + leaning[u]
            off[0, :, u] *= 1.0 - np.clip(course * (1.0 + min(lean, 0.0)), 0, 1)
            off[1, :, u] *= 1.0 - np.clip(course * (1.0 - max(lean, 0.0)), 0, 1)
    on = 1.0 - off
    pull, depress = primitives.at("corner_pull"), primitives.at("corner_depress")
    opposed = np.minimum(on[:, :, pull], on[:, :, depress])
    on[:, :, pull] -= 0.6 * opposed
    on[:, :, depress] -= 0.6 * opposed
    return on


def _mixture(row: dict, shares: np.ndarray) -> dict[str, float]:
    """Units of an emotion in one take; the shares say how much of each variant is in it."""
    weights = dict(row["units"])
    for share, variant in zip(shares, row["variants"], strict=True):
        for name, weight in variant.items():
            weights[name] = weights.get(name, 0.0) + 1.6 * share * weight
    return weights


def _moving(
    region: str, swell: np.ndarray, drift: dict[str, np.ndarray], style: Style
) -> np.ndarray:
    shared = [drift[name] for name in _KIN[region]]
    return swell * (1.0 + 0.07 * style.variation * (sum(shared) if shared else 0.0))


def prosody_units(
    *,
    primitives: Primitives,
    emphasis: tuple[np.ndarray, np.ndarray],
    symbols: Sequence[str],
    spans: np.ndarray,
    emotion: np.ndarray,
    drift: dict[str, np.ndarray],
    style: Style,
    rng: np.random.Generator,
) -> np.ndarray:
    """Brows and lids that beat time with the voice, also without emotion.

    Brows rise on strong accents and when a phrase begins, and settle or knit where it ends (A. Cavé
    et al., "About the relationship between eyebrow movements and F0 variations", 1996; C. Pelachaud
    et al., "Generating facial expressions for speech", 1996).

    Returns
    -------
    ndarray, shape (2, frames, units), float64
    """
    frames = len(emotion)
    on = np.zeros((2, frames, len(primitives.units)))
    times, strengths = emphasis
    size = 0.5 * style.expression
    luck = rng.random(len(times)) < 0.25 + 0.75 * strengths
    heights = strengths * np.where(luck, rng.uniform(0.75, 1.25, len(times)), 0.3)
    silent = np.array([s == SILENCE for s in symbols], dtype=bool)
    lengths = spans[:, 1] - spans[:, 0]
    pause = silent & (lengths > 0.2)
    begins = spans[pause, 1] + 0.10
    ends = spans[pause, 0] - 0.15
    up = _pulses(times - 0.04, size * heights, frames, rise=0.11, fall=0.19)
    up += _pulses(begins, size * rng.uniform(0.2, 0.7, len(begins)), frames, rise=0.16, fall=0.35)
    down = _pulses(ends, 0.5 * size * rng.uniform(0.1, 0.8, len(ends)), frames, rise=0.2, fall=0.25)
    # A frowner frowns where another raises the brows; anger and disgust make frowners of us all.
    frowner = 0.15 + 0.35 * (rng.random() < 0.25)
    stern = np.clip(frowner + 0.8 * emotion[:, [2, 5]].sum(axis=1), 0.0, 0.9)
    inner, outer, knit = (
        primitives.at(n) for n in ("brow_inner_up", "brow_outer_up", "brow_lower")
    )
    rise, frown = up * (1.0 - stern), 0.8 * up * stern + down
    calm = 0.015 * style.variation
    on[:, :, inner] = rng.uniform(0.5, 0.9) * rise + calm * np.maximum(drift["upper"], 0.0)
    on[:, :, outer] = rng.uniform(0.6, 1.0) * rise + calm * np.maximum(drift["upper"], 0.0)
    on[:, :, knit] = frown + calm * np.maximum(-drift["upper"], 0.0)
    on[:, :, primitives.at("lid_tighten")] = 0.35 * frown + calm * (1.0 + 0.5 * drift["middle"])
    on[:, :, primitives.at("lid_raise")] = 0.25 * rise
    on[:, :, primitives.at("corner_pull")] = calm * np.maximum(drift["middle"], 0.0)
    favoured = 0.3 * style.asymmetry * rng.standard_normal()
    on[0, :, outer] *= np.clip(1.0 + favoured, 0.2, 1.0)
    on[1, :, outer] *= np.clip(1.0 - favoured, 0.2, 1.0)
    return np.clip(on, 0.0, 1.0)
