"""Text fits into a sidebar."""

from rigtalk.blender_addon.ui.words import wrapped


def test_lines_are_short_and_nothing_is_lost():
    text = "the recording nowhere.wav does not exist: choose another one, or add it again"
    assert " ".join(wrapped(text)) == text
    assert max(map(len, wrapped(text))) <= 38


def test_a_long_word_stays_whole():
    assert wrapped("a " + "b" * 50) == ["a", "b" * 50]


def test_nothing_is_one_empty_line():
    assert wrapped("") == [""]
