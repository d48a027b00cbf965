"""Phones in time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .phones import SILENCE

__all__ = ["UNKNOWN", "Phone", "cover"]

UNKNOWN = "?"
"""Symbol of a stretch in which nobody knows what is said; nothing is judged there."""


@dataclass(frozen=True)
class Phone:
    """A phone in time.

    Attributes
    ----------
    start, end : float
        Seconds from the beginning of the utterance.
    symbol : str
        One of `rigtalk.core.speech.phones.SYMBOLS`; in labels also `UNKNOWN`.
    stress : int
        0 none, 1 primary, 2 secondary; vowels only.
    """

    start: float
    end: float
    symbol: str
    stress: int = 0

    @property
    def duration(self) -> float:
        return self.end - self.start


def cover(phones: Iterable[Phone], duration: float, *, gap: float = 0.005) -> tuple[Phone, ...]:
    """Phones made to cover a whole utterance.

    Holes and the two ends become silence, neighbouring silences one phone; holes and overlaps
    shorter than `gap` seconds move the boundary between the neighbours.

    Parameters
    ----------
    phones : iterable of Phone
        In order; parts outside 0 to `duration` are cut off.
    duration : float
        Seconds.
    """
    covered: list[Phone] = []
    now = 0.0
    for phone in phones:
        start, end = max(phone.start, now), min(phone.end, duration)
        if end - start <= 1e-4:
            continue
        if start - now >= gap:
            covered.append(Phone(now, start, SILENCE))
        elif start > now:
            start = now
        covered.append(Phone(start, end, phone.symbol, phone.stress))
        now = end
    if duration - now >= gap or not covered:
        covered.append(Phone(now, duration, SILENCE))
    elif now < duration:
        last = covered.pop()
        covered.append(Phone(last.start, duration, last.symbol, last.stress))
    merged: list[Phone] = []
    for phone in covered:
        if merged and phone.symbol == SILENCE and merged[-1].symbol == SILENCE:
            merged[-1] = Phone(merged[-1].start, phone.end, SILENCE)
        else:
            merged.append(phone)
    return tuple(merged)
