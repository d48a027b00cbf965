"""The phones of a line as arrays, and how much each of them stands out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from rigtalk.core.speech.phones import SILENCE, SYMBOL_IDS, VOWELS
from rigtalk.rigs.errors import RigtalkError

from .gestures import FRAME, covered

__all__ = ["TimedPhone", "checked", "prominence", "silence"]

_LAX = frozenset({"ah", "er", "ih", "uh"})
_SHORTEST_PAUSE = 0.06
"""Seconds; a shorter silence is a stop's closure or a slip of the labels."""


class TimedPhone(Protocol):
    """What `articulate` reads of a phone: seconds, symbol, stress (0, 1 or 2)."""

    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def symbol(self) -> str: ...
    @property
    def stress(self) -> int: ...


def checked(
    phones: Sequence[TimedPhone], duration: float
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Symbols, spans (n, 2) and stresses (n,), with silence in the gaps."""
    if not (np.isfinite(duration) and duration >= 0.0):
        raise RigtalkError(f"the duration is {duration:g} s: it must be finite and not negative")
    symbols: list[str] = []
    spans: list[tuple[float, float]] = []
    stresses: list[int] = []
    now = 0.0
    for phone in phones:
        if phone.symbol not in SYMBOL_IDS:
            raise RigtalkError(f"unknown phone {phone.symbol!r}: see rigtalk.core.speech.phones")
        if not (np.isfinite(phone.start) and phone.end >= phone.start >= now - 1e-3):
            raise RigtalkError(
                f"the phone {phone.symbol!r} runs from {phone.start:g} to {phone.end:g} s: phones "
                "must follow each other in time"
            )
        start = max(phone.start, now)
        if start > now + 1e-6:
            symbols.append(SILENCE)
            spans.append((now, start))
            stresses.append(0)
        symbols.append(phone.symbol)
        spans.append((start, max(phone.end, start)))
        stresses.append(phone.stress)
        now = spans[-1][1]
    if duration > now + 1e-6:
        symbols.append(SILENCE)
        spans.append((now, duration))
        stresses.append(0)
    where, levels = np.array(spans).reshape(-1, 2), np.array(stresses, dtype=int)
    return symbols, where, levels if levels.any() else _guessed_stress(symbols, where)


def _guessed_stress(symbols: list[str], spans: np.ndarray) -> np.ndarray:
    """Where labels tell no stress: long vowels have it, and short ones of the lax kind do not."""
    lengths = spans[:, 1] - spans[:, 0]
    weak = np.array([symbol in _LAX for symbol in symbols], dtype=bool) & (lengths < 0.09)
    vowel = np.array([symbol in VOWELS for symbol in symbols], dtype=bool)
    return np.select([vowel & ~weak & (lengths >= 0.09), vowel & ~weak], [1, 2], 0)


def prominence(symbols: list[str], spans: np.ndarray, loudness: np.ndarray | None) -> np.ndarray:
    """Loudness of each vowel against the line's vowels, in deviations, shape (phones,)."""
    standing = np.zeros(len(symbols))
    vowel = np.array([symbol in VOWELS for symbol in symbols], dtype=bool)
    if loudness is None or vowel.sum() < 2 or len(loudness) < 2:
        return standing
    level = np.asarray(loudness, dtype=np.float64)
    if level.ndim != 1 or not np.isfinite(level).all():
        raise RigtalkError("loudness must be finite and of shape (frames,)")
    total = np.concatenate([[0.0], np.cumsum(level)])
    inner = np.stack([spans @ [0.8, 0.2], spans @ [0.2, 0.8]], axis=1)
    at = np.clip(inner / FRAME + 0.5, 0.0, len(level))
    low, high = np.interp(at, np.arange(len(total)), total).T
    mean = (high - low) / np.maximum(at[:, 1] - at[:, 0], 1e-3)
    spread = max(float(mean[vowel].std()), 0.02 * float(np.abs(mean[vowel]).max()), 1e-6)
    standing[vowel] = np.clip((mean[vowel] - np.median(mean[vowel])) / spread, -1.8, 1.8)
    return standing


def silence(symbols: list[str], spans: np.ndarray, count: int) -> np.ndarray:
    silent = np.array([symbol == SILENCE for symbol in symbols], dtype=bool)
    if not silent.size:
        return np.ones(count)
    long = silent & (spans[:, 1] - spans[:, 0] >= _SHORTEST_PAUSE)
    long[[0, -1]] = silent[[0, -1]]
    bounds = np.concatenate([[-1.0], spans[:, 0], [spans[-1, 1], spans[-1, 1] + count * FRAME + 1]])
    bounds[1] = 0.0
    values = np.concatenate([[1.0], long.astype(float), [1.0]])[:, None]
    edges = (np.arange(count + 1) - 0.5) * FRAME
    return covered(bounds, values, edges)[:, 0]
