"""The phones that every engine, aligner and articulation model here agrees on.

ARPAbet's 39 phones and silence, in lower case without stress digits, with the facts about lips and
jaw that matter to a face, and the ways in from the alphabets of flite, festival, pocketsphinx,
espeak-ng and the IPA.
"""

# ruff: noqa: RUF001 -- the letters of the IPA are meant.

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from types import MappingProxyType

__all__ = [
    "LABIODENTAL",
    "PHONES",
    "ROUNDED",
    "SEALED",
    "SILENCE",
    "SYMBOLS",
    "SYMBOL_IDS",
    "VISEMES",
    "VOWELS",
    "PhoneFacts",
    "from_arpabet",
    "from_ipa",
]

SILENCE = "sil"

VISEMES = (
    "sil", "pp", "ff", "th", "dd", "ss", "ch", "kk", "rr", "ww", "aa", "eh", "iy", "oh", "uw",
)  # fmt: skip
"""Classes of phones that look alike."""


@dataclass(frozen=True)
class PhoneFacts:
    """What a phone asks of lips and jaw.

    Attributes
    ----------
    symbol : str
        Lower-case ARPAbet, or ``sil``.
    kind : str
        ``silence``, ``vowel``, ``diphthong``, ``stop``, ``affricate``, ``fricative``, ``nasal``,
        ``liquid`` or ``glide``.
    viseme : str
        One of `VISEMES`.
    openness : float
        Jaw and lip opening when spoken with care, 0-1; the middle of a diphthong's first target.
    rounding : float
        Lip rounding, 0-1; the larger of a diphthong's two targets.
    spread : float
        Lip spreading, 0-1.
    voiced : bool
    """

    symbol: str
    kind: str
    viseme: str
    openness: float
    rounding: float
    spread: float
    voiced: bool


_V, _U = True, False
_TABLE = (
    #  symbol kind         viseme open  round spread voiced
    ("sil", "silence", "sil", 0.00, 0.0, 0.0, _U),
    ("aa", "vowel", "aa", 1.00, 0.0, 0.0, _V),
    ("ae", "vowel", "aa", 0.85, 0.0, 0.4, _V),
    ("ah", "vowel", "aa", 0.55, 0.0, 0.0, _V),
    ("ao", "vowel", "oh", 0.80, 0.5, 0.0, _V),
    ("aw", "diphthong", "aa", 0.90, 0.7, 0.0, _V),
    ("ay", "diphthong", "aa", 0.90, 0.0, 0.3, _V),
    ("b", "stop", "pp", 0.00, 0.0, 0.0, _V),
    ("ch", "affricate", "ch", 0.12, 0.6, 0.0, _U),
    ("d", "stop", "dd", 0.18, 0.0, 0.1, _V),
    ("dh", "fricative", "th", 0.20, 0.0, 0.0, _V),
    ("eh", "vowel", "eh", 0.60, 0.0, 0.4, _V),
    ("er", "vowel", "rr", 0.35, 0.5, 0.0, _V),
    ("ey", "diphthong", "eh", 0.50, 0.0, 0.6, _V),
    ("f", "fricative", "ff", 0.08, 0.0, 0.0, _U),
    ("g", "stop", "kk", 0.25, 0.0, 0.0, _V),
    ("hh", "fricative", "kk", 0.35, 0.0, 0.0, _U),
    ("ih", "vowel", "iy", 0.40, 0.0, 0.4, _V),
    ("iy", "vowel", "iy", 0.28, 0.0, 0.9, _V),
    ("jh", "affricate", "ch", 0.12, 0.6, 0.0, _V),
    ("k", "stop", "kk", 0.25, 0.0, 0.0, _U),
    ("l", "liquid", "dd", 0.30, 0.0, 0.0, _V),
    ("m", "nasal", "pp", 0.00, 0.0, 0.0, _V),
    ("n", "nasal", "dd", 0.18, 0.0, 0.1, _V),
    ("ng", "nasal", "kk", 0.25, 0.0, 0.0, _V),
    ("ow", "diphthong", "oh", 0.50, 0.8, 0.0, _V),
    ("oy", "diphthong", "oh", 0.60, 0.7, 0.2, _V),
    ("p", "stop", "pp", 0.00, 0.0, 0.0, _U),
    ("r", "liquid", "rr", 0.20, 0.6, 0.0, _V),
    ("s", "fricative", "ss", 0.10, 0.0, 0.4, _U),
    ("sh", "fricative", "ch", 0.12, 0.7, 0.0, _U),
    ("t", "stop", "dd", 0.15, 0.0, 0.1, _U),
    ("th", "fricative", "th", 0.20, 0.0, 0.0, _U),
    ("uh", "vowel", "uw", 0.35, 0.6, 0.0, _V),
    ("uw", "vowel", "uw", 0.25, 1.0, 0.0, _V),
    ("v", "fricative", "ff", 0.08, 0.0, 0.0, _V),
    ("w", "glide", "ww", 0.10, 1.0, 0.0, _V),
    ("y", "glide", "iy", 0.22, 0.0, 0.6, _V),
    ("z", "fricative", "ss", 0.10, 0.0, 0.4, _V),
    ("zh", "fricative", "ch", 0.12, 0.7, 0.0, _V),
)

