"""The words of a text, as somebody would say them."""

import subprocess
import sys
import time

import pytest

from rigtalk.core.speech.dictionary import knows
from rigtalk.core.speech.words import spoken_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don\u2019t move, Bob!", "don't move bob"),
        ("the dogs' bowl", "the dogs bowl"),
        ("yes <VOCNOISE> [adif] 7", "yes adif seven"),
        ("'quoted'", "quoted"),
        ("“Café”—naïve", "cafe naive"),
        ("mother-in-law and/or me", "mother in law and or me"),
        ("<i>Hello</i> (softly) you", "hello softly you"),
        ("[laughs] Well [door slams], then", "well then"),
        ("at 7:30 on May 21st 1984", "at seven thirty on may twenty first nineteen eighty four"),
        ("rock & roll o'clock", "rock and roll o'clock"),
        ("meet at 5pm.", "meet at five p. m."),
        ("the XQZ met XQZs", "the x. q. z. met x. q. z.'s"),
        ("the XQZ's men", "the x. q. z.'s men"),
        ("the FBI", "the fbi"),
        ("the U.S. and U.S.A. e.g. here", "the u. s. and u. s. a. e. g. here"),
        ("the U.S.'s plan B. I go", "the u. s.'s plan b i go"),
        ("a B2B MP3", "a b two b m. p. three"),
        ("I WANT ZORB NOW", "i want zorb now"),
        ("I WANT XQZ NOW", "i want x. q. z. now"),
        ("the ZORB", "the z. o. r. b."),
        ("hi 😀\x00there\u200b!", "hi there"),
        ("na\u00adme", "name"),
        ("", ""),
        (" \n\t", ""),
        ("...!?", ""),
        ("[laughs]", ""),
        ("привет", ""),
        ("< > [ ] ' '' [[adif] <b", "adif b"),
    ],
)  # fmt: skip
def test_words(text: str, words: str) -> None:
    assert spoken_words(text) == words.split()


def test_letters_are_spelt_as_the_dictionary_spells_them() -> None:
    for letter in "abcdefghijklmnopqrstuvwxyz":
        (name,) = spoken_words(f"so {letter}.{letter}.")[1:2]
        assert name == f"{letter}."
        assert knows(name)


@pytest.mark.parametrize("piece", ["<", "[", "[a", "<a ", "a.", "'", "A", "a'", "é1", "& "])
def test_long_texts_take_no_longer_than_they_are_long(piece: str) -> None:
    began = time.perf_counter()
    spoken_words(piece * (100_000 // len(piece)))
    assert time.perf_counter() - began < 5


def test_needs_nothing_that_is_optional() -> None:
    code = (
        "import sys; sys.modules['pocketsphinx'] = None\n"
        "from rigtalk.core.speech.words import spoken_words\n"
        "print(*spoken_words('Map 1 [laughs]'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["map", "one"]
