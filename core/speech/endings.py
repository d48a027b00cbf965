"""How words are said that a dictionary lacks but whose parts it has: bakers, fireplace."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["AFTER_ANY_WORD", "Ways", "joined", "with_ending"]

Ways = tuple[tuple[str, ...], ...]
"""Phones of a word, in each way that it is said."""

AFTER_ANY_WORD = ("'s", "'d", "'ll", "'ve", "'re")
"""Endings that leave no doubt about what is before them."""
SHORTEST_PART = 3
"""Letters of a word that may be part of another."""
_HISSING = frozenset({"s", "z", "sh", "zh", "ch", "jh"})
_VOICELESS = frozenset({"p", "t", "k", "f", "th"})
_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxz")


def with_ending(word: str, known: Callable[[str], Ways]) -> Ways:
    """A known word with an ending.

    Parameters
    ----------
    word : str
    known : callable
        Ways of a word of the dictionary; empty for others.

    Returns
    -------
    tuple of tuple of str
        Empty where the word is nothing of the kind.
    """
    for ending, stems, said in _ENDINGS:
        if not word.endswith(ending):
            continue
        for stem in stems(word[: -len(ending)]):
            if len(stem) >= SHORTEST_PART or ending in AFTER_ANY_WORD:
                ways = known(stem)
                if ways:
                    return tuple(said(way) for way in ways)
    return ()


def joined(word: str, known: Callable[[str], Ways]) -> Ways:
    """A word made of two known ones.

    Parameters and result are those of `with_ending`. Of several pairs, the one whose shorter part
    is the longest.
    """
    middle = len(word) / 2
    places = range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
    for at in sorted(places, key=lambda at: abs(at - middle)):
        first, second = known(word[:at]), known(word[at:])
        if first and second:
            return tuple(_together(a, b) for a in first for b in second)
    return ()


def _together(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    """Two words in one breath: a sound at the end of one and the beginning of the other is one."""
    same = first[-1] == second[0] and len(second) > 1
    return first + second[1:] if same else first + second


def _s(way: tuple[str, ...]) -> tuple[str, ...]:
    if way[-1] in _HISSING:
        return (*way, "ih", "z")
    return (*way, "s" if way[-1] in _VOICELESS else "z")


def _ed(way: tuple[str, ...]) -> tuple[str, ...]:
    if way[-1] in ("t", "d"):
        return (*way, "ih", "d")
    voiceless = way[-1] in _VOICELESS or way[-1] in ("s", "sh", "ch")
    return (*way, "t" if voiceless else "d")


def _then(*phones: str) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    def said(way: tuple[str, ...]) -> tuple[str, ...]:
        return (*way, *phones)

    return said


def _after_l(way: tuple[str, ...]) -> tuple[str, ...]:
    return (*way, "iy") if way[-1] == "l" else (*way, "l", "iy")


def _without_le(way: tuple[str, ...]) -> tuple[str, ...]:
    return (*(way[:-2] if way[-2:] == ("ah", "l") else way[:-1]), "l", "iy")


def _as_it_is(stem: str) -> tuple[str, ...]:
    return (stem,)


def _changed(stem: str) -> tuple[str, ...]:
    """What may lose, double or change its last letter before an ending: bake, bat, cry."""
    if stem[-1:] == "i":
        return (stem[:-1] + "y", stem)
    if stem[-1:] == stem[-2:-1] and stem[-1:] in _CONSONANTS:
        return (stem, stem[:-1])
    return (stem + "e", stem)


def _one(stem: str) -> tuple[str, ...]:
    """What there may be several of."""
    if stem.endswith("ie"):
        return (stem[:-2] + "y", stem)
    if stem.endswith("e"):
        return (stem, stem[:-1])
    return () if stem.endswith("s") else (stem,)


_Row = tuple[str, Callable[[str], tuple[str, ...]], Callable[[tuple[str, ...]], tuple[str, ...]]]
_ENDINGS: tuple[_Row, ...] = (
    ("'s", _as_it_is, _s),
    ("'d", _as_it_is, _ed),
    ("'ll", _as_it_is, _then("ah", "l")),
    ("'ve", _as_it_is, _then("ah", "v")),
    ("'re", _as_it_is, _then("er")),
    ("s", _one, _s),
    ("ed", _changed, _ed),
    ("ing", _changed, _then("ih", "ng")),
    ("ically", lambda stem: (stem + "ic",), _then("l", "iy")),
    ("ly", lambda stem: (stem + "le",), _without_le),
    ("ily", lambda stem: (stem + "y",), lambda way: (*way[:-1], "ah", "l", "iy")),
    ("ly", _as_it_is, _after_l),
    ("er", _changed, _then("er")),
    ("est", _changed, _then("ah", "s", "t")),
    ("ness", _changed, _then("n", "ah", "s")),
    ("less", _as_it_is, _then("l", "ah", "s")),
    ("able", _changed, _then("ah", "b", "ah", "l")),
)
"""Ending, words that may be before it, and how they sound together. Endings that letter-to-sound
rules say as well are not in it."""
