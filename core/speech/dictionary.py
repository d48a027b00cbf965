"""How English words are said: by the dictionary, by their parts, or by letter-to-sound rules."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from .endings import AFTER_ANY_WORD, Ways, joined, with_ending
from .letters import plain_letters
from .numbers import figures_in_words
from .spelling import spell
from .word_file import Vocabulary, read_vocabulary

__all__ = ["WORDS", "knows", "pronunciations"]

WORDS = Path(__file__).parents[1] / "data" / "words.xz"
"""The dictionary and the rules learnt from it."""
_LONGEST = 40
"""Letters of a word that may have parts."""
_MOST = 3
"""Ways of a word that is made of two."""
_ABBREVIATION = 5
"""Letters of a word without a vowel that may be an abbreviation."""
_NOBODY_KNOWS: Ways = (("ah",),)
"""Of a word without a letter of the alphabet: something that opens the mouth."""


def knows(word: str) -> bool:
    """Whether a word is in the dictionary.

    Parameters
    ----------
    word : str
        As `rigtalk.core.speech.words.spoken_words` gives it; in any case.

    Raises
    ------
    RigtalkError
        If the dictionary is missing or damaged.
    """
    return plain_letters(word).strip().lower() in _vocabulary().words


@lru_cache(maxsize=1 << 15)
def pronunciations(word: str) -> Ways:
    """Phones of a word, in each way that it may be said.

    Parameters
    ----------
    word : str
        Any text; of several words the phones follow each other.

    Returns
    -------
    tuple of tuple of str
        Symbols of `rigtalk.core.speech.phones.SYMBOLS` without silence, the likeliest way first.
        There is always a way, and none is empty.

    Raises
    ------
    RigtalkError
        If the dictionary is missing or damaged.
    """
    plain = plain_letters(word).strip().lower()
    ways = _vocabulary().ways(plain)
    if ways:
        return ways
    parts = [part.strip("'") for part in re.findall("[a-z']+", figures_in_words(plain))]
    said = [_said(part) for part in parts if part]
    if len(said) == 1:
        return said[0]
    return (tuple([phone for ways in said for phone in ways[0]]),) if said else _NOBODY_KNOWS


def _said(word: str) -> Ways:
    """Ways of a word of letters and apostrophes."""
    known = _vocabulary().ways
    for spelling in (word, *_calmer(word)):
        ways = known(spelling) or with_ending(spelling, known)
        if ways:
            return ways
    if word.endswith(AFTER_ANY_WORD) and len(word) <= _LONGEST:
        return with_ending(word, _said)
    letters = _calmer(word)[0].replace("'", "")
    found = [spell(letters, _vocabulary().rules)]
    if len(letters) <= _LONGEST:
        found += joined(letters, known)[:_MOST]
    if not found[0] or (len(letters) <= _ABBREVIATION and not set("aeiouy") & set(letters)):
        names = [known(f"{letter}.")[0] for letter in letters if known(f"{letter}.")]
        found.append(tuple([phone for name in names for phone in name]))
    return tuple(dict.fromkeys(way for way in found if way)) or _NOBODY_KNOWS


def _calmer(word: str) -> tuple[str, str]:
    """A word without the letters that only draw it out: noooo, yesss."""
    return re.sub(r"(.)\1{2,}", r"\1\1", word), re.sub(r"(.)\1{2,}", r"\1", word)


@lru_cache(maxsize=1)
def _vocabulary() -> Vocabulary:
    return read_vocabulary(WORDS)
