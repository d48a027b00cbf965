"""Figures of lips against the phones that were spoken and against captured mouths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..corpus.utterance import Phone
from ..phones import LABIODENTAL, PHONES, SEALED, SILENCE, VOWELS
from .probe import MouthTrack

__all__ = ["CaptureTally", "SpeechTally", "correlation", "fast_share"]

SEALED_MM = 0.5
"""Lips this little further apart than at rest count as shut."""
AROUND = 0.02
"""Seconds around a phone in which its closure may happen."""
CLEAR = 0.06
"""Seconds to the nearest sound that may shut the lips, for a closure to be false."""
SHUT_VOWEL_MM = 1.0
OPEN_VOWELS = frozenset({"aa", "ae", "ao", "aw", "ay"})
SPREAD_PHONES = frozenset({"iy", "ey", "ih", "eh", "ae"})
ROUND_PHONES = frozenset({"uw", "ow", "w", "oy", "uh", "ao"})
RESTED = 0.2
"""Seconds into a silence, and before its end, that still belong to speech."""
CONTACT_MM = 1.0
FAST_HZ = 15.0
LONGEST_LAG = 0.15
SMOOTH = 0.035
"""Seconds; the width of the bell with which phones' openness is smoothed into a curve."""
_MAY_SHUT = SEALED | LABIODENTAL | {"w", SILENCE}


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
        self._gaps: list[np.ndarray] = []
        self._openness: list[np.ndarray] = []
        self._fast: list[float] = []

    def add(self, track: MouthTrack, phones: tuple[Phone, ...]) -> None:
        """Count one utterance; frame k of the track is at k / fps seconds."""
        count = len(track.gap)
        times = np.arange(count) / self._fps
        shut = track.opening <= SEALED_MM
        may_shut = np.zeros(count, dtype=bool)
        openness = np.zeros(count, dtype=np.float32)
        for phone in phones:
            inside = _between(times, phone.start, phone.end)
            openness[inside] = PHONES[phone.symbol].openness
            if phone.symbol in _MAY_SHUT:
                may_shut[_between(times, phone.start - CLEAR, phone.end + CLEAR)] = True
            if phone.symbol == SILENCE:
                self._rest.append(
                    track.opening[_between(times, phone.start + RESTED, phone.end - RESTED)]
                )
                continue
            self._speech_seconds += phone.duration
            if inside.stop > inside.start:
                self._add_phone(phone, track, inside, shut, times)
        self._false_seals += sum(length >= 2 for length in _runs(shut & ~may_shut))
        self._gaps.append(track.gap)
        self._openness.append(_smoothed(openness, SMOOTH * self._fps))
        self._fast.append(fast_share(track.gap, self._fps))

    def _add_phone(
        self,
        phone: Phone,
        track: MouthTrack,
        inside: slice,
        shut: np.ndarray,
        times: np.ndarray,
    ) -> None:
        symbol = phone.symbol
        around = _between(times, phone.start - AROUND, phone.end + AROUND)
        if symbol in SEALED:
            self._closures.append(bool(shut[around].any()))
        if symbol in LABIODENTAL:
            self._bites.append(float(track.bite[around].min()))
        if symbol in VOWELS and phone.duration >= 0.06 and PHONES[symbol].openness >= 0.35:
            self._vowel_peaks.append(float(track.opening[inside].max()))
        if symbol in OPEN_VOWELS and phone.duration >= 0.07:
            self._open_peaks.append(float(track.opening[inside].max()))
        middle = track.width[_middle(inside)]
        if symbol in SPREAD_PHONES:
            self._spread.append(float(middle.mean()))
        elif symbol in ROUND_PHONES:
            self._round.append(float(middle.mean()))

    def figures(self) -> dict[str, float]:
        """The figures, by name; NaN where there was nothing to measure."""
        rest = np.concatenate([*self._rest, np.zeros(0)]).clip(0.0)
        gaps = [gap - gap.mean() for gap in self._gaps]
        openness = [curve - curve.mean() for curve in self._openness]
        lags = np.arange(-round(LONGEST_LAG * self._fps), round(LONGEST_LAG * self._fps) + 1)
        at_lag = np.array([_lagged(gaps, openness, int(lag)) for lag in lags])
        return {
            "closure_recall": _mean(self._closures),
            "false_seals_per_s": self._false_seals / max(self._speech_seconds, 1e-9),
            "shut_vowels": _mean([peak <= SHUT_VOWEL_MM for peak in self._vowel_peaks]),
            "open_vowel_mm": _mean(self._open_peaks),
            "rounding_mm": _mean(self._spread) - _mean(self._round),
            "bite_mm": _mean(self._bites),
            "bite_contact": _mean([bite <= CONTACT_MM for bite in self._bites]),
            "silence_mm": _mean(list(rest)),
            "silence_p95_mm": float(np.percentile(rest, 95)) if len(rest) else float("nan"),
            "openness_r": float(at_lag[len(lags) // 2]),
            "openness_lag_ms": 1000.0 * float(lags[np.argmax(at_lag)]) / self._fps,
            "fast_share": _mean(self._fast),
        }


@dataclass
class CaptureTally:
    """Correlations with a captured mouth, averaged over takes.

    Parameters
    ----------
    fps : float
        Of the tracks and curves.
    """

    fps: float

    def __post_init__(self) -> None:
        self._rows: list[dict[str, float]] = []

    def add(self, moved: dict[str, np.ndarray], captured: dict[str, np.ndarray]) -> None:
        """Compare curves of the same names; each of shape (frames,)."""
        row: dict[str, float] = {}
        for name, curve in captured.items():
            count = min(len(curve), len(moved[name]))
            a, b = moved[name][:count], curve[:count]
            row[f"captured_{name}_r"] = correlation(a, b)
        lags = range(-round(LONGEST_LAG * self.fps), round(LONGEST_LAG * self.fps) + 1)
        count = min(len(captured["gap"]), len(moved["gap"]))
        a = moved["gap"][:count] - moved["gap"][:count].mean()
        b = captured["gap"][:count] - captured["gap"][:count].mean()
        best = max(lags, key=lambda lag: _lagged([a], [b], lag))
        row["captured_lag_ms"] = 1000.0 * best / self.fps
        self._rows.append(row)

    def figures(self) -> dict[str, float]:
        """The figures, by name; empty without takes."""
        names = self._rows[0] if self._rows else {}
        return {name: _mean([row[name] for row in self._rows]) for name in names}


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's r; 0 where one of the two does not move."""
    if a.std() < 1e-6 or b.std() < 1e-6:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def fast_share(curve: np.ndarray, fps: float) -> float:
    """Share of a curve's energy, its mean apart, above `FAST_HZ`."""
    if len(curve) < 4:
        return 0.0
    power = np.abs(np.fft.rfft(curve - curve.mean())) ** 2
    frequency = np.fft.rfftfreq(len(curve), 1.0 / fps)
    return float(power[frequency > FAST_HZ].sum() / max(float(power.sum()), 1e-9))


def _lagged(moved: list[np.ndarray], spoken: list[np.ndarray], lag: int) -> float:
    """Correlation when the mouth comes `lag` frames after what it is compared with."""
    pairs = [
        (m[lag:], s[: len(s) - lag]) if lag >= 0 else (m[:lag], s[-lag:])
        for m, s in zip(moved, spoken, strict=True)
    ]
    if not pairs:
        return 0.0
    return correlation(np.concatenate([m for m, _ in pairs]), np.concatenate([s for _, s in pairs]))


def _between(times: np.ndarray, start: float, end: float) -> slice:
    return slice(*np.searchsorted(times, (start, end)).tolist())


def _middle(inside: slice) -> slice:
    quarter = (inside.stop - inside.start) // 4
    return slice(inside.start + quarter, inside.stop - quarter)


def _runs(flags: np.ndarray) -> Iterator[int]:
    """Lengths of the stretches of true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    return iter(edges[1::2] - edges[::2])


def _smoothed(curve: np.ndarray, width: float) -> np.ndarray:
    reach = int(np.ceil(3 * width))
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    return np.convolve(np.pad(curve, reach, mode="edge"), bell / bell.sum(), mode="valid")


def _mean(values: list[float] | list[bool] | list[np.ndarray]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
