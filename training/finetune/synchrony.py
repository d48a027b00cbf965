"""Whether a captured face and a recording belong together, and how they lie in time.

What a trained actor does on the recording is held against what was captured: the two faces differ
in manner, but they open and round their lips at the same moments. The captured curves are slid and
stretched until both agree best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["RATE", "Alignment", "Motion", "align"]

RATE = 50.0
"""Frames in a second of all motion here."""
SLOW_SECONDS = 1.5
"""What changes slower than this is posture, not speech."""
LONGEST_LAG = 10.0
STRETCHES = np.concatenate([np.arange(0.96, 1.0401, 0.002), [1.0]])
"""Tried first: small steps, since a drift of a second over the take blurs the whole."""
FRAME_RATES = (24.0, 25.0, 30.0, 48.0, 50.0, 60.0)
WINDOW, HOP, LOCAL = 8.0, 2.0, 0.4
"""Seconds of a window, between windows, and either way within which its own lag is looked for."""
TELLING = 0.3
"""Correlation from which a window's lag counts."""
LEAST_SHARE = 0.5
"""Of the shorter of both that must overlap for a lag to be considered."""


@dataclass(frozen=True, eq=False)
class Motion:
    """Curves over time that speech moves, any number of them.

    Attributes
    ----------
    curves : ndarray, shape (frames, n)
        At `RATE`, from 0 s.
    weights : ndarray, shape (n,)
        How much each counts.
    """

    curves: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Alignment:
    """Where captured curves belong: ``time in the audio = stretch * captured time - lag``.

    Attributes
    ----------
    lag : float
        Seconds by which the curves come after the sound, at the start of the take.
    stretch : float
        Above 1 where the curves run too fast and end too early.
    agreement : float
        Correlation with the actor's motion when so aligned, -1 to 1.
    chance : float
        The best correlation far away from there: what mere chance gives.
    unaligned : float
        Correlation as the curves are.
    scatter : float
        Seconds by which lags of single windows still differ (median), 0 with too few windows.
    windows : int
        Windows that told a lag.
    """

    lag: float
    stretch: float
    agreement: float
    chance: float
    unaligned: float
    scatter: float
    windows: int

    def drift(self, duration: float) -> float:
        """Seconds by which the lag grows over so many seconds."""
        return (1.0 - self.stretch) * duration


def align(times: np.ndarray, captured: Motion, spoken: Motion) -> Alignment:
    """Find the lag and the stretch of captured curves.

    Parameters
    ----------
    times : ndarray, shape (rows,)
        Seconds of the captured rows.
    captured : Motion
        Here curves are of shape (rows, n).
    spoken : Motion
        What an actor does on the recording; the same n curves.
    """
    weights = captured.weights * spoken.weights
    goal = _fast(spoken.curves)

    def laid(stretch: float) -> np.ndarray:
        return _fast(_sampled(times * stretch, captured.curves))

    plain = _correlations(laid(1.0), goal, weights, LONGEST_LAG)
    tried = {float(s): _peak(_correlations(laid(s), goal, weights, LONGEST_LAG)) for s in _ratios()}
    stretch = max(tried, key=lambda s: tried[s][1] + (0.02 if s == 1.0 else 0.0))
    lag, agreement = tried[stretch]
    scatter, count = 0.0, 0
    for _ in range(3):
        starts, lags = _local_lags(laid(stretch), goal, weights, lag)
        count = len(lags)
        if count < 3:
            break
        slope, first = _line(starts, lags)
        scatter = float(np.median(np.abs(lags - first - slope * starts)))
        better = stretch * (1.0 - slope)
        found = _peak(_correlations(laid(better), goal, weights, LONGEST_LAG))
        if found[1] < agreement:
            break
        stretch, (lag, agreement) = better, found
    curve = _correlations(laid(stretch), goal, weights, LONGEST_LAG)
    middle = len(curve) // 2
    at = middle + round(lag * RATE)
    away = np.abs(np.arange(len(curve)) - at) > 1.0 * RATE
    return Alignment(
        lag=lag,
        stretch=stretch,
        agreement=agreement,
        chance=float(curve[away].max()),
        unaligned=float(plain[middle]),
        scatter=scatter,
        windows=count,
    )


