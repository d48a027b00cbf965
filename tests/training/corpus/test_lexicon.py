import numpy as np
import pytest

from rigtalk.training.corpus.lexicon import Lexicon, dictionary

SMALL = Lexicon({"map": ("m", "ae", "p"), "pea": ("p", "iy"), "sun": ("s", "ah", "n"), "": ()})


def test_words_are_found_by_their_phones() -> None:
    assert SMALL.words == ("map", "pea", "sun")
    assert SMALL.by_pair[("m", "ae")] == ("map",)
    assert SMALL.by_first["p"] == ("pea",)
    assert SMALL.by_last["p"] == ("map",)


def test_lips_are_asked_for(rng: np.random.Generator) -> None:
    said = [SMALL.with_pair(rng, lips=1.0) for _ in range(100)]
    assert {"map pea", "map", "sun map", "pea"} <= set(said)
    lexicon = Lexicon({"bib": ("b", "ih", "b"), "sit": ("s", "ih", "t"), "easy": ("iy", "z", "iy")})
    shares = [
        np.mean(["bib" in lexicon.with_pair(rng, lips=lips) for _ in range(400)])
        for lips in (0.0, 1.0)
    ]
    assert shares[1] > shares[0] + 0.05


def test_nothing_is_false() -> None:
    assert not Lexicon({})
    assert SMALL


def test_dictionary_words_are_plain() -> None:
    pytest.importorskip("pocketsphinx", reason="its dictionary is used")
    lexicon = dictionary()
    assert len(lexicon.words) > 100_000
    assert all(word.replace("'", "").isalpha() for word in lexicon.words[:1000])
    assert lexicon.phones["bubble"] == ("b", "ah", "b", "ah", "l")
    assert len(lexicon.by_pair) > 1000