PHONES = MappingProxyType({row[0]: PhoneFacts(*row) for row in _TABLE})
"""Facts of each phone by symbol, silence first."""
SYMBOLS = tuple(PHONES)
"""The 40 symbols in the order of their ids."""
SYMBOL_IDS = MappingProxyType({symbol: i for i, symbol in enumerate(SYMBOLS)})

SEALED = frozenset({"p", "b", "m"})
"""Phones whose lips meet."""
LABIODENTAL = frozenset({"f", "v"})
"""Phones whose lower lip touches the upper teeth."""
ROUNDED = frozenset(symbol for symbol, facts in PHONES.items() if facts.rounding >= 0.5)
VOWELS = frozenset(s for s, facts in PHONES.items() if facts.kind in ("vowel", "diphthong"))

_ARPABET_EXTRAS = {
    "ax": "ah", "ax-h": "ah", "axr": "er", "ix": "ih", "ux": "uw", "dx": "d", "nx": "n",
    "em": "m", "en": "n", "eng": "ng", "el": "l", "hv": "hh", "wh": "w", "q": "sil", "h": "hh",
    "pau": "sil", "h#": "sil", "brth": "sil", "ssil": "sil", "sp": "sil", "spn": "sil",
    "+spn+": "sil", "+nse+": "sil", "+nsn+": "sil", "+breath+": "sil", "+cough+": "sil",
    "+noise+": "sil", "#": "sil", "_": "sil", "": "sil",
    "bcl": "b", "dcl": "d", "gcl": "g", "kcl": "k", "pcl": "p", "tcl": "t", "epi": "sil",
}  # fmt: skip


def from_arpabet(symbol: str) -> tuple[str, int]:
    """Phone and stress of an ARPAbet symbol of flite, festival, pocketsphinx, CMUdict or TIMIT.

    Parameters
    ----------
    symbol : str
        In any case, with or without a stress digit: ``"AH0"``, ``"ax"``, ``"pau"``, ``"SIL"``.

    Returns
    -------
    symbol : str
        One of `SYMBOLS`.
    stress : int
        0, 1 or 2; 0 where the symbol has no digit.

    Raises
    ------
    KeyError
        If the symbol is not known.
    """
    name, stress = symbol.strip().lower(), 0
    if name and name[-1] in "012" and name[:-1].isalpha():
        name, stress = name[:-1], int(name[-1])
    name = _ARPABET_EXTRAS.get(name, name)
    if name not in PHONES:
        raise KeyError(symbol)
    return name, stress


