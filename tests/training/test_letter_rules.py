"""Letters matched with phones, and rules learnt from that."""

from rigtalk.core.speech.spelling import OFFSETS, contexts, spell
from rigtalk.training.letter_rules import learn, match

WORDS = {
    word: tuple(phones.split())
    for word, phones in {
        "map": "m ae p", "pam": "p ae m", "bat": "b ae t", "tab": "t ae b", "mat": "m ae t",
        "pat": "p ae t", "tap": "t ae p", "bam": "b ae m", "pop": "p aa p", "mop": "m aa p",
        "top": "t aa p", "bob": "b aa b", "mob": "m aa b", "tom": "t aa m", "pot": "p aa t",
        "phot": "f aa t", "phat": "f ae t", "phob": "f aa b", "ham": "hh ae m", "hat": "hh ae t",
        "hop": "hh aa p", "hot": "hh aa t", "ax": "ae k s", "max": "m ae k s", "box": "b aa k s",
        "pox": "p aa k s", "lamb": "l ae m", "lab": "l ae b", "lap": "l ae p", "tomb": "t aa m",
    }.items()
}  # fmt: skip


def test_letters_meet_their_phones() -> None:
    matched = match(WORDS)
    assert matched.keys() == WORDS.keys()
    for word, phones in WORDS.items():
        assert len(matched[word]) == len(word)
        assert sum(matched[word], ()) == phones
        assert max(map(len, matched[word])) <= 2
    assert matched["map"] == (("m",), ("ae",), ("p",))
    assert matched["lamb"] == (("l",), ("ae",), ("m",), ())


def test_what_is_not_said_as_written_is_left_out() -> None:
    triple_a = ("t", "r", "ih", "p", "ah", "l", "ey")
    odd = {"aaa": triple_a, "map": ("m", "ae", "p"), "silent": ()}
    assert match(odd).keys() == {"map"}
    assert match({}) == {}
    assert learn({}) == {}


def test_rules_say_what_they_were_learnt_from() -> None:
    rules = learn(WORDS)
    assert {word: spell(word, rules) for word in WORDS} == WORDS


def test_rules_say_more_than_they_were_learnt_from() -> None:
    rules = learn(WORDS)
    assert spell("photab", rules) == ("f", "aa", "t", "ae", "b")
    assert spell("bomb", rules) == ("b", "aa", "m")
    assert spell("mappax", rules) == ("m", "ae", "p", "ae", "k", "s")


def test_every_rule_changes_what_is_said() -> None:
    rules = learn(WORDS)
    assert len(rules) < sum(map(len, WORDS))
    for place, phones in rules.items():
        shorter = [rules[place[:n]] for n in range(1, len(place)) if place[:n] in rules]
        assert not shorter or shorter[-1] != phones


def test_the_same_words_give_the_same_rules_in_any_order() -> None:
    assert learn(dict(reversed(WORDS.items()))) == learn(WORDS)


def test_contexts() -> None:
    first, second, _ = contexts("map")
    assert (first[0], second[0]) == ("m", "a")
    framed = "____map____"
    for at, around in enumerate(contexts("map"), 4):
        assert around[1:] == "".join(framed[at + offset] for offset in OFFSETS)


def test_letters_without_rules_are_passed_over() -> None:
    assert spell("", {"a": ("ae",)}) == ()
    assert spell("zaz", {"a": ("ae",)}) == ("ae",)
