"""How English words are said."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.speech import dictionary
from rigtalk.core.speech.dictionary import WORDS, knows, pronunciations
from rigtalk.core.speech.phones import SEALED, SILENCE, SYMBOLS


def lips(word: str) -> str:
    """What closes the lips in the likeliest way."""
    return "".join(phone for phone in pronunciations(word)[0] if phone in SEALED)


@pytest.mark.parametrize(
    ("word", "ways"),
    [
        ("map", ["m ae p"]),
        ("Map", ["m ae p"]),
        ("a", ["ah", "ey"]),
        ("f.", ["eh f"]),
        ("don't", ["d ow n t", "d ow n"]),
        ("bubble's", ["b ah b ah l z"]),
        ("noooooo", ["n ow"]),
        ("hmmmm", ["hh m"]),
        ("café", ["k ah f ey", "k ae f ey"]),
        ("7", ["s eh v ah n"]),
    ],
)
def test_known_words(word: str, ways: list[str]) -> None:
    assert [" ".join(way) for way in pronunciations(word)] == ways


def test_what_is_known() -> None:
    assert knows("fireplace")
    assert knows("MAP")
    assert knows("u.s.")
    for word in ("zorblax", "bubble's", "", "7", "привет"):
        assert not knows(word)


@pytest.mark.parametrize(
    ("word", "closed"),
    [
        ("bumblepuppy", "bmbpp"),
        ("cupholder", "p"),
        ("phlorbed", "b"),
        ("psychoblob", "bb"),
        ("zamble", "mb"),
        ("zambing", "m"),
        ("pomplamoosed", "pmpm"),
        ("frobnicating", "b"),
        ("xyzzy", ""),
        ("zorblax's", "b"),
    ],
)
def test_lips_of_words_that_nobody_knows(word: str, closed: str) -> None:
    assert not knows(word)
    assert lips(word) == closed


def test_a_word_of_two_known_ones_is_said_both_ways() -> None:
    ways = map(" ".join, pronunciations("cupholder"))
    assert "k ah p hh ow l d er" in ways


def test_what_may_be_an_abbreviation_is_also_spelt() -> None:
    assert "b iy z iy aa r p iy" in map(" ".join, pronunciations("bzrp"))


def test_several_words_follow_each_other() -> None:
    assert pronunciations("bob zorb") == (pronunciations("bob")[0] + pronunciations("zorb")[0],)


@pytest.mark.parametrize(
    "word",
    ["", " ", "'", "...", "привет", "中文", "\x00", "😀", "é", "q", "zzzz", "bcdfg", "'''s",
     "x's's", "-", "12,000.5", "a" * 10_000, "bcd" * 4_000, "'s" * 5_000, "é" * 5_000,
     "9" * 10_000],
    ids=lambda word: ascii(word[:6]),
)  # fmt: skip
def test_anything_is_said_in_bounded_time(word: str) -> None:
    began = time.perf_counter()
    ways = pronunciations(word)
    assert time.perf_counter() - began < 3  # with the dictionary's loading, on a busy machine
    assert ways
    for way in ways:
        assert way
        assert set(way) <= set(SYMBOLS) - {SILENCE}


def test_loading_is_quick_and_needs_nothing_that_is_optional() -> None:
    code = (
        "import sys, time; sys.modules['pocketsphinx'] = None\n"
        "from rigtalk.core.speech.dictionary import knows\n"
        "began = time.process_time(); assert knows('map'); print(time.process_time() - began)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    # 0.15 s where nothing else runs; a machine may be slower and busy.
    assert float(done.stdout) < 1


def test_the_file_is_small_and_comes_with_its_terms() -> None:
    assert WORDS.stat().st_size < 1_000_000
    terms = WORDS.with_suffix(".md").read_text("utf-8")
    assert "Carnegie Mellon University" in terms
    assert "Redistributions in binary form" in terms


@pytest.fixture
def no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def forget() -> None:
        pronunciations.cache_clear()
        dictionary._vocabulary.cache_clear()

    monkeypatch.setattr(dictionary, "WORDS", tmp_path / "words.xz")
    forget()
    yield
    forget()


@pytest.mark.usefixtures("no_file")
def test_without_its_file_it_says_what_to_do() -> None:
    for ask in (knows, pronunciations):
        with pytest.raises(RigtalkError, match=r"words\.xz.*install rigtalk again"):
            ask("map")
