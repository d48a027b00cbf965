"""What the synthetic voices say."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np

from .vocabulary import PATTERNS, PHRASES, WORDS, WORLD

__all__ = ["Writer", "dictionary_words", "public_domain_sentences"]

_WORDS = {kind: tuple(words.split()) for kind, words in WORDS.items()}
_WORLD = {language: tuple(words.split()) for language, words in WORLD.items()}


class Writer:
    """An endless source of sentences.

    Parameters
    ----------
    seed : int
        The same seed writes the same sentences.
    sentences : sequence of str
        Real sentences to draw from besides; may be empty.
    words : sequence of str
        A dictionary to draw rare words from; may be empty.
    """

    def __init__(
        self, seed: int, *, sentences: tuple[str, ...] = (), words: tuple[str, ...] = ()
    ) -> None:
        self._rng = np.random.default_rng(seed)
        self._sentences = sentences
        self._words = words

    def english(self) -> str:
        """A sentence: from a pattern, from a book, a short phrase, or a string of rare words."""
        kinds = [self._pattern, self._book, self._phrase, self._rare]
        return kinds[self._rng.choice(4, p=[0.35, 0.35, 0.07, 0.23])]()

    def foreign(self, language: str) -> str:
        """A string of words of another language: a key of `vocabulary.WORLD`."""
        count = self._rng.integers(4, 11)
        return " ".join(self._rng.choice(_WORLD[language], size=count))

    def _one(self, options: tuple[str, ...]) -> str:
        return options[self._rng.integers(len(options))]

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

    def _rare(self) -> str:
        if not self._words:
            return self._pattern()
        rare = [self._one(self._words) for _ in range(self._rng.integers(2, 6))]
        common = [
            self._one(_WORDS[self._one(("noun", "verb", "adjective", "preposition"))])
            for _ in range(self._rng.integers(1, 4))
        ]
        return " ".join(self._rng.permutation(rare + common)) + "."


def dictionary_words() -> tuple[str, ...]:
    """Words of the dictionary that comes with pocketsphinx (BSD); empty where it is absent."""
    try:
        import pocketsphinx
    except ImportError:
        return ()
    path = Path(pocketsphinx.get_model_path()) / "en-us" / "cmudict-en-us.dict"
    if not path.is_file():
        return ()
    words = (line.split(" ", 1)[0] for line in path.read_text("utf-8").splitlines())
    return tuple(word for word in words if re.fullmatch(r"[a-z']{3,14}", word))


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