def _ratios() -> Sequence[float]:
    pairs = {a / b for a in FRAME_RATES for b in FRAME_RATES}
    return sorted({*STRETCHES.tolist(), *pairs}, key=lambda s: abs(np.log(s)))


def _sampled(times: np.ndarray, curves: np.ndarray) -> np.ndarray:
    """Curves at `RATE` from 0 s, shape (frames, n)."""
    at = np.arange(int(times[-1] * RATE) + 1) / RATE
    return np.stack([np.interp(at, times, column) for column in curves.T], axis=1)


def _fast(curves: np.ndarray) -> np.ndarray:
    """Without posture, and of unit variance, shape (frames, n)."""
    width = min(int(SLOW_SECONDS * RATE), max(1, len(curves) // 2))
    sums = np.cumsum(np.pad(curves, ((width, width + 1), (0, 0)), mode="edge"), axis=0)
    mean = (sums[2 * width + 1 :] - sums[: -2 * width - 1])[: len(curves)] / (2 * width + 1)
    # The first sum lacks its first frame by one; a constant would show it, motion does not.
    fast = curves[: len(mean)] - mean
    return fast / np.maximum(fast.std(axis=0), 1e-6)


def _correlations(a: np.ndarray, b: np.ndarray, weights: np.ndarray, most: float) -> np.ndarray:
    """Weighted correlation of two motions for each lag of the first, from -most to most seconds."""
    reach = round(most * RATE)
    length = 1 << int(len(a) + len(b) + reach).bit_length()

    def across(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        product = np.fft.rfft(x, length, axis=0) * np.fft.rfft(y, length, axis=0).conj()
        full = np.fft.irfft(product, length, axis=0)
        return np.concatenate([full[-reach:], full[: reach + 1]])

    there, here = np.ones((len(a), 1)), np.ones((len(b), 1))
    overlap = across(there, here)[:, 0]
    energy = np.sqrt(np.maximum(across(a**2, here) * across(there, b**2), 1e-9))
    result = (across(a, b) / energy) @ weights / max(float(weights.sum()), 1e-9)
    result[overlap < LEAST_SHARE * min(len(a), len(b))] = 0.0
    return result


def _peak(curve: np.ndarray) -> tuple[float, float]:
    """Lag in seconds of the highest value, between frames, and the value."""
    at = int(np.argmax(curve))
    lag, height = float(at - len(curve) // 2), float(curve[at])
    if 0 < at < len(curve) - 1:
        before, after = curve[at - 1], curve[at + 1]
        bend = before - 2.0 * height + after
        if bend < 0:
            lag += 0.5 * float((before - after) / bend)
    return lag / RATE, height


def _local_lags(
    a: np.ndarray, b: np.ndarray, weights: np.ndarray, lag: float
) -> tuple[np.ndarray, np.ndarray]:
    """Middle in seconds and lag of each window that tells one."""
    shift = round(lag * RATE)
    begin = max(0, -shift)
    count = min(len(a) - shift, len(b)) - begin
    size, hop = round(WINDOW * RATE), round(HOP * RATE)
    middles, lags = [], []
    for start in range(begin, begin + count - size + 1, hop):
        there, here = slice(start + shift, start + shift + size), slice(start, start + size)
        near, height = _peak(_correlations(a[there], b[here], weights, LOCAL))
        if height > TELLING and abs(near) < LOCAL - 0.5 / RATE:
            middles.append((start + size / 2) / RATE)
            lags.append(near + shift / RATE)
    return np.array(middles), np.array(lags)


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope and start of a line that outliers do not bend (Theil 1950, Sen 1968)."""
    rows, columns = np.triu_indices(len(x), 1)
    slope = float(np.median((y[columns] - y[rows]) / (x[columns] - x[rows])))
    return slope, float(np.median(y - slope * x))
