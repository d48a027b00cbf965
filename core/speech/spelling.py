"""Words said as they are spelt, by rules that a pronouncing dictionary taught."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["EDGE", "OFFSETS", "contexts", "spell"]

OFFSETS = (1, -1, 2, 3, -2, -3, 4)
"""Letters around a letter, from the one that tells most of its sound to the one that tells least:
of the orders that were tried, the best on words that the rules were not learnt from."""
EDGE = "_"
"""What is beside the first and the last letter."""
_REACH = max(map(abs, OFFSETS))


def contexts(word: str) -> list[str]:
    """Each letter of a word, followed by the letters around it in the order of `OFFSETS`."""
    framed = EDGE * _REACH + word + EDGE * _REACH
    return [
        framed[at] + "".join([framed[at + offset] for offset in OFFSETS])
        for at in range(_REACH, _REACH + len(word))
    ]


def spell(word: str, rules: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Phones of a word by letter-to-sound rules.

    Parameters
    ----------
    word : str
        Letters; those without a rule are passed over.
    rules : mapping of str to tuple of str
        Phones of a letter by the beginning of its context; the longest that fits wins.

    Returns
    -------
    tuple of str
        Empty where no letter has a sound.
    """
    phones: list[str] = []
    for around in contexts(word):
        for length in range(len(around), 0, -1):
            found = rules.get(around[:length])
            if found is not None:
                # Two letters of one kind are one sound, also where each was learnt alone.
                phones.extend(found[1:] if phones[-1:] == list(found[:1]) else found)
                break
    return tuple(phones)
