"""The words of a text, as somebody would say them and as a dictionary spells them."""

from __future__ import annotations

import re

from .dictionary import knows
from .letters import plain_letters
from .numbers import figures_in_words

__all__ = ["spoken_words"]

_TAG = re.compile(r"<[^<>]*>")
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_WORD = re.compile(
    # Letters with points between them, U.S. or e.g; otherwise a word.
    r"(?<![A-Za-z'])(?P<initials>(?:[A-Za-z]\.)+(?:[A-Za-z]\.|[A-Za-z]\b))(?P<several>'?s\b)?"
    r"|[A-Za-z]+(?:'[A-Za-z]+)*"
)
_CAPITALS = re.compile(r"(?P<letters>[A-Z]{2,4})(?P<several>'?s)?")
_VOWELS = frozenset("AEIOUY")


def spoken_words(text: str) -> list[str]:
    """Words of an English text.

    Figures become words: 21st, 3.5, 1984, $5, 50%, 7:30. Capitals that are no word are spelt letter
    by letter, FBI and U.S. alike. Accents, punctuation, control characters, emoji and letters of
    other scripts go; hyphens and slashes part words. Tags, <i>, are not said, nor are directions
    in square brackets, [laughs]; brackets around what no dictionary has, [adif], hold a piece of a
    word that somebody wrote down as it was said. What is in parentheses is read aloud.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str
        Of letters a to z and apostrophes, in lower case; a letter that is said by its name has a
        point, ``["f.", "b.", "i."]``. Empty where the text has no words.

    Raises
    ------
    RigtalkError
        If the dictionary is missing or damaged.
    """
    plain = _BRACKETS.sub(_unless_directed, _TAG.sub(" ", plain_letters(text)))
    shouted = not any(char.islower() for char in plain)
    words: list[str] = []
    for found in _WORD.finditer(figures_in_words(plain)):
        if found["initials"]:
            words += _letter_names(found["initials"].replace(".", ""), found["several"])
            continue
        capitals = _CAPITALS.fullmatch(found[0])
        if capitals and _is_spelt(capitals["letters"], shouted=shouted):
            words += _letter_names(capitals["letters"], capitals["several"])
        else:
            words.append(found[0].lower())
    return words


def _unless_directed(found: re.Match[str]) -> str:
    inside = re.findall("[a-z']+", found[1].lower())
    return " " if inside and all(map(knows, inside)) else f" {found[1]} "


def _is_spelt(letters: str, *, shouted: bool) -> bool:
    """Whether capitals are letters; where all is in capitals, only those that cannot be a word."""
    return not knows(letters.lower()) and not (shouted and _VOWELS & set(letters))


def _letter_names(letters: str, several: str | None) -> list[str]:
    names = [f"{letter.lower()}." for letter in letters]
    if several:
        names[-1] += "'s"
    return names
