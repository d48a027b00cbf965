"""Words by the phones that meet in them: a text can be made to hold every pair of them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np

from rigtalk.core.speech.phones import from_arpabet

__all__ = ["Lexicon", "dictionary"]

Key = TypeVar("Key", bound=Hashable)
_LIPS = tuple("pbmfvw")


class Lexicon:
    """Words and their phones.

    Parameters
    ----------
    phones : mapping of str to sequence of str
        Words and the symbols that they are said with.
    """

    def __init__(self, phones: Mapping[str, Sequence[str]]) -> None:
        self.phones = {word: tuple(said) for word, said in phones.items() if said}
        self.words = tuple(self.phones)

    def __bool__(self) -> bool:
        return bool(self.words)

    @cached_property
    def by_pair(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Words in which two phones follow each other, for every pair there is."""
        return _grouped((pair, w) for w, said in self.phones.items() for pair in pairwise(said))

    @cached_property
    def by_first(self) -> dict[str, tuple[str, ...]]:
        """Words by their first phone."""
        return _grouped((said[0], word) for word, said in self.phones.items())

    @cached_property
    def by_last(self) -> dict[str, tuple[str, ...]]:
        """Words by their last phone."""
        return _grouped((said[-1], word) for word, said in self.phones.items())

    def with_pair(self, rng: np.random.Generator, *, lips: float = 0.5) -> str:
        """A word, or two, in which a pair of phones meets; rare pairs come up like common ones.

        Parameters
        ----------
        rng : numpy.random.Generator
        lips : float
            Chance that one of the two phones is made with the lips, 0-1.
        """
        asked = rng.choice(_LIPS) if rng.random() < lips else None
        if rng.random() < 0.5:
            return _one(self.by_pair[_choose(self._pairs, asked, rng)], rng)
        before, after = _choose(self._meetings, asked, rng)
        return f"{_one(self.by_last[before], rng)} {_one(self.by_first[after], rng)}"

    @cached_property
    def _pairs(self) -> tuple[tuple[str, str], ...]:
        return tuple(self.by_pair)

    @cached_property
    def _meetings(self) -> tuple[tuple[str, str], ...]:
        return tuple((last, first) for last in self.by_last for first in self.by_first)


def dictionary() -> Lexicon:
    """The dictionary that comes with pocketsphinx (BSD); empty where it is absent."""
    try:
        import pocketsphinx
    except ImportError:
        return Lexicon({})
    path = Path(pocketsphinx.get_model_path()) / "en-us" / "cmudict-en-us.dict"
    if not path.is_file():
        return Lexicon({})
    entries = (line.split() for line in path.read_text("utf-8").splitlines())
    return Lexicon(
        {
            word: tuple(from_arpabet(symbol)[0] for symbol in said)
            for word, *said in entries
            if re.fullmatch(r"[a-z']{2,14}", word)
        }
    )


def _grouped(entries: Iterable[tuple[Key, str]]) -> dict[Key, tuple[str, ...]]:
    groups: dict[Key, list[str]] = {}
    for key, word in entries:
        groups.setdefault(key, []).append(word)
    return {key: tuple(words) for key, words in groups.items()}


def _choose(
    pairs: Sequence[tuple[str, str]], asked: str | None, rng: np.random.Generator
) -> tuple[str, str]:
    fitting = [pair for pair in pairs if asked is None or asked in pair] or pairs
    return fitting[rng.integers(len(fitting))]


def _one(words: Sequence[str], rng: np.random.Generator) -> str:
    return words[rng.integers(len(words))]
