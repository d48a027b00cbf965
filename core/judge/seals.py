"""Lips that close: where they must, and where they must not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..speech.phones import LABIODENTAL, SEALED, SILENCE
from ..speech.timing import UNKNOWN, Phone
from .signals import between, runs

__all__ = ["AROUND", "SEALED_MM", "Seals", "find_seals", "seal_curve"]

SEALED_MM = 0.5
"""Lips this little further apart than at rest count as shut."""
AROUND = 0.02
"""Seconds around a phone in which its closure may happen."""
CLEAR = 0.06
"""Seconds to the nearest sound that may shut the lips, for a closure to be false."""
SHORTEST = 2
"""Frames of a false closure; a single one is not seen."""
_MAY_SHUT = SEALED | LABIODENTAL | {"w", SILENCE, UNKNOWN}
LIMITS_MM = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0)
"""Openings that `seal_curve` takes for shut, one after the other."""


@dataclass(frozen=True)
class Seals:
    """Closures of one line.

    Attributes
    ----------
    closures : tuple of (Phone, bool)
        Each p, b and m, and whether the lips shut during it.
    false : tuple of (float, float)
        Begin and end in seconds of each closure where nothing asks for one.
    seconds : float
        Of speech: phones other than silence.
    """

    closures: tuple[tuple[Phone, bool], ...]
    false: tuple[tuple[float, float], ...]
    seconds: float

    @property
    def hits(self) -> int:
        """Number of p, b and m with shut lips."""
        return sum(hit for _, hit in self.closures)


def find_seals(
    opening: np.ndarray, phones: Sequence[Phone], fps: float, *, limit: float = SEALED_MM
) -> Seals:
    """Closures of a mouth against the phones.

    Parameters
    ----------
    opening : ndarray, shape (frames,)
        mm over rest, as `MouthTrack.opening`; frame k at k / fps seconds.
    phones : sequence of Phone
        Covering the line.
    fps : float
    limit : float
        mm; up to this opening lips are shut.
    """
    times = np.arange(len(opening)) / fps
    shut = opening <= limit
    may_shut = np.zeros(len(opening), dtype=bool)
    closures = []
    seconds = 0.0
    for phone in phones:
        if phone.symbol in _MAY_SHUT:
            may_shut[between(times, phone.start - CLEAR, phone.end + CLEAR)] = True
        if phone.symbol not in (SILENCE, UNKNOWN):
            seconds += phone.duration
        inside = between(times, phone.start - AROUND, phone.end + AROUND)
        if phone.symbol in SEALED and inside.stop > inside.start:
            closures.append((phone, bool(shut[inside].any())))
    false = [(a / fps, b / fps) for a, b in runs(shut & ~may_shut) if b - a >= SHORTEST]
    return Seals(tuple(closures), tuple(false), seconds)


def seal_curve(
    lines: Sequence[tuple[np.ndarray, Sequence[Phone]]], fps: float
) -> list[tuple[float, float, float]]:
    """How recall and false closures change with what is taken for shut.

    Parameters
    ----------
    lines : sequence of (ndarray, sequence of Phone)
        Opening and phones of each line.

    Returns
    -------
    list of (float, float, float)
        Limit in mm, share of p, b, m with shut lips, false closures per second of speech.
    """
    rows = []
    for limit in LIMITS_MM:
        found = [find_seals(opening, phones, fps, limit=limit) for opening, phones in lines]
        wanted = sum(len(seals.closures) for seals in found)
        seconds = sum(seals.seconds for seals in found)
        if wanted and seconds:
            hits, false = sum(s.hits for s in found), sum(len(s.false) for s in found)
            rows.append((limit, hits / wanted, false / seconds))
    return rows
