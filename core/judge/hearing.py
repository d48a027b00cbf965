"""Phone times of a recording without labels, by pocketsphinx, and how far to trust them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..errors import RigtalkError
from ..features import SAMPLE_RATE
from ..speech.phones import PHONES, SEALED, SILENCE
from ..speech.pieces import pieces_of
from ..speech.sphinx import needing_pocketsphinx
from ..speech.timing import UNKNOWN, Phone, cover

__all__ = ["Heard", "agreement", "hear"]

LONGEST_TEXT = 90.0
"""Seconds over which a given text is aligned as a whole."""
CHECKED = 60.0
"""Seconds of speech that the second recogniser listens to."""
STEP = 0.01
ALIGNED = "aligned with the text"
NEAR = 0.05
"""Seconds around a p, b or m in which the second recogniser must hear one too."""
DOUBTFUL = 0.35
"""Agreement of phones below which the labels say little. In 34 real sentences with their own text
it is 0.63 on average and 0.52 in the worst tenth; with the labels of another sentence 0.10."""


@dataclass(frozen=True)
class Heard:
    """Phones that were found in a recording.

    Attributes
    ----------
    phones : tuple of Phone
        Covering it; `UNKNOWN` where nothing could be aligned.
    how : str
        For the report: from what.
    unaligned : float
        Share of the speech that could not be aligned, 0-1.
    phones_agree, closures_agree : float
        Share of speech in which a recogniser that knows no words hears a phone of the same look,
        and of p, b, m near which it hears one; NaN where nothing could be compared.
    guessed : bool
        Whether the words were recognised.
    """

    phones: tuple[Phone, ...]
    how: str
    unaligned: float
    phones_agree: float
    closures_agree: float
    guessed: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """Lines for the report that say how sure the times are."""
        lines = [f"labels were {self.how}, not given: phone times are off by 18 ms on average"]
        if self.guessed:
            lines.append(
                "words that were misheard count against the curves; give --text or --labels for "
                "figures to rely on"
            )
        if self.unaligned > 0:
            lines.append(
                f"{self.unaligned:.0%} of the speech could not be aligned and is not judged"
            )
        if np.isfinite(self.phones_agree):
            line = f"a second recogniser hears the same in {self.phones_agree:.0%} of the speech"
            if np.isfinite(self.closures_agree):
                line += f" and a p, b or m near {self.closures_agree:.0%} of those in the labels"
            if self.phones_agree < DOUBTFUL:
                line += ": these labels are doubtful (is it clear English, and this text?)"
            lines.append(line)
        return tuple(lines)


def hear(
    samples: np.ndarray,
    text: str | None = None,
    *,
    progress: Callable[[float], None] = lambda share: None,
) -> Heard | None:
    """Find the phones of English speech.

    Parameters
    ----------
    samples : ndarray, shape (n,), float32
        16 kHz.
    text : str, optional
        What is said; it is recognised where absent.
    progress : callable
        Called with the share done, 0-1.

    Returns
    -------
    Heard or None
        None where nothing can be aligned, because there is no speech or no English.

    Raises
    ------
    RigtalkError
        If pocketsphinx is not installed.
    """
    with needing_pocketsphinx("finding phone times", "give --labels"):
        from ..speech.align import Aligner
        from ..speech.allphone import PhoneRecogniser
    duration = len(samples) / SAMPLE_RATE
    aligner = Aligner()
    if text is not None and duration <= LONGEST_TEXT:
        phones = aligner.align(samples, text)
        if phones is None:
            raise RigtalkError(
                "the text does not fit the recording, or the recording is not clear English "
                "speech; leave --text out to have it recognised, or give --labels"
            )
        found, unaligned, how = list(phones), 0.0, ALIGNED
    else:
        found, unaligned = _recognised(samples, aligner, progress)
        how = "recognised and aligned"
        if text is not None:
            how += f" (a text is used up to {LONGEST_TEXT:g} s only)"
    phones = cover(found, duration)
    if all(phone.symbol in (SILENCE, UNKNOWN) for phone in phones):
        return None
    count = int(min(duration, CHECKED) * SAMPLE_RATE)
    other = PhoneRecogniser().phones(samples[:count])
    same, closed = agreement([p for p in phones if p.start < CHECKED], other)
    return Heard(phones, how, unaligned, same, closed, guessed=how != ALIGNED)


def _recognised(
    samples: np.ndarray, aligner: object, progress: Callable[[float], None]
) -> tuple[list[Phone], float]:
    """Phones piece by piece, and the share of speech that could not be aligned."""
    phones: list[Phone] = []
    lost = total = 0.0
    pieces = pieces_of(samples)
    for i, (start, end) in enumerate(pieces):
        part = samples[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)]
        words = aligner.transcribe(part)  # type: ignore[attr-defined]
        found = aligner.align(part, words) if words else None  # type: ignore[attr-defined]
        total += end - start
        if found is None:
            lost += end - start
            phones.append(Phone(start, end, UNKNOWN))
        else:
            phones += [Phone(start + p.start, start + p.end, p.symbol, p.stress) for p in found]
        progress((i + 1) / len(pieces))
    return phones, lost / total if total else 0.0


def agreement(phones: list[Phone], other: tuple[Phone, ...]) -> tuple[float, float]:
    """How far two sets of labels agree.

    Returns
    -------
    phones : float
        Share of the time in which the first has a phone in which the second has one of the same
        viseme.
    closures : float
        Share of p, b, m of the first near which the second has one. NaN of nothing.
    """
    spoken = [p for p in phones if p.symbol not in (SILENCE, UNKNOWN)]
    ends = np.array([p.end for p in other])

    def at(time: float) -> str:
        return other[min(int(np.searchsorted(ends, time, side="right")), len(other) - 1)].symbol

    same = [
        PHONES[at(time)].viseme == PHONES[phone.symbol].viseme
        for phone in spoken
        for time in np.arange(phone.start + STEP / 2, phone.end, STEP)
    ]
    shut = [p for p in other if p.symbol in SEALED]
    closed = [
        any(p.start < phone.end + NEAR and p.end > phone.start - NEAR for p in shut)
        for phone in spoken
        if phone.symbol in SEALED
    ]
    return (
        float(np.mean(same)) if same else float("nan"),
        float(np.mean(closed)) if closed else float("nan"),
    )
