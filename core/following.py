"""How a script bends what the network heard of the lips.

The network tells sounds apart by ear, and m from n, or b from d, by ear alone is a guess. Whoever
knows the words knows which it was; the network then only has to find when. Where the words do not
fit the sound, the sound counts as before.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .audio import Audio
from .closures import STEP_RATE
from .errors import RigtalkError
from .interpolation import bell
from .known import Known
from .line import Line
from .network import Network
from .script import Script
from .speech.dictionary import pronunciations
from .speech.forced import BETWEEN_WORDS, align_words
from .speech.phones import LABIODENTAL, SEALED, SILENCE, SYMBOL_IDS, SYMBOLS
from .speech.timing import UNKNOWN, Phone
from .speech.words import spoken_words
from .steps import calm, steps_of

__all__ = ["follow", "said_at"]

WINDOW = 1000
"""Steps that are listened to at a time, context apart."""
FITS = 2.5
"""A word fits when its phones are what the network heard; at a mean log probability of minus this
it does not fit at all."""
IN_CLOSURE = (6.0, -3.2)
BESIDE_CLOSURE = (4.85, -3.9)
ELSEWHERE = (-0.2, -2.9)
"""Evidence for sealed lips in nats, as a sum: for a word that does not fit, and what is added when
it fits wholly. By logistic regression on 34 people's sentences, of their true closures on what the
network heard and on what their script says; then all moved by 2 nats so that words that a
recogniser heard make up one false closure in ten seconds."""
TIMED = (6.0, 1.0, -9.0)
"""The same where somebody has said when each phone is."""
CERTAIN = 12.0
"""In the middle of a p, b or m whose time is known the lips are sealed, whatever is heard."""
TRUSTED = (0.2, 0.4)
"""Mean fit of a script's words at which it is taken for another line's, and from which it is wholly
believed. Of right scripts 95 in 100 reach 0.47, on the telephone 0.34; of wrong ones 5 in 100 reach
0.2. What is recognised on a bad line lies between."""
BITES_AT = 0.4
"""Fit of a word from which its f and v take the lip all the way to the teeth."""
_SEALED = np.array([SYMBOL_IDS[symbol] for symbol in sorted(SEALED)])
_BITING = np.array([SYMBOL_IDS[symbol] for symbol in sorted(LABIODENTAL)])


def follow(
    script: Script,
    network: Network,
    line: Line,
    audio: Audio,
    *,
    cancelled: Callable[[], None] = lambda: None,
) -> Known:
    """What a script says about the lips.

    Parameters
    ----------
    script : Script
    network : Network
    line : Line
    audio : Audio
        The sound that was surveyed.
    cancelled : callable
        Asked now and then; ends the work by raising.

    Returns
    -------
    Known
        Nothing outside the script's span.

    Raises
    ------
    RigtalkError
        If the network does not tell phones, the text is too long for the recording, or has no
        words.
    """
    if script.phones:
        return _timed(script.phones, line.steps)
    words = spoken_words(script.text)
    if not words:
        raise RigtalkError("the script has no words in it: give what is said, or leave it out")
    if not network.tells_phones:
        raise RigtalkError(
            "this actor cannot follow a script, since it does not tell phones: export it again "
            "with this version, or leave the script out"
        )
    first, last = _steps(script.span, line.steps)
    heard = said_at(network, line, audio, first=first, last=last, cancelled=cancelled)
    found = align_words(heard, words, pronunciations)
    agreed = heard[np.arange(len(heard)), found.phones]
    fits = _fits(agreed, found.words, len(words))
    fit = np.where(found.words == BETWEEN_WORDS, 0.0, fits[found.words])
    trust = float(np.clip((fits.mean() - TRUSTED[0]) / (TRUSTED[1] - TRUSTED[0]), 0.0, 1.0))
    closed = np.isin(found.phones, _SEALED)
    beside = _beside(closed)
    biting = np.isin(found.phones, _BITING)
    base, more = np.select(
        [each[:, None] for each in (closed, beside, biting)],
        [IN_CLOSURE, BESIDE_CLOSURE, (0.0, 0.0)],
        ELSEWHERE,
    ).T
    evidence, bite = np.zeros((2, line.steps), dtype=np.float32)
    evidence[first:last] = trust * (base + more * fit)
    bite[first:last] = trust * biting * np.minimum(fit / BITES_AT, 1.0)
    return Known(evidence, _settled(bite), trust)


def said_at(
    network: Network,
    line: Line,
    audio: Audio,
    *,
    first: int = 0,
    last: int | None = None,
    cancelled: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """Which phones the network hears from one step to before another.

    Parameters
    ----------
    network, line, audio, cancelled
        As of `follow`.
    first, last : int
        Steps; the end of the line if `last` is absent.

    Returns
    -------
    ndarray, shape (last - first, 40), float32
        Log probabilities.
    """
    last = line.steps if last is None else last
    steps = steps_of(network, line, audio, calm, "phones")
    context = int(np.ceil(steps.context_seconds * STEP_RATE))
    parts = []
    for begin in range(first, last, WINDOW):
        cancelled()
        end = min(begin + WINDOW, last)
        left, right = max(0, begin - context), min(line.steps, end + context)
        parts.append(steps.between(left, right)[0][begin - left : end - left])
    return np.concatenate(parts) if parts else np.zeros((0, len(SYMBOLS)), dtype=np.float32)


def _steps(span: tuple[float, float] | None, steps: int) -> tuple[int, int]:
    """First step of a span in seconds, and the one after its last."""
    begin, end = span or (0.0, np.inf)
    first = int(np.clip(np.floor(begin * STEP_RATE), 0, steps))
    return first, int(np.clip(np.ceil(min(end * STEP_RATE, steps)), first, steps))


def _fits(agreed: np.ndarray, words: np.ndarray, count: int) -> np.ndarray:
    """How well each word fits what was heard, (count,), 0-1; 0 of a word that was left out."""
    inside = words != BETWEEN_WORDS
    sums = np.bincount(words[inside], agreed[inside], minlength=count)
    steps = np.bincount(words[inside], minlength=count)
    fits = np.clip(1.0 + sums / np.maximum(steps, 1) / FITS, 0.0, 1.0)
    return np.where(steps > 0, fits, 0.0)


def _timed(phones: tuple[Phone, ...], steps: int) -> Known:
    """What is known from the times of phones; nothing where nobody knows what is said."""
    inside, beside, elsewhere = TIMED
    evidence, bite = np.zeros((2, steps), dtype=np.float32)
    closed, middle = np.zeros((2, steps), dtype=bool)
    for phone in phones:
        begin = int(np.clip(round(phone.start * STEP_RATE), 0, steps))
        end = int(np.clip(round(phone.end * STEP_RATE), 0, steps))
        if phone.symbol in SEALED and phone.end > 0.0 and begin < steps:
            end = max(end, begin + 1)
            closed[begin:end] = True
            middle[(begin + end - 1) // 2] = True
        elif phone.symbol not in (SILENCE, UNKNOWN):
            evidence[begin:end] = elsewhere
            bite[begin:end] = phone.symbol in LABIODENTAL
    evidence[_beside(closed)] = beside
    evidence[closed] = inside
    evidence[middle] = CERTAIN
    return Known(evidence, _settled(bite))


def _settled(share: np.ndarray) -> np.ndarray:
    """A share that comes and goes over three steps, as those that the network hears do."""
    return bell(share, (1, 2, 1)).astype(np.float32)


def _beside(closed: np.ndarray) -> np.ndarray:
    """Steps next to closed ones."""
    near = np.zeros_like(closed)
    near[1:] |= closed[:-1]
    near[:-1] |= closed[1:]
    return near & ~closed
