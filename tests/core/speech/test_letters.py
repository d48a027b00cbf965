"""Letters as English has them."""

import sys

import pytest

from rigtalk.core.speech.letters import plain_letters


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("naïve café", "naive cafe"),
        ("Straße Ærø Łódź Þór", "Strasse Aero Lodz Thor"),
        ("it’s ‘so’ `so\u00b4", "it's 'so' 'so'"),
        ("na\u00advi\u200bty\ufeff", "navity"),
        ("ﬁne ａｂｃ", "fine abc"),  # noqa: RUF001 -- the wide letters are meant
        ("\u0663 and \u096a", "3 and 4"),
        ("one\u2014two\u2013three", "one-two-three"),
        ("a\x00b\tc\n", "a b c "),
        ("so…", "so..."),
        ("£5 and 5°", "£5 and 5°"),
    ],
)
def test_says_the_same(text: str, plain: str) -> None:
    assert plain_letters(text) == plain


def test_what_english_lacks_parts_words() -> None:
    assert plain_letters("hi😀there").split() == ["hi", "there"]
    assert not plain_letters("привет").strip()


def test_every_character_is_read() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    left = {char for char in plain_letters(every) if not char.isascii()}
    assert left == set("£€¥¢°")
    assert plain_letters(every).isprintable()
