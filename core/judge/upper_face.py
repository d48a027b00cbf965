"""Brows: how far they travel, and whether they go with the voice."""

from __future__ import annotations

import numpy as np

from .pitch import RATE
from .signals import correlation, smoothed

__all__ = ["brow_figures"]

SMOOTH = 0.15
"""Seconds; brows follow phrases and accents, not single periods or phones."""
STILL_MM = 0.05
"""Range of brows that nobody sees move: their correlations are 0."""
ENOUGH = 50
"""Voiced frames (half a second) from which a correlation with pitch says anything."""


def brow_figures(
    height: np.ndarray, fps: float, *, pitch: np.ndarray, loudness: np.ndarray
) -> dict[str, float]:
    """Range of the eyebrows and their correlation with prosody.

    Parameters
    ----------
    height : ndarray, shape (frames,)
        mm over rest, frame k at k / fps seconds.
    fps : float
    pitch : ndarray, shape (n,)
        Hz at 100 Hz, NaN without voice; from `pitch.pitch_of`.
    loudness : ndarray, shape (n,)
        dB at 100 Hz; from `pitch.loudness_of`.

    Returns
    -------
    dict of str to float
        ``brow_range_mm``: 95th less 5th percentile; ``brow_pitch_r``: with the pitch in octaves,
        over voiced frames; ``brow_loudness_r``. NaN where there is no voice.
    """
    low, high = np.percentile(height, (5, 95)) if len(height) else (np.nan, np.nan)
    figures = {
        "brow_range_mm": float(high - low),
        "brow_pitch_r": np.nan,
        "brow_loudness_r": np.nan,
    }
    if not len(height) or not len(loudness):
        return figures
    if high - low < STILL_MM:
        height = np.zeros_like(height)
    times = np.arange(len(loudness)) / RATE
    at = smoothed(np.interp(times, np.arange(len(height)) / fps, height), SMOOTH * RATE)
    if loudness.max() > loudness.min() + 3.0:
        figures["brow_loudness_r"] = correlation(at, smoothed(loudness, SMOOTH * RATE))
    voiced = np.isfinite(pitch)
    if voiced.sum() >= ENOUGH:
        octaves = np.interp(times, times[voiced], np.log2(pitch[voiced]))
        figures["brow_pitch_r"] = correlation(at[voiced], smoothed(octaves, SMOOTH * RATE)[voiced])
    return figures
