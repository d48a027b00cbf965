"""The file that holds the pronouncing dictionary and the letter-to-sound rules learnt from it.

It is text, packed with xz, of five blocks with an empty line between them: what it is and which
sign stands for which phone; the words; their ways, in the same order; the contexts of the rules;
what is said there, in the same order. A phone is one sign, ways have commas between them.
"""

from __future__ import annotations

import lzma
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import RigtalkError
from ..files.replacing import replacing
from .phones import SYMBOL_IDS

__all__ = ["Vocabulary", "read_vocabulary", "write_vocabulary"]

_TITLE = "rigtalk words 1"
_FIRST_SIGN = "0"
_SILENT = "-"
"""A letter that is not said; an empty line would end the block."""


@dataclass(frozen=True)
class Vocabulary:
    """Words and how they are said.

    Attributes
    ----------
    words : mapping of str to str
        Ways of each word in signs, with commas between them; `phones` reads one.
    rules : mapping of str to tuple of str
        Letter-to-sound rules, as `rigtalk.core.speech.spelling.spell` takes them.
    signs : mapping of str to str
        Phones by their signs.
    """

    words: Mapping[str, str]
    rules: Mapping[str, tuple[str, ...]]
    signs: Mapping[str, str]

    def ways(self, word: str) -> tuple[tuple[str, ...], ...]:
        """Phones of a word, in each way that it is said; empty where the word is not known."""
        found = self.words.get(word)
        if found is None:
            return ()
        return tuple(tuple([self.signs[sign] for sign in way]) for way in found.split(","))


def read_vocabulary(path: Path) -> Vocabulary:
    """Reads what `write_vocabulary` wrote.

    Raises
    ------
    RigtalkError
        If the file is missing or damaged.
    """
    try:
        text = lzma.decompress(path.read_bytes(), lzma.FORMAT_XZ).decode("ascii")
        head, words, ways, places, said = (block.split("\n") for block in text.split("\n\n"))
        title, symbols = head
        if title != _TITLE:
            raise ValueError
        signs = {chr(ord(_FIRST_SIGN) + i): symbol for i, symbol in enumerate(symbols.split())}
        if not SYMBOL_IDS.keys() >= set(signs.values()):
            raise ValueError
        # Many rules say the same few sounds.
        sounds = {
            written: tuple([signs[sign] for sign in written.strip(_SILENT)])
            for written in set(said)
        }
        rules = dict(zip(places, map(sounds.__getitem__, said), strict=True))
        return Vocabulary(dict(zip(words, ways, strict=True)), rules, signs)
    except OSError as error:
        reason = error.strerror or "cannot be read"
    except (lzma.LZMAError, EOFError, ValueError, KeyError):
        reason = "damaged, or of another version"
    raise RigtalkError(f"{path.name}, the dictionary of words: {reason}; install rigtalk again")


def write_vocabulary(
    path: Path,
    words: Mapping[str, tuple[tuple[str, ...], ...]],
    rules: Mapping[str, tuple[str, ...]],
) -> None:
    """Writes a dictionary and its rules; the same ones give the same bytes.

    Parameters
    ----------
    path : Path
    words : mapping of str to tuple of tuple of str
        One or more ways of each word, in phones of `rigtalk.core.speech.phones.SYMBOLS`.
    rules : mapping of str to tuple of str
        Letter-to-sound rules.

    Raises
    ------
    RigtalkError
        If the file cannot be written.
    """
    sign = {symbol: chr(ord(_FIRST_SIGN) + i) for symbol, i in SYMBOL_IDS.items()}

    def written(phones: tuple[str, ...]) -> str:
        return "".join([sign[phone] for phone in phones])

    blocks = (
        [_TITLE, " ".join(SYMBOL_IDS)],
        sorted(words),
        [",".join(map(written, words[word])) for word in sorted(words)],
        sorted(rules),
        [written(rules[place]) or _SILENT for place in sorted(rules)],
    )
    text = "\n\n".join("\n".join(block) for block in blocks)
    with replacing(path) as file:
        file.write(
            lzma.compress(text.encode("ascii"), lzma.FORMAT_XZ, preset=9 | lzma.PRESET_EXTREME)
        )
