"""Phones as overlapping gestures of the speech organs.

Every phone pulls each channel towards its target with a dominance that rises before the sound and
falls after it; where dominances overlap the channel goes to their weighted mean (M. Cohen &
D. Massaro, "Modeling coarticulation in synthetic visual speech", 1993). Here a phone's dominance is
its stretch of time smeared by the channel's kernel, so a short phone pulls less: targets are
undershot at a fast rate without a rule for it. Vowels without stress aim lower to begin with
(B. Lindblom, "Spectrographic study of vowel reduction", 1963). Lips that must meet are not left to
averages: closures are events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from rigtalk.core.speech.phones import SEALED, SILENCE, VOWELS

from .style import Style
from .tables import Dynamics, PhoneTable, Primitives

__all__ = [
    "FRAME",
    "Closures",
    "Score",
    "blended",
    "closures",
    "covered",
    "followed",
    "reduction",
    "score",
    "spoken_channels",
]

FRAME = 0.02
"""Seconds between frames."""
_MARGIN = 0.6
"""Seconds of silence taken before and after the line; longer than any kernel."""
_CLOSING, _OPENING = 0.070, 0.060
"""Seconds in which lips travel to and from each other: they part faster than they meet."""
_SHORTEST_SEAL = 0.050
_LINGER = 0.12
"""Seconds for which lips stay together when a phrase ends in m: they go to rest, not apart."""
_HELD = {"p": 0.62, "b": 0.75, "m": 0.97}
"""Share of the phone during which the lips are together; the rest is release and breath."""


@dataclass(frozen=True)
class Score:
    """Phones as arrays, diphthongs in two.

    Attributes
    ----------
    bounds : ndarray, shape (n + 1,)
        Seconds at which the parts begin, and the end of the last.
    targets, dominances : ndarray, shape (n, channels)
    """

    bounds: np.ndarray
    targets: np.ndarray
    dominances: np.ndarray


def covered(bounds: np.ndarray, values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Means between edges of something that is constant between bounds.

    Parameters
    ----------
    bounds : ndarray, shape (n + 1,)
        Rising; reaching over the edges.
    values : ndarray, shape (n, k)
    edges : ndarray, shape (m + 1,)

    Returns
    -------
    ndarray, shape (m, k)
    """
    steps = np.diff(bounds)[:, None]
    total = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values * steps, axis=0)])
    at = np.searchsorted(bounds, edges, side="right").clip(1, len(values)) - 1
    integral = total[at] + (edges - bounds[at])[:, None] * values[at]
    return np.diff(integral, axis=0) / np.diff(edges)[:, None]


def score(
    symbols: Sequence[str],
    spans: np.ndarray,
    *,
    gains: np.ndarray,
    table: PhoneTable,
    effort: np.ndarray,
    jitter: np.ndarray,
    duration: float,
) -> Score:
    """Targets in time.

    Parameters
    ----------
    symbols : sequence of str
    spans : ndarray, shape (phones, 2)
        Start and end of each phone in seconds, without gaps.
    gains : ndarray, shape (phones,)
        Size of each phone's movement: stress, loudness, articulation, emotion.
    table : PhoneTable
    effort : ndarray, shape (channels,)
        How far each channel follows the gains.
    jitter : ndarray, shape (phones, channels)
        Factors near 1: nobody says a sound twice alike.
    duration : float
        Seconds of the line.
    """
    rows, owners, starts = [0], [-1], [min(-_MARGIN, float(spans[0, 0]) if len(spans) else 0.0)]
    for i, symbol in enumerate(symbols):
        start, length = spans[i, 0], spans[i, 1] - spans[i, 0]
        for row, share in table.parts[symbol]:
            rows.append(row)
            owners.append(i)
            starts.append(start)
            start += share * length
    end = float(spans[-1, 1]) if len(spans) else 0.0
    rows.append(0)
    owners.append(-1)
    starts.append(end)
    bounds = np.append(starts, max(duration, end) + _MARGIN)
    owner = np.array(owners)
    gain = np.where(owner >= 0, gains[owner], 1.0) if len(gains) else np.ones(len(owner))
    wobble = np.where(owner[:, None] >= 0, jitter[owner], 1.0) if len(gains) else 1.0
    targets = table.targets[rows] * (1.0 + effort * (gain[:, None] - 1.0)) * wobble
    return Score(bounds, targets, table.dominances[rows])


def spoken_channels(
    line: Score, frames: int, *, primitives: Primitives, style: Style, slow: float = 0.0
) -> np.ndarray:
    """Channels of speech over time.

    The blended targets are not the movement but what is aimed at: each organ follows as a
    critically damped mass on a spring does (E. Saltzman & K. Munhall, "A dynamical approach to
    gestural patterning in speech production", 1989), set off early enough to arrive in time.

    Parameters
    ----------
    line : Score
    frames : int
    primitives : Primitives
    style : Style
    slow : float
        Sluggishness added by emotion; 0 is none, 0.5 widens kernels by a half.

    Returns
    -------
    ndarray, shape (frames, channels), float64
    """
    pace = (1.0 + slow) / style.speed
    aimed, before = blended(line, frames, dynamics=primitives.dynamics * pace)
    return followed(aimed, primitives.dynamics * pace)[before : before + frames]


def blended(line: Score, frames: int, *, dynamics: Dynamics) -> tuple[np.ndarray, int]:
    """Dominance-weighted means of the targets, with margins, and the frames of the first margin.

    Returns
    -------
    ndarray, shape (frames + margins, channels), float64
    int
    """
    before = round(_MARGIN / FRAME)
    edges = (np.arange(-before, frames + before + 1) - 0.5) * FRAME
    pull = line.dominances
    both = covered(line.bounds, np.concatenate([pull * line.targets, pull], axis=1), edges)
    both = both.reshape(len(both), 2, -1)
    smeared = _convolved(both, _bells(dynamics, before)[:, None])
    return smeared[:, 0] / np.maximum(smeared[:, 1], 1e-6), before


