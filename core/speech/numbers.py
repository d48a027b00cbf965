"""Figures as people say them, in American English."""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["cardinal", "figures_in_words", "ordinal", "plural", "year"]

LARGEST = 999_999_999_999
"""Longer numbers are read digit by digit."""

_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
]  # fmt: skip
_TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_FRACTIONS = {
    "1/2": "one half", "1/3": "one third", "2/3": "two thirds", "1/4": "one quarter",
    "3/4": "three quarters",
}  # fmt: skip
_CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "sen", "sen"),
}
_SHORT_SCALES = {"k": "thousand", "m": "million", "bn": "billion", "b": "billion"}
_SIGNS = {
    "%": "percent", "&": "and", "@": "at", "+": "plus", "=": "equals", "°": "degrees", "¢": "cents",
    "#": "number", "-": "minus",
}  # fmt: skip


def cardinal(number: int) -> list[str]:
    """Words of a whole number from 0 to `LARGEST`: 123 is one hundred twenty three."""
    if number < 20:
        return [_ONES[number]]
    if number < 100:
        return [_TENS[number // 10], *(cardinal(number % 10) if number % 10 else ())]
    for size, name in (*_SCALES, (100, "hundred")):
        if number >= size:
            rest = cardinal(number % size) if number % size else []
            return [*cardinal(number // size), name, *rest]
    raise AssertionError  # pragma: no cover


def ordinal(number: int) -> list[str]:
    """Words of a place in an order: 21 is twenty first."""
    *before, last = cardinal(number)
    if last in _ORDINALS:
        return [*before, _ORDINALS[last]]
    return [*before, (last[:-1] + "ie" if last.endswith("y") else last.removesuffix("e")) + "th"]


def year(number: int) -> list[str]:
    """Words of a year from 1100 to 2099: 1984 is nineteen eighty four, 2005 two thousand five."""
    century, rest = divmod(number, 100)
    if century == 20 and rest < 10:
        return cardinal(number)
    if rest == 0:
        return [*cardinal(century), "hundred"]
    return [*cardinal(century), *(["oh"] if rest < 10 else []), *cardinal(rest)]


def plural(words: list[str]) -> list[str]:
    """Several of a number: eighties, sixes."""
    *before, last = words
    if last.endswith("y"):
        return [*before, last[:-1] + "ies"]
    return [*before, last + ("es" if last.endswith("x") else "s")]


def figures_in_words(text: str) -> str:
    """A text in which digits, and the signs that are said, have become words.

    Cardinals, ordinals (21st), decimals (3.5), years and decades (1984, the '80s), sums of money
    ($5, £3.50, $5 million), times of day (7:30 pm), shares (50%), halves to quarters (3/4).
    Figures that no rule is for are read digit by digit; no digit is left.

    Parameters
    ----------
    text : str
        As `rigtalk.core.speech.letters.plain_letters` gives it.
    """
    for pattern, said in _RULES:
        text = pattern.sub(said, text)
    return text


def _whole(digits: str) -> list[str]:
    """A figure without a point, with or without commas."""
    number = digits.replace(",", "")
    if "," not in digits and (len(number) > len(str(LARGEST)) or number[0] == "0" != number):
        return _one_by_one(number, zero="oh")
    if len(number) > len(str(LARGEST)):
        return _one_by_one(number, zero="zero")
    if "," not in digits and len(number) == 4 and 1100 <= int(number) < 2100:
        return year(int(number))
    return cardinal(int(number))


def _amount(digits: str) -> list[str]:
    """A figure that is no year, with or without a point."""
    whole, _, decimals = digits.replace(",", "").partition(".")
    if len(whole) > len(str(LARGEST)):
        words = _one_by_one(whole, zero="zero")
    else:
        words = cardinal(int(whole)) if whole else []
    return [*words, "point", *_one_by_one(decimals, zero="zero")] if decimals else words


def _one_by_one(digits: str, *, zero: str) -> list[str]:
    return [zero if digit == "0" else _ONES[int(digit)] for digit in digits]


def _money(found: re.Match[str]) -> str:
    one, many, _, small = _CURRENCIES[found["sign"]]
    digits, scale = found["sum"].replace(",", ""), (found["scale"] or "").strip().lower()
    if scale:
        return _spaced([*_amount(digits), _SHORT_SCALES.get(scale, scale), many])
    whole, _, part = digits.partition(".")
    if len(part) != 2:
        return _spaced([*_amount(digits), one if digits == "1" else many])
    words = [*_amount(whole), one if whole == "1" else many] if whole.strip("0") else []
    if int(part):
        cents = _CURRENCIES[found["sign"]][2] if int(part) == 1 else small
        words += [*(["and"] if words else []), *cardinal(int(part)), cents]
    return _spaced(words or ["zero", many])


def _time(found: re.Match[str]) -> str:
    hour, minute = int(found["hour"]), int(found["minute"])
    half = found["half"]
    words = cardinal(hour)
    if minute:
        words += [*(["oh"] if minute < 10 else []), *cardinal(minute)]
    elif not half:
        words += ["o'clock"] if 0 < hour <= 12 else ["hundred"]
    return _spaced([*words, *_half(half)])


def _half(letter: str | None) -> list[str]:
    """Before or after noon, as the dictionary spells letters."""
    return [f"{letter.lower()}.m."] if letter else []


def _in_order(digits: str) -> list[str]:
    number = digits.replace(",", "")
    if len(number) > len(str(LARGEST)):
        return _one_by_one(number, zero="zero")
    return ordinal(int(number))


def _digits(found: re.Match[str]) -> str:
    return _spaced(_one_by_one(re.sub("[^0-9]", "", found[0]), zero="oh"))


def _sign(found: re.Match[str]) -> str:
    return f" {_SIGNS[found[0].strip()]} "


def _spaced(words: list[str], between: str = " ") -> str:
    return f" {between.join(words)} "


_NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)"
_HALF_DAY = r"(?:\s?(?P<half>[ap])\.?m\b\.?)"
_Said = Callable[[re.Match[str]], str]
_RULES: tuple[tuple[re.Pattern[str], _Said], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), said)
    for pattern, said in (
        # First what no rule is for, lest one of them look at it from every place in it.
        (r"[0-9][0-9.,]{39,}", _digits),
        (
            rf"(?P<sign>[$£€¥])\s?(?P<sum>{_NUMBER}(?:\.[0-9]+)?|\.[0-9]+)"
            r"(?P<scale>\s(?:hundred|thousand|million|billion|trillion)\b|(?:k|m|bn|b)\b)?",
            _money,
        ),
        (
            r"(?<![0-9:.,])(?P<hour>[01]?[0-9]|2[0-4]):(?P<minute>[0-5][0-9])(?![0-9])"
            rf"{_HALF_DAY}?",
            _time,
        ),
        (
            rf"(?<![0-9:.,])(?P<hour>1[0-2]|[1-9]){_HALF_DAY}",
            lambda found: _spaced([*cardinal(int(found["hour"])), *_half(found["half"])]),
        ),
        (r"(?<=[0-9])\s+(?=[123]/[234](?![0-9/]))", lambda found: " and "),
        (
            r"(?<![0-9/])[123]/[234](?![0-9/])",
            lambda found: f" {_FRACTIONS.get(found[0]) or found[0].replace('/', ' ')} ",
        ),
        (r"(?<=[0-9])\s?[%°¢]", _sign),
        (r"[+#](?=\s?[0-9])|(?<![^\s(])-(?=[0-9.])|(?<=[0-9])\s?=(?=\s?[0-9])|[&@]", _sign),
        (rf"({_NUMBER})(?:st|nd|rd|th)\b", lambda found: _spaced(_in_order(found[1]))),
        (rf"'?({_NUMBER})'?s\b", lambda found: _spaced(plural(_whole(found[1])))),
        # The points of 1.2.3 are all said.
        (
            r"[0-9]+(?:\.[0-9]+){2,}",
            lambda found: _spaced([" ".join(_whole(n)) for n in found[0].split(".")], " point "),
        ),
        (rf"(?:{_NUMBER})?\.[0-9]+", lambda found: _spaced(_amount(found[0]))),
        (_NUMBER, lambda found: _spaced(_whole(found[0]))),
    )
)
