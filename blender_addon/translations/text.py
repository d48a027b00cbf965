"""Texts with something filled in, which Blender cannot translate by itself."""

from __future__ import annotations

import bpy

__all__ = ["OURS", "translated"]

OURS = "RigTalk"
"""The translation context of words that mean something else in the rest of Blender."""


def translated(text: str, *values: object) -> str:
    """A text in the language of the interface, with values in place of its braces.

    What panels draw and reports say is translated by Blender if it is a whole text of the tables;
    this is for reasons that a button is grey, and for texts that are put together.

    Parameters
    ----------
    text : str
        English, written out where it is used, so that the test of the tables finds it.
    *values
        For the braces ``{}``, as of `str.format`.
    """
    found: str = bpy.app.translations.pgettext_rpt(text, OURS)
    return found.format(*values) if values else found
