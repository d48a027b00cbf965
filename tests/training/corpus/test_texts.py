import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from rigtalk.training.corpus.lexicon import Lexicon, dictionary
from rigtalk.training.corpus.lines import PHRASES
from rigtalk.training.corpus.texts import Writer, public_domain_sentences
from rigtalk.training.corpus.vocabulary import PATTERNS, WORDS, WORLD


def test_the_same_seed_writes_the_same() -> None:
    first, second = Writer(3), Writer(3)
    written = [first.english() for _ in range(20)]
    assert written == [second.english() for _ in range(20)]
    assert len(set(written)) > 15


def test_patterns_are_filled() -> None:
    writer = Writer(0)
    keys = {"noun", "verb", "adjective", "adverb", "pronoun", "preposition"}
    for _ in range(300):
        sentence = writer.english()
        assert not keys & set(sentence.replace(",", " ").replace(".", " ").split()), sentence
        assert " a a" not in sentence


def test_sentences_and_rare_words_are_drawn_from_what_is_given() -> None:
    rare = Lexicon({"qwertz": ("k", "w", "er", "t", "s")})
    writer = Writer(1, sentences=("call me ishmael",), lexicon=rare)
    written = [writer.english() for _ in range(100)]
    assert any(text == "call me ishmael" for text in written)
    assert any("qwertz" in text for text in written)
    assert any(text in PHRASES for text in written)


@pytest.mark.parametrize("language", WORLD)
def test_foreign_text_is_made_of_its_words(language: str) -> None:
    words = Writer(2).foreign(language).split()
    assert 4 <= len(words) <= 10
    assert set(words) <= set(WORLD[language].split())


def test_every_pattern_uses_known_classes() -> None:
    assert all(any(kind in pattern for kind in WORDS) for pattern in PATTERNS)


def test_lines_are_short_and_long_asked_and_called() -> None:
    writer = Writer(5, sentences=("it was born here and moved away",))
    written = [writer.english() for _ in range(1000)]
    assert sum(len(line.split()) <= 2 for line in written) > 70
    assert sum(line.endswith("?") for line in written) > 50
    assert sum(line.endswith("!") for line in written) > 30
    assert sum(any(letter.isdigit() for letter in line) for line in written) > 20


def test_an_hour_holds_the_pairs_of_english() -> None:
    pytest.importorskip("pocketsphinx", reason="its dictionary tells how words are said")
    lexicon = dictionary()
    writer = Writer(6, lexicon=lexicon)
    seen: set[tuple[str, str]] = set()
    lips = Counter[tuple[str, str]]()
    for _ in range(1500):
        said: list[str] = []
        for word in re.findall(r"[a-z']+", writer.english().lower()):
            said += lexicon.phones.get(word, ())
        seen.update(pairwise(said))
        lips.update(pair for pair in pairwise(said) if set(pair) & set("pbmfv"))
    usual = {pair for pair, words in lexicon.by_pair.items() if len(words) >= 20}
    assert len(seen & usual) / len(usual) > 0.9
    beside_lips = {pair for pair in usual if set(pair) & set("pbmfv")}
    assert len(lips.keys() & beside_lips) / len(beside_lips) > 0.93


def test_books_are_cut_into_sentences(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text(
        "path,language,transcript,licence\n"
        'a.flac,en,"One. It was BORN here; and moved away!",Public domain (LibriVox)\n'
        'b.flac,en,"somebody owns this sentence here",CC BY-SA 4.0\n'
        'c.flac,de,"das ist ein freier Satz",Public domain\n',
        encoding="utf-8",
    )
    assert public_domain_sentences(tmp_path) == ("it was born here", "and moved away!")


def test_no_books_no_sentences(tmp_path: Path) -> None:
    assert public_domain_sentences(tmp_path) == ()