# Sounds that English lacks go to the phone that looks most like them. One entry may be several
# phones, which then share its time. The longest key that fits wins.
_IPA = {
    # vowels
    "aʊ": "aw", "au": "aw", "ɑʊ": "aw", "aɪ": "ay", "ai": "ay", "aj": "ay", "ɑɪ": "ay",
    "ɔɪ": "oy", "ɔʏ": "oy", "oi": "oy", "ɔi": "oy", "ɔø": "oy", "eɪ": "ey", "ei": "ey", "ɛɪ": "ey",
    "oʊ": "ow", "əʊ": "ow", "ou": "ow", "ɔu": "ow", "əu": "ow", "ɪə": "ih ah", "iə": "iy ah",
    "eə": "eh ah", "ɛə": "eh ah", "ʊə": "uh ah", "uə": "uw ah", "aɪə": "ay ah", "aʊə": "aw ah",
    "ɑ": "aa", "a": "aa", "ɐ": "ah", "ɒ": "ao", "ɔ": "ao", "æ": "ae", "ʌ": "ah", "ə": "ah",
    "ɘ": "ah", "ɤ": "ah", "ɨ": "ih", "ᵻ": "ih", "ɪ": "ih", "i": "iy", "e": "ey", "ɛ": "eh",
    "ɜ": "er", "ɝ": "er", "ɚ": "er", "ɞ": "er", "o": "ow", "ɵ": "uh", "u": "uw", "ʊ": "uh",
    "ɯ": "ih", "y": "uw", "ʏ": "uh", "ø": "uh", "œ": "uh", "ʉ": "uw", "ɶ": "ao", "ᵊ": "ah",
    "ɑɹ": "aa r", "ɔɹ": "ao r", "ɛɹ": "eh r", "ɪɹ": "ih r", "ʊɹ": "uh r", "oɹ": "ow r",
    # stops and affricates
    "p": "p", "b": "b", "t": "t", "d": "d", "k": "k", "ɡ": "g", "g": "g", "c": "k", "ɟ": "g",
    "ʈ": "t", "ɖ": "d", "q": "k", "ɢ": "g", "ʔ": "sil", "ɓ": "b", "ɗ": "d", "ɠ": "g",
    "tʃ": "ch", "dʒ": "jh", "tɕ": "ch", "dʑ": "jh", "ts": "t s", "dz": "d z", "ʈʂ": "ch",
    "ɖʐ": "jh", "tʂ": "ch", "dʐ": "jh", "pf": "p f", "cç": "ch",
    # nasals
    "m": "m", "n": "n", "ŋ": "ng", "ɲ": "n", "ɳ": "n", "ɱ": "v", "ɴ": "ng",
    # fricatives
    "f": "f", "v": "v", "θ": "th", "ð": "dh", "s": "s", "z": "z", "ʃ": "sh", "ʒ": "zh",
    "ʂ": "sh", "ʐ": "zh", "ɕ": "sh", "ʑ": "zh", "ç": "hh", "ʝ": "y", "x": "hh", "ɣ": "g",
    "χ": "hh", "ʁ": "r", "h": "hh", "ɦ": "hh", "ħ": "hh", "ʕ": "sil", "β": "v", "ɸ": "f",
    "ɬ": "l", "ɮ": "l",
    # liquids and glides
    "l": "l", "ɫ": "l", "ɭ": "l", "ʎ": "l", "ɹ": "r", "ɻ": "r", "r": "d", "ɾ": "d", "ɽ": "d",
    "ʀ": "r", "w": "w", "ʍ": "w", "ɥ": "w", "j": "y", "ɰ": "g", "ʋ": "v", "kw": "k w",
}  # fmt: skip
_IPA_PHONES = {key: tuple(value.split()) for key, value in _IPA.items()}
_IPA_LETTERS = frozenset("".join(_IPA))
_LONGEST_IPA = max(map(len, _IPA))


def from_ipa(text: str) -> tuple[str, ...]:
    """Phones of a short IPA string, such as one phoneme of espeak-ng.

    Length, stress, tone, ties, digits and diacritics are passed over, as are characters that are
    not known: a language with a rare sound loses the sound, not the sentence.

    Returns
    -------
    tuple of str
        Of `SYMBOLS`; empty if nothing in the text is a phone.
    """
    letters: list[str] = []
    for char in unicodedata.normalize("NFC", text):
        # A nasal vowel comes apart into the vowel and its tilde; c-cedilla is a sound of its own.
        whole = char in _IPA_LETTERS
        letters += [char] if whole else unicodedata.normalize("NFD", char)
    plain = "".join(letter for letter in letters if letter in _IPA_LETTERS)
    phones: list[str] = []
    at = 0
    while at < len(plain):
        for length in range(min(_LONGEST_IPA, len(plain) - at), 0, -1):
            found = _IPA_PHONES.get(plain[at : at + length])
            if found is not None:
                phones.extend(found)
                at += length
                break
        else:
            at += 1
    return tuple(phones)
