"""When each word of a known text is spoken, by what a network heard.

Viterbi alignment (Rabiner 1989, section III.B) of a chain of words: each may be said in any of its
ways, between any two there may be a pause or something that is not in the text, and a word may be
left out. People do not read scripts to the letter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import RigtalkError
from .phones import SILENCE, SYMBOL_IDS

__all__ = ["Alignment", "align_words"]

BETWEEN_WORDS = -1
"""Word of a step in which none of the text is said."""
ASIDE = 4.0
"""How much less likely than the likeliest phone something is that the text does not have, nats."""
LEFT_OUT = 12.0
"""Cost of a word that is not said, nats."""
MOST_CELLS = 1_000_000_000
"""States times steps; more than about a quarter of an hour of speech would take minutes."""
_NEVER = np.float32(-1e30)
_SIL = SYMBOL_IDS[SILENCE]


@dataclass(frozen=True)
class Alignment:
    """What is said at each step.

    Attributes
    ----------
    phones : ndarray, shape (steps,), int
        Ids of `rigtalk.core.speech.phones.SYMBOLS`.
    words : ndarray, shape (steps,), int
        Index of the word, `BETWEEN_WORDS` where there is none. A word that was left out has no
        step.
    """

    phones: np.ndarray
    words: np.ndarray


@dataclass(frozen=True)
class _Chain:
    """States in the order of the text: pause, ways of word 0, pause, ways of word 1, pause.

    Attributes
    ----------
    phones, words : ndarray, shape (states,)
    starts : ndarray
        States that begin a way of a word.
    ends : ndarray
        States that end one, as many, in the same order.
    first_ends : ndarray, shape (words,)
        Where in `ends` each word's begin.
    pauses : ndarray, shape (words + 1,)
        States between words; pause ``k`` is before word ``k``.
    """

    phones: np.ndarray
    words: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    first_ends: np.ndarray
    pauses: np.ndarray


def align_words(
    heard: np.ndarray,
    words: Sequence[str],
    ways: Callable[[str], Sequence[Sequence[str]]],
) -> Alignment:
    """Find when words are said.

    Parameters
    ----------
    heard : ndarray, shape (steps, 40), float32
        Log probability of each phone at each step.
    words : sequence of str
        In the order in which they are said.
    ways : callable
        Phones of a word, one or more ways to say it.

    Returns
    -------
    Alignment

    Raises
    ------
    RigtalkError
        If text and recording are together too long.
    """
    if not len(heard) or not words:
        return Alignment(
            np.full(len(heard), _SIL, dtype=np.int64), np.full(len(heard), BETWEEN_WORDS)
        )
    chain = _chain([ways(word) for word in words])
    if len(chain.phones) * len(heard) > MOST_CELLS:
        raise RigtalkError(
            f"a script of {len(words)} words is too long to be followed at once: cut the recording "
            "and its script at a pause"
        )
    states = _best_path(_scores(heard), chain)
    return Alignment(chain.phones[states], chain.words[states])


def _chain(said: Sequence[Sequence[Sequence[str]]]) -> _Chain:
    phones, words, pauses = [_SIL], [BETWEEN_WORDS], [0]
    starts: list[int] = []
    ends: list[int] = []
    first_ends: list[int] = []
    for word, ways in enumerate(said):
        first_ends.append(len(ends))
        for way in ways:
            starts.append(len(phones))
            phones += [SYMBOL_IDS[symbol] for symbol in way]
            words += [word] * len(way)
            ends.append(len(phones) - 1)
        pauses.append(len(phones))
        phones.append(_SIL)
        words.append(BETWEEN_WORDS)
    return _Chain(*map(np.array, (phones, words, starts, ends, first_ends, pauses)))


def _scores(heard: np.ndarray) -> np.ndarray:
    """Log probabilities with silence as anything else that may go on between words."""
    scores = heard.astype(np.float32)
    scores[:, _SIL] = np.maximum(scores[:, _SIL], scores.max(axis=1) - np.float32(ASIDE))
    return scores


def _best_path(scores: np.ndarray, chain: _Chain) -> np.ndarray:
    """The likeliest state at each step, (steps,)."""
    begins, pauses = chain.starts, chain.pauses
    word_of_start = chain.words[begins]
    steps, count = len(scores), len(chain.phones)
    best = np.full(count, _NEVER, dtype=np.float32)
    first = np.concatenate([pauses[:1], begins[word_of_start == 0]])
    best[first] = scores[0, chain.phones[first]]
    moved = np.zeros((steps, (count + 7) // 8), dtype=np.uint8)
    """Bits: whether a state was entered at this step."""
    way = np.zeros((steps, len(chain.first_ends)), dtype=np.int32)
    """Which state a word that is left at this step was left from."""
    skipped = np.zeros((steps, (len(pauses) + 7) // 8), dtype=np.uint8)
    """Bits: whether a pause was entered from the one before it, past a word."""
    rested = np.zeros((steps, (len(pauses) + 7) // 8), dtype=np.uint8)
    """Bits: whether the word after a pause is better entered from the pause."""
    group = np.repeat(
        np.arange(len(chain.first_ends)), np.diff(np.append(chain.first_ends, len(chain.ends)))
    )
    for step in range(1, steps):
        at_ends = best[chain.ends]
        said = np.maximum.reduceat(at_ends, chain.first_ends)  # (words,)
        winners = np.flatnonzero(at_ends == said[group])
        way[step, group[winners]] = chain.ends[winners]
        at_pauses = best[pauses]

        entered = np.empty_like(best)
        entered[1:] = best[:-1]
        # A word is entered from the word before it or from the pause between them.
        before = np.concatenate([[_NEVER], said[:-1]])
        rests = at_pauses[:-1] >= before
        entered[begins] = np.maximum(before, at_pauses[:-1])[word_of_start]
        past = at_pauses[:-1] - np.float32(LEFT_OUT)
        skips = past > said
        entered[pauses] = np.concatenate([[_NEVER], np.maximum(said, past)])

        moves = entered > best
        moved[step] = np.packbits(moves)
        rested[step] = np.packbits(np.append(rests, False))
        skipped[step] = np.packbits(np.append(False, skips))
        best = np.where(moves, entered, best) + scores[step, chain.phones]
    return _trace(best, chain, moved, way, skipped, rested)


def _trace(
    best: np.ndarray,
    chain: _Chain,
    moved: np.ndarray,
    way: np.ndarray,
    skipped: np.ndarray,
    rested: np.ndarray,
) -> np.ndarray:
    """Back from the best end; arrays as in `_best_path`."""
    last = np.append(chain.ends[chain.first_ends[-1] :], chain.pauses[-1])
    state = int(last[best[last].argmax()])
    pause_at = {int(pause): k for k, pause in enumerate(chain.pauses)}
    begins = set(chain.starts.tolist())
    path = np.empty(len(moved), dtype=np.int64)
    for step in range(len(moved) - 1, -1, -1):
        path[step] = state
        if step == 0 or not _bit(moved[step], state):
            continue
        if state in pause_at:
            k = pause_at[state]
            skips = _bit(skipped[step], k)
            state = int(chain.pauses[k - 1] if skips else way[step, k - 1])
        elif state in begins:
            k = int(chain.words[state])
            state = int(chain.pauses[k] if _bit(rested[step], k) else way[step, k - 1])
        else:
            state -= 1
    return path


def _bit(bits: np.ndarray, at: int) -> bool:
    return bool(bits[at >> 3] >> (7 - (at & 7)) & 1)
