"""Words whose parts are known."""

import pytest

from rigtalk.core.speech.endings import Ways, joined, with_ending

KNOWN = {
    word: tuple(tuple(way.split()) for way in ways.split(","))
    for word, ways in {
        "map": "m ae p", "bob": "b aa b", "box": "b aa k s", "bake": "b ey k", "cry": "k r ay",
        "plan": "p l ae n", "plane": "p l ey n", "want": "w aa n t,w ao n t", "call": "k ao l",
        "cal": "k ae l", "gentle": "jh eh n t ah l", "happy": "hh ae p iy", "fire": "f ay er",
        "place": "p l ey s", "basic": "b ey s ih k", "scale": "s k ey l", "robe": "r ow b",
        "glas": "g l aa s", "lamp": "l ae m p", "post": "p ow s t", "it": "ih t",
    }.items()
}  # fmt: skip


def known(word: str) -> Ways:
    return KNOWN.get(word, ())


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("maps", "m ae p s"),
        ("bob's", "b aa b z"),
        ("box's", "b aa k s ih z"),
        ("boxes", "b aa k s ih z"),
        ("bakes", "b ey k s"),
        ("cries", "k r ay z"),
        ("cried", "k r ay d"),
        ("baked", "b ey k t"),
        ("robed", "r ow b d"),
        ("planed", "p l ey n d"),
        ("planned", "p l ae n d"),
        ("called", "k ao l d"),
        ("planning", "p l ae n ih ng"),
        ("baking", "b ey k ih ng"),
        ("gently", "jh eh n t l iy"),
        ("scaly", "s k ey l iy"),
        ("happily", "hh ae p ah l iy"),
        ("basically", "b ey s ih k l iy"),
        ("happiness", "hh ae p iy n ah s"),
        ("baker", "b ey k er"),
        ("bob'll", "b aa b ah l"),
        ("it's", "ih t s"),
    ],
)
def test_endings(word: str, said: str) -> None:
    assert with_ending(word, known) == (tuple(said.split()),)


def test_every_way_gets_the_ending() -> None:
    assert with_ending("wanted", known) == (
        ("w", "aa", "n", "t", "ih", "d"),
        ("w", "ao", "n", "t", "ih", "d"),
    )


@pytest.mark.parametrize("word", ["", "s", "'s", "its", "glass", "zorbs", "ing", "ly"])
def test_what_is_no_known_word_with_an_ending(word: str) -> None:
    assert with_ending(word, known) == ()


def test_compounds() -> None:
    assert joined("fireplace", known) == (("f", "ay", "er", "p", "l", "ey", "s"),)
    assert len(joined("wantplace", known)) == 2
    # The p that both have is said once.
    assert joined("lamppost", known) == (("l", "ae", "m", "p", "ow", "s", "t"),)


@pytest.mark.parametrize("word", ["", "fire", "fireit", "firezorb", "itplace"])
def test_what_is_no_compound(word: str) -> None:
    assert joined(word, known) == ()
