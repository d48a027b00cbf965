# ruff: noqa: RUF001 -- the letters and marks of the IPA are meant.

from rigtalk.training.corpus.stress import mark_stress, vowels_with_stress
from rigtalk.training.corpus.utterance import Phone


def phones(text: str) -> list[Phone]:
    return [Phone(i / 10, (i + 1) / 10, symbol) for i, symbol in enumerate(text.split())]


def test_stress_goes_to_the_vowel_after_the_mark() -> None:
    assert vowels_with_stress("bˈʌbəl ˌʌndɚ") == [("ah", 1), ("ah", 0), ("ah", 2), ("er", 0)]


def test_stress_is_marked_on_vowels_only() -> None:
    marked = mark_stress(phones("sil b ah b ah l sil"), "bˈʌbəl")
    assert [p.stress for p in marked] == [0, 0, 1, 0, 0, 0, 0]


def test_differing_vowels_are_paired_where_their_number_agrees() -> None:
    marked = mark_stress(phones("t ah m aa t ow"), "təmˈeɪtoʊ")
    assert [p.stress for p in marked] == [0, 0, 0, 1, 0, 0]


def test_vowels_without_partners_stay_unstressed() -> None:
    marked = mark_stress(phones("aa b iy uw"), "bˈiː")
    assert [p.stress for p in marked] == [0, 0, 1, 0]
    assert [p.stress for p in mark_stress(phones("aa b"), "")] == [0, 0]
