"""Which alphabet the symbols of a label file are written in, and what phones they stand for."""

# ruff: noqa: RUF001 -- the letters of the IPA are meant.

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from .phones import SILENCE, from_arpabet, from_ipa
from .timing import UNKNOWN

__all__ = ["ALPHABETS", "choose_alphabet", "share_unknown"]

Reading = tuple[tuple[str, int], ...]
"""Phones and their stress; several where one symbol is several phones."""

_QUIET = frozenset(
    ("", "#", "##", "_", "-", "*", "sil", "silence", "sp", "pau", "pause", "<sil>", "<p:>", "<eps>",
     "<pau>", "(.)", "(..)", "..", "...", "br", "breath", "<br>", "<usb>", "ns", "<nib>", "h#",
     "[sil]", "ssil", "brth", "nsn", "xx", "bos", "eos")
)  # fmt: skip
_UNHEARD = frozenset(("spn", "<unk>", "unk", "+spn+", "?", "<spn>", "laugh", "<laugh>", "[noise]"))
"""Somebody speaks, but the labels do not say what."""
_MOST = 2
"""Phones that one symbol may be; more of them is a word or a syllable of another script."""
_SAMPA = {
    "A": "ɑ", "Q": "ɒ", "O": "ɔ", "E": "ɛ", "I": "ɪ", "U": "ʊ", "V": "ʌ", "@": "ə", "{": "æ",
    "3": "ɜ", "N": "ŋ", "T": "θ", "D": "ð", "S": "ʃ", "Z": "ʒ", "R": "ʁ", "J": "ɲ", "C": "ç",
    "G": "ɣ", "2": "ø", "9": "œ", "Y": "ʏ", "1": "ɨ", "}": "ʉ", "M": "ɯ", "H": "ɥ", "L": "ʎ",
    "4": "ɾ", "?": "ʔ", "6": "ɐ", "B": "β", "X": "χ", "K": "ɬ", "W": "ʍ", "F": "ɱ", "8": "ɵ",
    "7": "ɤ", "&": "ɶ", "r\\": "ɹ", "h\\": "ɦ", "v\\": "ʋ", "p\\": "ɸ", "j\\": "ʝ", "s\\": "ɕ",
    "z\\": "ʑ", "l\\": "ɺ", "t`": "ʈ", "d`": "ɖ", "n`": "ɳ", "s`": "ʂ", "z`": "ʐ", "l`": "ɭ",
    "r`": "ɽ", "r\\`": "ɻ", "3`": "ɝ", "@`": "ɚ",
}  # fmt: skip
_SAMPA_KEYS = sorted(_SAMPA, key=len, reverse=True)
_SAMPA_MARKS = re.compile(r"""["%':]|_[<>}{A-Za-z0-9?="^~\\/-]|[~=]""")
_IPA_STRESS = {"ˈ": 1, "'": 1, "ˌ": 2}
_NO_IPA = re.compile(r"[0-9A-Z@{}\\`]")


def _arpabet(symbol: str) -> Reading | None:
    try:
        return (from_arpabet(symbol),)
    except KeyError:
        return None


def _ipa(symbol: str) -> Reading | None:
    if _NO_IPA.search(symbol):
        return None
    stress = max((_IPA_STRESS[char] for char in symbol if char in _IPA_STRESS), default=0)
    # Broad transcriptions of English write r for the approximant; the trill is no phone of ours.
    phones = from_ipa(symbol.replace("r", "ɹ"))
    if not 1 <= len(phones) <= _MOST:
        return None
    return tuple((phone, stress) for phone in phones)


def _sampa(symbol: str) -> Reading | None:
    stress = 1 if '"' in symbol else 2 if "%" in symbol else 0
    rest = _SAMPA_MARKS.sub("", symbol)
    letters = ""
    while rest:
        key = next((key for key in _SAMPA_KEYS if rest.startswith(key)), rest[0])
        letters += _SAMPA.get(key, key)
        rest = rest[len(key) :]
    read = _ipa(letters)
    return tuple((phone, stress) for phone, _ in read) if read else None


ALPHABETS: dict[str, Callable[[str], Reading | None]] = {
    "ARPAbet": _arpabet,
    "IPA": _ipa,
    "X-SAMPA": _sampa,
}
"""Readers of one symbol, None where they do not know it; the first that knows most is taken."""


def choose_alphabet(symbols: Iterable[str]) -> tuple[str, dict[str, Reading], tuple[str, ...]]:
    """The alphabet that knows most of some symbols.

    Parameters
    ----------
    symbols : iterable of str
        As they stand in the file, one for each label.

    Returns
    -------
    alphabet : str
        Key of `ALPHABETS`.
    readings : dict of str to Reading
        Of every symbol; `UNKNOWN` for those that the alphabet does not know.
    unknown : tuple of str
        Symbols that it does not know, in order of first appearance.
    """
    distinct = list(dict.fromkeys(symbols))
    best: tuple[str, dict[str, Reading], tuple[str, ...]] | None = None
    for name, read in ALPHABETS.items():
        readings = {symbol: _reading(symbol, read) for symbol in distinct}
        unknown = tuple(symbol for symbol, reading in readings.items() if reading is None)
        known = {symbol: reading or ((UNKNOWN, 0),) for symbol, reading in readings.items()}
        if best is None or len(unknown) < len(best[2]):
            best = name, known, unknown
    return best or ("ARPAbet", {}, ())


def _reading(symbol: str, read: Callable[[str], Reading | None]) -> Reading | None:
    plain = symbol.strip().lower()
    if plain in _QUIET:
        return ((SILENCE, 0),)
    if plain in _UNHEARD:
        return ((UNKNOWN, 0),)
    return read(symbol.strip())


def share_unknown(symbols: Sequence[str], unknown: Iterable[str]) -> float:
    """Share of labels whose symbol is not known, 0-1."""
    strange = set(unknown)
    return sum(symbol in strange for symbol in symbols) / max(len(symbols), 1)