def followed(aimed: np.ndarray, dynamics: Dynamics) -> np.ndarray:
    """Critically damped response to what is aimed at, shape (frames, channels)."""
    return _convolved(aimed, _responses(dynamics, round(_MARGIN / FRAME)))


def _convolved(curves: np.ndarray, kernels: np.ndarray) -> np.ndarray:
    """Each curve with its kernel, whose middle row is time 0."""
    size = next_fast_len(len(curves) + len(kernels), real=True)
    product = irfft(rfft(curves, size, axis=0) * rfft(kernels, size, axis=0), size, axis=0)
    centre = len(kernels) // 2
    return product[centre : centre + len(curves)]


def _bells(dynamics: Dynamics, reach: int) -> np.ndarray:
    """Two-sided bells, shape (2 * reach + 1, channels): row 0 acts earliest before the sound."""
    times = np.arange(-reach, reach + 1)[:, None] * FRAME
    spread = np.where(times < 0, dynamics.lead, dynamics.lag)
    bells = np.exp(-0.5 * (times / spread) ** 2)
    return bells / bells.sum(axis=0)


def _responses(dynamics: Dynamics, reach: int) -> np.ndarray:
    """Impulse responses of critically damped organs, shape (2 * reach + 1, channels).

    Each row is the mean over its frame, from the step response 1 - (1 + t/T) exp(-t/T).
    """
    edges = (np.arange(-reach, reach + 2) - 0.5)[:, None] * FRAME
    since = np.maximum(edges + dynamics.ahead, 0.0) / dynamics.settle
    return np.diff(1.0 - (1.0 + since) * np.exp(-since), axis=0)


@dataclass(frozen=True)
class Closures:
    """Lips together.

    Attributes
    ----------
    seal : ndarray, shape (frames,)
        How far the lips have come together, 0-1, with the way there and back.
    label : ndarray, shape (frames,)
        The same with edges one frame wide: when they touch.
    release : ndarray, shape (frames,)
        Bumps of 0-1 on the parting of the lips.
    burst : ndarray, shape (frames,)
        Bumps of 0-1 on the pressure of p and b.
    """

    seal: np.ndarray
    label: np.ndarray
    release: np.ndarray
    burst: np.ndarray


def closures(
    symbols: Sequence[str], spans: np.ndarray, frames: int, *, speed: float = 1.0
) -> Closures:
    """When lips meet for p, b and m.

    The seal is complete for the whole of the closure whatever comes before and after.
    """
    found = [i for i, symbol in enumerate(symbols) if symbol in SEALED]
    times = np.arange(frames) * FRAME
    if not found:
        return Closures(*(np.zeros(frames) for _ in range(4)))
    intervals: list[list[float]] = []
    bursts = []
    for i in found:
        start, end = spans[i]
        held = max(_HELD[symbols[i]] * (end - start), _SHORTEST_SEAL)
        first = start - (0.03 if i == 0 or symbols[i - 1] == SILENCE else 0.0)
        if i + 1 < len(symbols) and symbols[i + 1] in SEALED:
            held = max(held, end - start)
        if symbols[i] != "m":
            bursts.append(start + held)
        linger = 0.0
        if symbols[i] == "m" and i + 1 < len(symbols) and symbols[i + 1] == SILENCE:
            pause = spans[i + 1, 1] - spans[i + 1, 0]
            linger = float(np.clip(pause - 0.15, 0.0, _LINGER))
        if intervals and first <= intervals[-1][1] + 0.04:
            intervals[-1][1:] = [start + held, linger]
        else:
            intervals.append([first, start + held, linger])
    begin, stop, rest = np.array(intervals).T[:, :, None]
    closing = _collide((times - begin) / (_CLOSING / speed) + 1.0)
    opening = _collide(1.0 - (times - stop - rest) / (_OPENING / speed))
    label = np.clip((times - begin) / FRAME + 0.5, 0, 1) * np.clip(
        (stop - times) / FRAME + 0.5, 0, 1
    )
    parted = _bump((times - stop - rest - 0.035) / 0.06)
    pressed = np.array(bursts)[:, None]
    burst = _bump((times - pressed + 0.01) / 0.05).max(axis=0) if bursts else np.zeros(frames)
    return Closures(
        seal=(closing * opening).max(axis=0),
        label=label.max(axis=0),
        release=parted.max(axis=0),
        burst=burst,
    )


def reduction(symbols: Sequence[str], spans: np.ndarray, stresses: np.ndarray) -> np.ndarray:
    """Size of each phone's movement by stress and duration, shape (phones,).

    Stressed vowels are full; the others shrink, the more so the shorter they are (Lindblom 1963).
    """
    lengths = spans[:, 1] - spans[:, 0]
    vowel = np.array([symbol in VOWELS for symbol in symbols], dtype=bool)
    full = np.select([stresses == 1, stresses == 2], [1.06, 0.98], 0.84)
    reached = 1.0 - 0.40 * np.exp(-lengths / 0.070)
    return np.where(vowel, full * reached / 0.87, 1.0)


def _collide(x: np.ndarray) -> np.ndarray:
    """Rises from 0 at 0 to 1 at 1, still fast when it arrives: lips meet in mid-flight."""
    y = np.clip(x, 0.0, 1.0)
    return y * y * (2.0 - y)


def _bump(x: np.ndarray) -> np.ndarray:
    """One hump of height 1 between -1 and 1."""
    return 0.5 + 0.5 * np.cos(np.pi * np.clip(x, -1.0, 1.0))
