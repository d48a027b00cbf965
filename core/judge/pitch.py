"""Pitch and loudness of a voice, for what brows and head do with them."""

from __future__ import annotations

import numpy as np

from ..features import SAMPLE_RATE

__all__ = ["RATE", "loudness_of", "pitch_of"]

RATE = 100.0
"""Values in a second."""
HOP = int(SAMPLE_RATE / RATE)
LOWEST, HIGHEST = 65.0, 600.0
"""Hz, from deep men to excited children."""
WINDOW = 3 * SAMPLE_RATE // int(LOWEST)
"""Samples; three periods of the lowest voice (Boersma 1993)."""
VOICED = 0.5
"""Height of the autocorrelation's peak from which there is a pitch."""
OCTAVE_COST = 0.02
"""Taken off for each octave that a candidate is below `HIGHEST`: of two periods, the shorter."""
QUIET_DB = 45.0
"""Frames this far below the loud ones have no voice in them."""
FLOOR_DB = 60.0
_AT_ONCE = 1024


def loudness_of(samples: np.ndarray) -> np.ndarray:
    """Loudness of a recording.

    Parameters
    ----------
    samples : ndarray, shape (n,)
        16 kHz.

    Returns
    -------
    ndarray, shape (frames,)
        dB at 100 Hz below the loud frames (their 95th percentile is 0), not under -60.
    """
    squares = np.concatenate([[0.0], np.cumsum(np.asarray(samples, np.float64) ** 2)])
    middles = np.arange(0, len(samples), HOP)
    begin, end = (np.clip(middles + d, 0, len(samples)) for d in (-HOP, HOP))
    power = (squares[end] - squares[begin]) / np.maximum(end - begin, 1)
    decibels = 10.0 * np.log10(power + 1e-12)
    if not len(decibels) or decibels.max() < -110.0:
        return np.full(len(decibels), -FLOOR_DB)
    return np.maximum(decibels - np.percentile(decibels, 95), -FLOOR_DB)


def pitch_of(samples: np.ndarray) -> np.ndarray:
    """Pitch of a recording, by the peak of the normalised autocorrelation.

    Paul Boersma, "Accurate short-term analysis of the fundamental frequency", 1993: the
    autocorrelation of a windowed frame over that of the window.

    Parameters
    ----------
    samples : ndarray, shape (n,)
        16 kHz.

    Returns
    -------
    ndarray, shape (frames,)
        Hz at 100 Hz; NaN where there is no voice.
    """
    samples = np.asarray(samples, dtype=np.float32)
    frames = len(range(0, len(samples), HOP))
    pitch = np.full(frames, np.nan)
    if not frames:
        return pitch
    padded = np.pad(samples, (WINDOW // 2, WINDOW))
    window = np.hanning(WINDOW).astype(np.float32)
    size = 1 << (2 * WINDOW - 1).bit_length()
    own = np.fft.irfft(np.abs(np.fft.rfft(window, size)) ** 2)
    lags = np.arange(int(SAMPLE_RATE / HIGHEST), int(SAMPLE_RATE / LOWEST) + 2)
    cost = OCTAVE_COST * np.log2(lags * HIGHEST / SAMPLE_RATE)
    audible = loudness_of(samples) > -QUIET_DB
    for start in range(0, frames, _AT_ONCE):
        rows = np.flatnonzero(audible[start : start + _AT_ONCE]) + start
        if not len(rows):
            continue
        cut = padded[rows[:, None] * HOP + np.arange(WINDOW)]
        cut = (cut - cut.mean(axis=1, keepdims=True)) * window
        alike = np.fft.irfft(np.abs(np.fft.rfft(cut, size, axis=1)) ** 2, axis=1)
        near = alike[:, lags[0] - 1 : lags[-1] + 2] / np.maximum(alike[:, :1], 1e-12)
        near *= own[0] / own[lags[0] - 1 : lags[-1] + 2]
        inner = near[:, 1:-1]
        peaks = (inner >= near[:, :-2]) & (inner > near[:, 2:])
        best = np.argmax(np.where(peaks, inner - cost, -1.0), axis=1)
        each = np.arange(len(rows))
        left, top, right = near[each, best], near[each, best + 1], near[each, best + 2]
        bend = left - 2 * top + right
        # A parabola through the peak and its neighbours.
        shift = np.where(np.abs(bend) > 1e-9, 0.5 * (left - right) / np.where(bend, bend, 1), 0)
        found = SAMPLE_RATE / (lags[best] + np.clip(shift, -0.5, 0.5))
        voiced = (top > VOICED) & peaks[each, best]
        pitch[rows[voiced]] = found[voiced]
    return pitch
