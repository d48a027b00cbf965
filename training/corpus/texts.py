"""What the synthetic voices say."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np

from .lexicon import Lexicon
from .lines import CONFUSABLE, INTERJECTIONS, PHRASES, REPLIES
from .vocabulary import PATTERNS, WORDS, WORLD

__all__ = ["Writer", "public_domain_sentences"]

_WORDS = {kind: tuple(words.split()) for kind, words in WORDS.items()}
_WORLD = {language: tuple(words.split()) for language, words in WORLD.items()}
_REPLIES = tuple(REPLIES.split())
_SHARES = {
    "pattern": 0.25,
    "book": 0.32,
    "phrase": 0.05,
    "reply": 0.06,
    "number": 0.04,
    "confusable": 0.07,
    "rare": 0.07,
    "pairs": 0.14,
}
"""How often each kind of line is written."""


class Writer:
    """An endless source of sentences.

    Parameters
    ----------
    seed : int
        The same seed writes the same sentences.
    sentences : sequence of str
        Real sentences to draw from besides; may be empty.
    lexicon : Lexicon, optional
        A dictionary to draw rare words and rare pairs of phones from.
    """

    def __init__(
        self, seed: int, *, sentences: tuple[str, ...] = (), lexicon: Lexicon | None = None
    ) -> None:
        self._rng = np.random.default_rng(seed)
        self._sentences = sentences
        self._lexicon = lexicon or Lexicon({})

    def english(self) -> str:
        """A line: natural sentences, short replies, and strings of words for rare sounds."""
        kind = str(self._rng.choice(list(_SHARES), p=list(_SHARES.values())))
        return self._spirited(
            {
                "pattern": self._pattern,
                "book": self._book,
                "phrase": self._phrase,
                "reply": self._reply,
                "number": self._number,
                "confusable": self._confusable,
                "rare": self._rare,
                "pairs": self._pairs,
            }[kind]()
        )

    def foreign(self, language: str) -> str:
        """A string of words of another language: a key of `vocabulary.WORLD`."""
        count = self._rng.integers(4, 11)
        return " ".join(self._rng.choice(_WORLD[language], size=count))

    def _one(self, options: tuple[str, ...]) -> str:
        return options[self._rng.integers(len(options))]

    def _some(self, options: tuple[str, ...], fewest: int, most: int) -> list[str]:
        return [self._one(options) for _ in range(self._rng.integers(fewest, most + 1))]

    def _spirited(self, line: str) -> str:
        """The line, perhaps asked, called out, or begun with an interjection."""
        if self._rng.random() < 0.06:
            line = f"{self._one(INTERJECTIONS)}, {line}"
        if line.endswith("."):
            line = line[:-1] + str(self._rng.choice([".", "?", "!"], p=[0.8, 0.1, 0.1]))
        return line

    def _pattern(self) -> str:
        def fill(match: re.Match[str]) -> str:
            options = _WORDS.get(match.group())
            return self._one(options) if options else match.group()

        sentence = re.sub(r"[a-z]+", fill, self._one(PATTERNS))
        sentence = re.sub(r"\ba ([aeiou])", r"an \1", sentence)
        return sentence if sentence[-1] in "?!" else sentence + "."

    def _book(self) -> str:
        return self._one(self._sentences) if self._sentences else self._pattern()

    def _phrase(self) -> str:
        return self._one(PHRASES)

    def _reply(self) -> str:
        """One or two words, of which an actor says many."""
        return ", ".join(self._some((*_REPLIES, *_WORDS["name"]), 1, 2)) + "."

    def _number(self) -> str:
        """Something counted, in digits, as scripts write it."""
        highest = self._one(("20", "100", "1000", "10000", "2030", "1000000"))
        count = self._rng.integers(int(highest))
        noun, place = self._one(_WORDS["noun"]), self._one(_WORDS["place"])
        return self._one(
            (
                f"{count} {noun}s.",
                f"room {count}, {place}.",
                f"{count}, {count + 1}, {count + 2}.",
                f"the {noun} of {count}.",
                f"{count} times {self._rng.integers(2, 13)} is what?",
                f"chapter {count}: the {noun} of {place}.",
            )
        )

    def _confusable(self) -> str:
        """Words that differ in what the lips do, alone or carried by a sentence."""
        said = ", ".join(self._some(CONFUSABLE, 1, 3))
        carriers = (f"{said}.", f"{said}.", f"say {said} again.", f"was it {said}?")
        return self._one(carriers)

    def _rare(self) -> str:
        if not self._lexicon:
            return self._pattern()
        words = self._some(self._lexicon.words, 2, 5) + self._common(1, 3)
        return " ".join(self._rng.permutation(words)) + "."

    def _pairs(self) -> str:
        """Words chosen for the phones that meet in them, in between common words."""
        if not self._lexicon:
            return self._confusable()
        pairs = [self._lexicon.with_pair(self._rng) for _ in range(self._rng.integers(2, 5))]
        words = list(self._rng.permutation(pairs + self._common(0, 2)))
        return " ".join(words) + "."

    def _common(self, fewest: int, most: int) -> list[str]:
        kinds = self._some(("noun", "verb", "adjective", "preposition"), fewest, most)
        return [self._one(_WORDS[kind]) for kind in kinds]


def public_domain_sentences(speech: Path) -> tuple[str, ...]:
    """Sentences of public-domain readings, cut at stops and long commas.

    Parameters
    ----------
    speech : Path
        A folder with ``manifest.csv``.

    Returns
    -------
    tuple of str
        Of 3 to 22 words; empty where there is no such folder.
    """
    manifest = speech / "manifest.csv"
    if not manifest.is_file():
        return ()
    found: dict[str, None] = {}
    with manifest.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            free = "Public domain" in row["licence"] or "LibriSpeech" in row["licence"]
            if row["language"] != "en" or not free:
                continue
            for part in re.split(r"(?<=[.!?;:])\s+", row["transcript"]):
                found.update(dict.fromkeys(_pieces(part)))
    return tuple(found)


def _pieces(sentence: str, *, longest: int = 22) -> list[str]:
    plain = sentence.lower().replace("\u2019", "'")
    words = re.sub(r"[^\w\s',.!?-]", "", plain).split()
    count = -(-len(words) // longest)
    pieces = [" ".join(piece) for piece in np.array_split(words, max(count, 1))]
    return [piece for piece in pieces if len(piece.split()) >= 3]
