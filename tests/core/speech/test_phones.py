# ruff: noqa: RUF001 -- the letters of the IPA are meant.

import pytest

from rigtalk.core.speech.phones import (
    LABIODENTAL,
    PHONES,
    ROUNDED,
    SEALED,
    SYMBOLS,
    VISEMES,
    VOWELS,
    from_arpabet,
    from_ipa,
)


def test_inventory_is_arpabet_and_silence() -> None:
    assert len(SYMBOLS) == 40
    assert SYMBOLS[0] == "sil"
    assert {facts.viseme for facts in PHONES.values()} == set(VISEMES)
    assert len(VOWELS) == 15
    for facts in PHONES.values():
        assert 0 <= facts.openness <= 1
        assert 0 <= facts.rounding <= 1
        assert 0 <= facts.spread <= 1
        assert not (facts.rounding > 0.3 and facts.spread > 0.3)


def test_lip_classes_agree_with_the_facts() -> None:
    assert {s for s, f in PHONES.items() if f.viseme == "pp"} == SEALED
    assert {s for s, f in PHONES.items() if f.viseme == "ff"} == LABIODENTAL
    assert all(PHONES[s].openness == 0 for s in SEALED)
    assert {"w", "uw", "ow", "ao", "uh", "sh", "ch", "r"} <= ROUNDED
    assert not ROUNDED & (SEALED | LABIODENTAL)


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("AH0", ("ah", 0)),
        ("iy1", ("iy", 1)),
        ("OW2", ("ow", 2)),
        ("ax", ("ah", 0)),
        ("pau", ("sil", 0)),
        ("SIL", ("sil", 0)),
        ("+NSE+", ("sil", 0)),
        ("dx", ("d", 0)),
    ],
)
def test_from_arpabet(symbol: str, expected: tuple[str, int]) -> None:
    assert from_arpabet(symbol) == expected


def test_from_arpabet_rejects_what_it_does_not_know() -> None:
    with pytest.raises(KeyError):
        from_arpabet("xyzzy")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p", ("p",)),
        ("tʃ", ("ch",)),
        ("t͡ʃ", ("ch",)),
        ("t͡s", ("t", "s")),
        ("aɪ", ("ay",)),
        ("ˈiː", ("iy",)),
        ("oːɹ", ("ow", "r")),
        ("ɑ̃", ("aa",)),
        ("ã", ("aa",)),
        ("ç", ("hh",)),
        ("ɜː", ("er",)),
        ("pʰ", ("p",)),
        ("_:", ()),
    ],
)
def test_from_ipa(text: str, expected: tuple[str, ...]) -> None:
    assert from_ipa(text) == expected
