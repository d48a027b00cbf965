"""Words of many lines, one after another: speech that nobody has said and nobody knows by heart.

A network that hears the same few hundred people again and again learns their sentences instead of
their sounds: what comes before and after tells it what is said. So pieces of different lines and
people are joined at the boundaries of phones (aligned data augmentation: Lam et al. 2021, "On-the-
fly aligned data augmentation for sequence-to-sequence ASR", section 2), each at its own tempo.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rigtalk.core.speech.phones import SEALED, SYMBOL_IDS

__all__ = ["CUT_BEFORE", "Piece", "cuts_of", "draw_pieces", "joined", "softened"]

CUT_BEFORE = ("sil", "t", "d", "k", "g", "s", "sh", "z", "ch", "jh", "f", "th", "hh")
"""A cut before one of these is hardly heard: they begin with silence or noise."""
AROUND = 6
"""Frames beside a closure in which nothing is cut: its neighbours tell it from others."""
SHORTEST, LONGEST = 12, 60
"""Frames of a piece."""
TEMPO = 0.2
"""Pieces are faster or slower by up to this share."""
SOFT = 3
"""Frames on each side of a joint in which a face goes from one piece to the next."""
_CUT_IDS = [SYMBOL_IDS[symbol] for symbol in CUT_BEFORE]
_SEALED_IDS = [SYMBOL_IDS[symbol] for symbol in SEALED]

Piece = tuple[int, int, int]
"""First frame, the frame after the last, and the frames it becomes."""


def cuts_of(phones: np.ndarray) -> np.ndarray:
    """Frames before which lines may be cut, rising.

    Parameters
    ----------
    phones : ndarray, shape (n,), uint8
        Ids of `rigtalk.core.speech.phones.SYMBOLS`; others are not known and not cut before.
    """
    phones = np.asarray(phones)
    begins = np.flatnonzero(phones[1:] != phones[:-1]) + 1
    whole = np.isin(phones, _SEALED_IDS)
    near = np.convolve(whole, np.ones(2 * AROUND + 1), mode="same") > 0
    return begins[np.isin(phones[begins], _CUT_IDS) & ~near[begins]]


def draw_pieces(cuts: np.ndarray, frames: int, rng: np.random.Generator) -> list[Piece]:
    """Pieces that fill so many frames exactly; none where the cuts lie too far apart.

    Parameters
    ----------
    cuts : ndarray
        From `cuts_of`.
    """
    after = np.searchsorted(cuts, cuts + SHORTEST)
    beyond = np.searchsorted(cuts, cuts + LONGEST, side="right")
    starts = np.flatnonzero(beyond > after)
    if len(starts) == 0:
        return []
    pieces, filled = [], 0
    while filled < frames:
        at = int(rng.choice(starts))
        start, stop = int(cuts[at]), int(cuts[rng.integers(after[at], beyond[at])])
        length = max(2, round((stop - start) * np.exp(rng.uniform(-TEMPO, TEMPO))))
        if filled + length > frames:  # the last one is cut short where the example ends
            stop = start + max(1, round((stop - start) * (frames - filled) / length))
            length = frames - filled
        pieces.append((start, stop, length))
        filled += length
    return pieces


def joined(values: np.ndarray, pieces: Sequence[Piece], *, scale: int = 1) -> np.ndarray:
    """The pieces of an array, one after another.

    Parameters
    ----------
    values : ndarray, shape (scale * n, ...)
        Whole numbers are names and taken from the nearest frame; others are interpolated.
    pieces : sequence of Piece
    scale : int
        Rows in a frame.
    """
    rows = []
    for start, stop, length in pieces:
        count, wanted = scale * (stop - start), scale * length
        at = (np.arange(wanted) + 0.5) * (count / wanted) - 0.5
        part = values[scale * start : scale * stop]
        if np.issubdtype(values.dtype, np.integer) and values.ndim == 1:
            rows.append(part[np.clip(np.rint(at).astype(np.intp), 0, count - 1)])
            continue
        at = np.clip(at, 0.0, count - 1.0)
        low = at.astype(np.intp)
        share = (at - low).astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
        part = part.astype(np.float32)
        rows.append(part[low] * (1 - share) + part[np.minimum(low + 1, count - 1)] * share)
    return np.concatenate(rows)


def softened(values: np.ndarray, pieces: Sequence[Piece]) -> np.ndarray:
    """Joined values (n, ...) that go straight from one piece to the next, as no face can jump."""
    values = values.copy()
    ends = np.cumsum([length for _, _, length in pieces])[:-1]
    for end in ends:
        first, last = max(int(end) - SOFT, 0), min(int(end) + SOFT - 1, len(values) - 1)
        share = np.linspace(0.0, 1.0, last - first + 1, dtype=np.float32)
        share = share.reshape(-1, *[1] * (values.ndim - 1))
        values[first : last + 1] = values[first] * (1 - share) + values[last] * share
    return values
