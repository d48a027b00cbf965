"""Letters as English has them: without accents, in one width, with one kind of apostrophe."""

# ruff: noqa: RUF001 -- letters and signs that look like others are what this is about.

from __future__ import annotations

import unicodedata

__all__ = ["plain_letters"]

_APOSTROPHES = "\u2018\u2019\u201b\u2032\u02b9\u02bb\u02bc\u02bd\u0060\u00b4\uff07"
_SPELT = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ø": "o", "Ø": "O",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
    "ħ": "h", "Ħ": "H", "ı": "i", "ŋ": "ng", "Ŋ": "Ng", "ə": "e", "ſ": "s",
    "½": " 1/2 ", "¼": " 1/4 ", "¾": " 3/4 ", "⅓": " 1/3 ", "⅔": " 2/3 ", "⁄": "/", "−": "-",
    "™": " ",
}  # fmt: skip
_KEPT = frozenset("£€¥¢°")
"""Signs that are said with the figures beside them."""
_TABLE = str.maketrans({**dict.fromkeys(_APOSTROPHES, "'"), **_SPELT})


def plain_letters(text: str) -> str:
    """A text in ASCII, as far as that says the same.

    Accents go; letters such as ß and æ become those that English has for them; digits of every
    script become 0 to 9. Signs for nothing that is seen, as soft hyphens, go; all other characters,
    as emoji and letters of other scripts, become spaces.
    """
    if text.isascii():
        return "".join([char if char.isprintable() else " " for char in text])
    found: list[str] = []
    for char in unicodedata.normalize("NFKD", text.translate(_TABLE)).translate(_TABLE):
        kind = unicodedata.category(char)
        if char.isascii():
            found.append(char if char.isprintable() else " ")
        elif kind == "Nd":
            found.append(str(unicodedata.decimal(char)))
        elif char in _KEPT:
            found.append(char)
        elif kind not in ("Mn", "Me", "Cf"):
            found.append("-" if kind == "Pd" else " ")
    return "".join(found)
