"""Figures as people say them."""

import random
import time

import pytest

from rigtalk.core.speech.numbers import (
    LARGEST,
    cardinal,
    figures_in_words,
    ordinal,
    plural,
    year,
)

VALUES = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}


def value(words: list[str]) -> int:
    """The number that words are."""
    total = part = 0
    for word in words:
        if word == "hundred":
            part *= 100
        elif word in SCALES:
            total, part = total + part * SCALES[word], 0
        else:
            part += VALUES[word]
    return total + part


def test_cardinals_say_their_number() -> None:
    draw = random.Random(1)  # noqa: S311 -- nothing secret
    some = [draw.randrange(10 ** draw.randrange(1, 13)) for _ in range(2000)]
    for number in [*range(2100), *some, LARGEST]:
        words = cardinal(number)
        assert value(words) == number
        assert number == 0 or "zero" not in words


def test_cardinals_leave_out_and() -> None:
    assert " ".join(cardinal(1_234_567)) == (
        "one million two hundred thirty four thousand five hundred sixty seven"
    )


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "first"), (2, "second"), (3, "third"), (5, "fifth"), (8, "eighth"), (9, "ninth"),
     (12, "twelfth"), (20, "twentieth"), (21, "twenty first"), (100, "one hundredth"),
     (1000, "one thousandth")],
)  # fmt: skip
def test_ordinals(number: int, said: str) -> None:
    assert " ".join(ordinal(number)) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [(1984, "nineteen eighty four"), (1905, "nineteen oh five"), (1900, "nineteen hundred"),
     (1100, "eleven hundred"), (2000, "two thousand"), (2007, "two thousand seven"),
     (2010, "twenty ten"), (2099, "twenty ninety nine")],
)  # fmt: skip
def test_years(number: int, said: str) -> None:
    assert " ".join(year(number)) == said


def test_plurals() -> None:
    assert plural(["nineteen", "eighty"]) == ["nineteen", "eighties"]
    assert plural(["six"]) == ["sixes"]
    assert plural(["hundred"]) == ["hundreds"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0", "zero"),
        ("in 1984", "in nineteen eighty four"),
        ("1,984 men", "one thousand nine hundred eighty four men"),
        ("1066", "one thousand sixty six"),
        ("2100", "two thousand one hundred"),
        ("3.5", "three point five"),
        (".05", "point zero five"),
        ("1984.5", "one thousand nine hundred eighty four point five"),
        ("1.2.3", "one point two point three"),
        ("21st, 1,000TH", "twenty first , one thousandth"),
        ("the '80s", "the eighties"),
        ("1980s 1980's", "nineteen eighties nineteen eighties"),
        ("$5", "five dollars"),
        ("$1", "one dollar"),
        ("$1.", "one dollar ."),
        ("$1500", "one thousand five hundred dollars"),
        ("£3.50", "three pounds and fifty pence"),
        ("$0.01", "one cent"),
        ("$0.00", "zero dollars"),
        ("$2.5 million", "two point five million dollars"),
        ("€2bn", "two billion euros"),
        ("50%", "fifty percent"),
        ("20°", "twenty degrees"),
        ("you & me", "you and me"),
        ("7:30", "seven thirty"),
        ("7:05 pm", "seven oh five p.m."),
        ("7:00", "seven o'clock"),
        ("7:00 a.m. now", "seven a.m. now"),
        ("5pm", "five p.m."),
        ("19:00", "nineteen hundred"),
        ("99:99", "ninety nine : ninety nine"),
        ("1/2", "one half"),
        ("3 3/4", "three and three quarters"),
        ("3/2", "three two"),
        ("9/11", "nine / eleven"),
        ("-5", "minus five"),
        ("10-20", "ten - twenty"),
        ("#1", "number one"),
        ("2+2=4", "two plus two equals four"),
        ("007", "oh oh seven"),
        ("B2B", "B two B"),
        ("999999999999", " ".join(cardinal(LARGEST))),
        ("1000000000000", "one" + 12 * " oh"),
        ("1,000,000,000,000", "one" + 12 * " zero"),
        ("1,000,000,000,000th", "one" + 12 * " zero"),
        ("$1,000,000,000,000.50", "one" + 12 * " zero" + " dollars and fifty cents"),
        ("=====", "====="),
    ],
)
def test_figures(text: str, said: str) -> None:
    assert figures_in_words(text).split() == said.split()


def test_no_digit_is_left() -> None:
    draw = random.Random(2)  # noqa: S311 -- nothing secret
    for _ in range(3000):
        text = "".join(draw.choices("0123456789.,:/$£%- asthndkm#'+=", k=draw.randrange(1, 24)))
        assert not any(char.isdigit() for char in figures_in_words(text)), text


@pytest.mark.parametrize("piece", ["1", "1,", "1.1", "1,111", "7:30", "1/2", "1st", "$1", "1 "])
def test_long_texts_take_no_longer_than_they_are_long(piece: str) -> None:
    began = time.perf_counter()
    figures_in_words(piece * (100_000 // len(piece)))
    # A tenth of a second or three; where time grows with the square, minutes.
    assert time.perf_counter() - began < 5
