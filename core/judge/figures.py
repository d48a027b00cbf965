"""Figures of lips against the phones that were spoken."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..speech.phones import LABIODENTAL, SILENCE, VOWELS
from ..speech.timing import UNKNOWN, Phone
from .openness import known_frames, seen_opening, spoken_openness
from .probe import MouthTrack
from .seals import AROUND, find_seals
from .signals import best_lag, between, fast_share, lagged, mean, percentile

__all__ = ["CONTACT_MM", "LONGEST_LAG", "SpeechTally"]

SHUT_VOWEL_MM = 1.0
SHORTEST_VOWEL = 0.06
OPEN_VOWELS = frozenset({"aa", "ae", "ao", "aw", "ay"})
SPREAD_PHONES = frozenset({"iy", "ey", "ih", "eh", "ae"})
ROUND_PHONES = frozenset({"uw", "ow", "w", "oy", "uh", "ao"})
RESTED = 0.2
"""Seconds into a silence, and before its end, that still belong to speech."""
CONTACT_MM = 1.0
LONGEST_LAG = 0.15


class SpeechTally:
    """Gathers counts and curves over many utterances; `figures` makes numbers of them.

    Parameters
    ----------
    fps : float
        Of every track.
    """

    def __init__(self, fps: float) -> None:
        self._fps = fps
        self._closures: list[bool] = []
        self._false_seals = 0
        self._speech_seconds = 0.0
        self._vowel_peaks: list[float] = []
        self._open_peaks: list[float] = []
        self._spread: list[float] = []
        self._round: list[float] = []
        self._bites: list[float] = []
        self._rest: list[np.ndarray] = []
        self._openings: list[np.ndarray] = []
        self._spoken: list[np.ndarray] = []
        self._fast: list[float] = []

    def add(self, track: MouthTrack, phones: Sequence[Phone]) -> None:
        """Count one utterance; frame k of the track is at k / fps seconds."""
        count = len(track.gap)
        times = np.arange(count) / self._fps
        seals = find_seals(track.opening, phones, self._fps)
        self._closures += [hit for _, hit in seals.closures]
        self._false_seals += len(seals.false)
        self._speech_seconds += seals.seconds
        for phone in phones:
            inside = between(times, phone.start, phone.end)
            if phone.symbol == SILENCE:
                rested = between(times, phone.start + RESTED, phone.end - RESTED)
                self._rest.append(track.opening[rested])
            elif phone.symbol != UNKNOWN and inside.stop > inside.start:
                self._add_phone(phone, track, inside, times)
        known = known_frames(phones, times)
        if known.any():
            openness = spoken_openness(phones, times, self._fps)
            # The level of each line is its own: how far people open their mouths differs.
            seen = seen_opening(track.opening)
            self._openings.append((seen - seen[known].mean()) * known)
            self._spoken.append((openness - openness[known].mean()) * known)
        self._fast.append(fast_share(track.gap, self._fps))

    def _add_phone(self, phone: Phone, track: MouthTrack, inside: slice, times: np.ndarray) -> None:
        symbol = phone.symbol
        if symbol in LABIODENTAL:
            around = between(times, phone.start - AROUND, phone.end + AROUND)
            self._bites.append(float(track.bite[around].min()))
        if symbol in VOWELS and phone.duration >= SHORTEST_VOWEL:
            self._vowel_peaks.append(float(track.opening[inside].max()))
        if symbol in OPEN_VOWELS and phone.duration >= SHORTEST_VOWEL:
            self._open_peaks.append(float(track.opening[inside].max()))
        width = float(track.width[_middle(inside)].mean())
        if symbol in SPREAD_PHONES:
            self._spread.append(width)
        elif symbol in ROUND_PHONES:
            self._round.append(width)

    def figures(self) -> dict[str, float]:
        """The figures, by name; NaN where there was nothing to measure."""
        rest = np.concatenate([*self._rest, np.zeros(0)]).clip(0.0)
        lag = best_lag(self._openings, self._spoken, round(LONGEST_LAG * self._fps))
        spoke = self._speech_seconds > 0
        return {
            "closure_recall": mean(self._closures),
            "false_seals_per_s": self._false_seals / self._speech_seconds if spoke else np.nan,
            "shut_vowels": mean([peak <= SHUT_VOWEL_MM for peak in self._vowel_peaks]),
            "open_vowel_mm": mean(self._open_peaks),
            "rounding_mm": mean(self._spread) - mean(self._round),
            "bite_mm": mean(self._bites),
            "bite_contact": mean([bite <= CONTACT_MM for bite in self._bites]),
            "silence_mm": mean(rest),
            "silence_p95_mm": percentile(rest, 95),
            "openness_r": lagged(self._openings, self._spoken, 0) if spoke else np.nan,
            "openness_lag_ms": 1000.0 * lag / self._fps if spoke else np.nan,
            "fast_share": mean(self._fast),
        }


def _middle(inside: slice) -> slice:
    quarter = (inside.stop - inside.start) // 4
    return slice(inside.start + quarter, inside.stop - quarter)
