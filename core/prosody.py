"""What the layers know of a line: how loud it is when, where it pauses, what it stresses."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .features import FEATURE_RATE

__all__ = ["Prosody"]

SPEECH = 0.42
"""Loudness above this counts as speech in a clean recording: 35 dB below the loud frames."""
ABOVE_NOISE = 0.35
"""In a noisy one: this share of the way from the noise to the loud frames."""
NOISIEST = 0.6
"""A floor above this is speech without a pause, not noise."""
JOINED = 0.15
"""Gaps in speech up to this many seconds are stops and breaths inside a phrase."""
PAUSE = 0.25
"""Silence of at least this many seconds ends a phrase."""
ACCENT_SPACING = 0.45
"""Seconds between accents; a head does not nod faster."""


@dataclass(frozen=True, eq=False)
class Prosody:
    """Loudness of a whole line.

    Attributes
    ----------
    loudness : ndarray, shape (frames,), float32
        Loudest band of each feature frame (100 Hz): 1 is the level of the loud frames, 0 is 60 dB
        below.
    """

    loudness: np.ndarray

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.loudness) / FEATURE_RATE

    @cached_property
    def signature(self) -> int:
        """A number of the line's own, so that two lines with one seed are two takes."""
        steps = np.round(self.loudness * 8.0).astype(np.int8)  # 7.5 dB each
        return zlib.crc32(steps.tobytes())

    @cached_property
    def _speech(self) -> np.ndarray:
        """Frames in which somebody speaks, shape (frames,), bool."""
        if len(self.loudness) == 0:
            return np.zeros(0, dtype=bool)
        noise = min(float(np.percentile(self.loudness, 10)), NOISIEST)
        return self.loudness > max(SPEECH, noise + ABOVE_NOISE * (1.0 - noise))

    @cached_property
    def phrases(self) -> np.ndarray:
        """Begin and end of each phrase in seconds, shape (n, 2)."""
        edges = np.flatnonzero(np.diff(self._speech, prepend=False, append=False))
        spans = (edges / FEATURE_RATE).reshape(-1, 2)
        if len(spans) == 0:
            return spans
        spans = _joined(spans, JOINED)
        spans = spans[spans[:, 1] - spans[:, 0] > 0.05]  # clicks
        return _joined(spans, PAUSE) if len(spans) else spans

    @cached_property
    def accents(self) -> np.ndarray:
        """Time in seconds and strength 0-1 of each stressed syllable, shape (n, 2)."""
        loudness = self.loudness[::2]  # 20 ms: as fine as a head's timing, half the memory
        rate = FEATURE_RATE / 2
        smooth = _smoothed(loudness, 0.15 * rate)
        rise = smooth - _smoothed(loudness, 1.2 * rate)
        inner = smooth[1:-1]
        peaks = 1 + np.flatnonzero(
            (inner > smooth[:-2]) & (inner >= smooth[2:]) & (inner > 0.6) & (rise[1:-1] > 0.02)
        )
        strengths = np.clip(rise[peaks] / 0.25, 0.0, 1.0)
        taken: list[tuple[float, float]] = []
        for time, strength in zip(peaks / rate, strengths, strict=True):
            if not taken or time - taken[-1][0] >= ACCENT_SPACING:
                taken.append((time, strength))
            elif strength > taken[-1][1]:
                taken[-1] = (time, strength)
        return np.array(taken, dtype=np.float64).reshape(-1, 2)

    @cached_property
    def _activity(self) -> np.ndarray:
        """Share of time with speech around every tenth of a second."""
        return _smoothed(self._speech[::10].astype(np.float32), 1.0 * FEATURE_RATE / 10)

    def activity(self, times: np.ndarray) -> np.ndarray:
        """How much is being said around some times (seconds), 0-1, shape (n,)."""
        if len(self._activity) == 0:
            return np.zeros(len(times))
        return np.interp(times, np.arange(len(self._activity)) * 10 / FEATURE_RATE, self._activity)


def _joined(spans: np.ndarray, gap: float) -> np.ndarray:
    """Spans with the gaps of up to some seconds between them filled."""
    apart = spans[1:, 0] - spans[:-1, 1] > gap
    begins = spans[np.r_[True, apart], 0]
    ends = spans[np.r_[apart, True], 1]
    return np.stack([begins, ends], axis=1)


def _smoothed(curve: np.ndarray, width: float) -> np.ndarray:
    """Moving average, twice, over about some frames; linear time whatever the width."""
    if len(curve) == 0:
        return curve
    odd = max(1, round(width / 2)) | 1
    for _ in range(2):
        padded = np.pad(curve, (odd // 2 + 1, odd // 2), mode="edge")
        total = np.cumsum(padded, dtype=np.float64)
        curve = ((total[odd:] - total[:-odd]) / odd).astype(np.float32)
    return curve
