"""Every text that is shown is translated, and nothing else is."""

from __future__ import annotations

import re
from string import Formatter

import bpy
import pytest

from rigtalk.blender_addon.translations.registration import CONTEXTS, FOLDER, tables
from rigtalk.blender_addon.translations.text import OURS, translated

from .texts import our_operators, put_together, shown_texts

LOCALES = ("ja_JP", "zh_HANS")
SCRIPTS = {"ja_JP": "[\u3040-\u30ff\u4e00-\u9fff]", "zh_HANS": "[\u4e00-\u9fff]"}
NAMES = {
    *("Cycles", "Godot", "PLY", "RigTalk", "RigTalk JSON", "SPZ", "USD", "Unity", "Workbench"),
    "glTF",
}
"""Called the same in every language."""
STOPS = (".", "。", "．")  # noqa: RUF001 - as they are written


@pytest.fixture
def texts(extension) -> set[str]:
    return shown_texts(FOLDER.parent)


def fields(text: str) -> list[str]:
    """What a text has filled in."""
    return [f"{name}:{form}" for _, name, form, _ in Formatter().parse(text) if name is not None]


def test_there_is_a_table_for_each_language():
    assert tuple(tables()) == LOCALES


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_is_translated(locale, texts):
    known = {english for _, english in tables()[locale]}
    missing = sorted(texts - known)
    assert not missing, f"{len(missing)} texts have no {locale}: {missing[:10]}"


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_is_translated_that_is_not_shown(locale, texts):
    left = sorted({english for _, english in tables()[locale]} - texts)
    assert not left, f"{len(left)} texts are shown nowhere: {left[:10]}"


@pytest.mark.parametrize("locale", LOCALES)
def test_a_translation_is_in_its_script_and_has_the_same_filled_in(locale):
    for (_, english), text in tables()[locale].items():
        assert re.search(SCRIPTS[locale], text) or english in NAMES, (english, text)
        assert fields(english) == fields(text), (english, text)
        assert not text.endswith(STOPS), text  # Blender adds them to tooltips


@pytest.mark.parametrize("locale", LOCALES)
def test_blender_is_given_every_text_in_every_context(locale):
    found = tables()[locale]
    assert {context for context, _ in found} == set(CONTEXTS) == {"*", "Operator", OURS}
    assert len(found) == len(CONTEXTS) * len({english for _, english in found})


def test_what_is_put_together_is_translated_before():
    assert put_together(FOLDER.parent) == []


def test_tooltips_are_one_line_without_a_stop(extension):
    # Python 3.13 takes the indentation out of docstrings, and the table would not match.
    for name, rna in our_operators().items():
        assert "\n" not in rna.description, name
        assert not rna.description.endswith(STOPS), name


def test_values_take_the_place_of_the_braces():
    assert translated("{} of {} lines", 2, 3) == "2 of 3 lines"
    assert translated("100%") == "100%"


@pytest.mark.skipif(not bpy.app.translations.locales, reason="this Blender speaks English only")
@pytest.mark.parametrize("locale", LOCALES)
def test_blender_shows_them(locale, extension):
    view = bpy.context.preferences.view
    before = view.language, view.use_translate_interface
    try:
        view.language, view.use_translate_interface = locale, True
        english = "Animate characters with their lines, in one undoable step"
        shown = bpy.app.translations.pgettext_tip(english)
        assert shown == tables()[locale]["*", english]
    finally:
        view.language, view.use_translate_interface = before
