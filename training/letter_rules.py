"""Letter-to-sound rules learnt from a pronouncing dictionary.

Letters are matched with phones by expectation-maximisation (Viterbi's kind: each word counts with
its best match), one letter with none to two phones. What a letter sounds like is then told by the
letters around it, from the one that says most to the one that says least, as in the IGTree of
Daelemans & van den Bosch (1997, "Language-independent data-oriented grapheme-to-phoneme
conversion"). Of that tree only those contexts are kept that change what is said.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import pairwise

from rigtalk.core.speech.spelling import OFFSETS, contexts

__all__ = ["Matched", "learn", "match"]

Phones = tuple[str, ...]
Matched = tuple[Phones, ...]
"""For each letter of a word its phones."""
_Chances = Mapping[tuple[str, Phones], float]
"""Log probabilities of what a letter sounds like."""

ROUNDS = 5
"""Times that letters and phones are matched by what the last matching counted."""
_RARE = math.log(1e-5)
"""Log probability of a match that was never seen."""
_UNLIKELY = -4.0
"""Mean log probability of a letter below which word and phones do not belong together, as in
abbreviations."""


def learn(words: Mapping[str, Phones]) -> dict[str, Phones]:
    """Rules that say words.

    Parameters
    ----------
    words : mapping of str to tuple of str
        Phones of each word; words have letters a to z alone.

    Returns
    -------
    dict of str to tuple of str
        Phones of the first letter of each context, as `rigtalk.core.speech.spelling.spell` reads
        them.
    """
    seen = [
        example
        for word, chunks in match(words).items()
        for example in zip(contexts(word), chunks, strict=True)
    ]
    rules: dict[str, Phones] = {}
    _grow(rules, seen, 1, None)
    return rules


def _grow(
    rules: dict[str, Phones], seen: list[tuple[str, Phones]], length: int, said: Phones | None
) -> None:
    """Adds the rules whose contexts have this length or more, where `said` is said with less."""
    groups: dict[str, list[tuple[str, Phones]]] = defaultdict(list)
    for around, phones in seen:
        groups[around[:length]].append((around, phones))
    for place in sorted(groups):
        counts = Counter(phones for _, phones in groups[place])
        most = max(counts.values())
        # Among equals what is said with less, so that there are fewer rules.
        best = min(p for p in counts if counts[p] == most)
        if said is not None and counts[said] == most:
            best = said
        if best != said:
            rules[place] = best
        if len(counts) > 1 and length <= len(OFFSETS):
            _grow(rules, groups[place], length + 1, best)


def match(words: Mapping[str, Phones]) -> dict[str, Matched]:
    """Which letters of each word are which of its phones.

    Words that have more than twice as many phones as letters, and those that do not sound as they
    are written, are left out.
    """
    chances = _first_guess(words)
    for _ in range(ROUNDS):
        counts: Counter[tuple[str, Phones]] = Counter()
        for word, phones in words.items():
            found = _best(word, phones, chances)
            if found is not None:
                counts.update(zip(word, found[1], strict=True))
        totals: Counter[str] = Counter()
        for (letter, _), count in counts.items():
            totals[letter] += count
        chances = {key: math.log(count / totals[key[0]]) for key, count in counts.items()}
    matched = {}
    for word, phones in words.items():
        found = _best(word, phones, chances)
        if found is not None and found[0] > _UNLIKELY * len(word):
            matched[word] = found[1]
    return matched


def _first_guess(words: Mapping[str, Phones]) -> dict[tuple[str, Phones], float]:
    """Log probabilities of what a letter may be, from which sounds stand about where it stands."""
    together: Counter[tuple[str, Phones]] = Counter()
    totals: Counter[str] = Counter()
    for word, phones in words.items():
        for i, letter in enumerate(word):
            totals[letter] += 1
            at = round((i + 0.5) / len(word) * len(phones) - 0.5)
            for phone in phones[max(at - 1, 0) : at + 2]:
                together[letter, (phone,)] += 1
    guess = {key: math.log(count / totals[key[0]] / 2) for key, count in together.items()}
    for letter in totals:
        guess[letter, ()] = math.log(0.05)
    return guess


def _best(word: str, phones: Phones, chances: _Chances) -> tuple[float, Matched] | None:
    """The likeliest match of a word and its log probability; None of too many phones."""
    letters, sounds = len(word), len(phones)
    if not sounds or sounds > 2 * letters:
        return None
    singles = [(phone,) for phone in phones]
    doubles = list(pairwise(phones))
    worst = -math.inf
    scores = [0.0] + [worst] * sounds
    taken: list[list[int]] = []
    for i, letter in enumerate(word):
        silent = chances.get((letter, ()), _RARE)
        after = [score + silent for score in scores]
        took = [0] * (sounds + 1)
        # Only what leaves phones enough for the letters to come, and no more than they can take.
        for j in range(max(1, sounds - 2 * (letters - i - 1)), min(sounds, 2 * i + 2) + 1):
            one = scores[j - 1] + chances.get((letter, singles[j - 1]), _RARE)
            if one > after[j]:
                after[j], took[j] = one, 1
            if j > 1:
                two = scores[j - 2] + chances.get((letter, doubles[j - 2]), _RARE)
                if two > after[j]:
                    after[j], took[j] = two, 2
        scores = after
        taken.append(took)
    chunks: list[Phones] = []
    j = sounds
    for took in reversed(taken):
        chunks.append(phones[j - took[j] : j])
        j -= took[j]
    return scores[sounds], tuple(reversed(chunks))
