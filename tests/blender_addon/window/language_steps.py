"""The tab in another language, in a real window."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import bpy

MODULE = "bl_ext.user_default.rigtalk"


def steps(window: Any) -> Iterator[Any]:
    bpy.ops.extensions.package_install_files(
        filepath=window.arguments[0], repo="user_default", enable_on_install=True
    )
    registration = importlib.import_module(f"{MODULE}.translations.registration")
    tables = registration.tables()
    bpy.ops.rigtalk.add_head()
    bpy.ops.rigtalk.add_line()
    view = bpy.context.preferences.view
    yield from window.open_tab("RigTalk")
    yield from window.picture("en_US")
    for locale, table in tables.items():
        view.language = locale
        view.use_translate_interface = view.use_translate_tooltips = True
        view.use_translate_reports = True
        other = {
            f"{context}|{english}": bpy.app.translations.pgettext(english, context)
            for (context, english), text in table.items()
            if bpy.app.translations.pgettext(english, context) != text
        }
        text = importlib.import_module(f"{MODULE}.translations.text")
        window.report[locale] = {
            "texts": len(table),
            "other": other,
            "report": text.translated("{} of {} lines", 2, 3),
        }
        for area in window.areas():
            area.tag_redraw()
        yield 0.5
        yield from window.picture(locale)
    view.language = "en_US"
