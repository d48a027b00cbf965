"""Every text that is shown is translated, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

import bpy
import pytest

from rigtalk.blender_addon.translations.registration import CONTEXTS, FOLDER, tables

from .texts import shown_texts

LOCALES = ("ja_JP", "zh_HANS")
SCRIPTS = {"ja_JP": "[\u3040-\u30ff\u4e00-\u9fff]", "zh_HANS": "[\u4e00-\u9fff]"}


@pytest.fixture
def texts(extension) -> set[str]:
    return shown_texts(FOLDER.parent)


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
def test_translations_are_in_their_script_and_keep_placeholders(locale):
    for (_, english), text in tables()[locale].items():
        assert re.search(SCRIPTS[locale], text) or len(english) <= 12, (english, text)
        assert re.findall(r"\{\w*\}", english) == re.findall(r"\{\w*\}", text), (english, text)


def test_blender_shows_them(extension):
    view = bpy.context.preferences.view
    before = view.language, view.use_translate_interface
    try:
        for locale in LOCALES:
            view.language, view.use_translate_interface = locale, True
            english = "Generate"
            assert (
                bpy.app.translations.pgettext_iface(english, "Operator")
                == (tables()[locale]["Operator", english])
            )
    finally:
        view.language, view.use_translate_interface = before


def test_the_tables_are_data(root: Path):
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == sorted(LOCALES)
    assert CONTEXTS == ("*", "Operator")
