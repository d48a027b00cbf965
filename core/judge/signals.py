"""Small sums over curves that several figures share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = [
    "FAST_HZ",
    "best_lag",
    "between",
    "correlation",
    "fast_share",
    "lagged",
    "mean",
    "motion_spectrum",
    "percentile",
    "runs",
    "smoothed",
]

FAST_HZ = 15.0
"""Lips and jaw of people hardly move faster; what is above is jitter."""


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's r; 0 where one of the two does not move."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if len(a) < 2 or a.std() < 1e-6 or b.std() < 1e-6:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def lagged(moved: Sequence[np.ndarray], spoken: Sequence[np.ndarray], lag: int) -> float:
    """Correlation over pairs of curves when the first comes `lag` frames after the second."""
    pairs = [
        (m[lag:], s[: len(s) - lag]) if lag >= 0 else (m[:lag], s[-lag:])
        for m, s in zip(moved, spoken, strict=True)
    ]
    if not pairs:
        return 0.0
    return correlation(np.concatenate([m for m, _ in pairs]), np.concatenate([s for _, s in pairs]))


def best_lag(moved: Sequence[np.ndarray], spoken: Sequence[np.ndarray], most: int) -> int:
    """Frames, up to `most` either way, by which the first curves come after the second.

    The smallest where several are equally good.
    """
    lags = sorted(range(-most, most + 1), key=abs)
    return max(lags, key=lambda lag: lagged(moved, spoken, lag))


def fast_share(curve: np.ndarray, fps: float) -> float:
    """Share of the energy of a curve's motion above `FAST_HZ`, 0-1.

    Motion is the change from frame to frame: the position itself is ruled by where the mouth rests,
    which would hide any trembling. Frequencies that `fps` cannot show count as none.
    """
    if len(curve) < 4:
        return 0.0
    frequency, power = motion_spectrum(curve, fps)
    return float(power[frequency > FAST_HZ].sum() / max(float(power.sum()), 1e-9))


def motion_spectrum(curve: np.ndarray, fps: float) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies in Hz and the energy of the change of a curve at each, both of shape (n,)."""
    change = np.diff(np.asarray(curve, dtype=np.float64))
    # The window keeps the ends of a take, where it is cut, from looking like a jump.
    power = np.abs(np.fft.rfft((change - change.mean()) * np.hanning(len(change)))) ** 2
    return np.fft.rfftfreq(len(change), 1.0 / fps), power


def between(times: np.ndarray, start: float, end: float) -> slice:
    """Frames with ``start <= time < end``."""
    return slice(*np.searchsorted(times, (start, end)).tolist())


def runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """Begin and end of each stretch of true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def smoothed(curve: np.ndarray, width: float) -> np.ndarray:
    """A curve under a bell of `width` frames (standard deviation); the ends hold."""
    if width <= 0 or not len(curve):
        return np.asarray(curve, dtype=np.float64)
    reach = int(np.ceil(3 * width))
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    return np.convolve(np.pad(curve, reach, mode="edge"), bell / bell.sum(), mode="valid")


def mean(values: Sequence[float] | np.ndarray) -> float:
    """The mean; NaN of nothing."""
    return float(np.mean(values)) if len(values) else float("nan")


def percentile(values: np.ndarray, share: float) -> float:
    """A percentile, 0-100; NaN of nothing."""
    return float(np.percentile(values, share)) if len(values) else float("nan")
