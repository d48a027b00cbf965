"""Registers the translated texts with Blender."""

from __future__ import annotations

import tomllib
from pathlib import Path

import bpy

from .text import OURS

__all__ = ["register", "tables", "unregister"]

FOLDER = Path(__file__).parent
CONTEXTS = ("*", "Operator", OURS)
"""Where Blender looks texts up: buttons of operators have a context of their own."""


def tables() -> dict[str, dict[tuple[str, str], str]]:
    """By locale: translated texts by (context, English text)."""
    found = {}
    for path in sorted(FOLDER.glob("*.toml")):
        texts = tomllib.loads(path.read_text("utf-8"))
        found[path.stem] = {
            (context, english): text for english, text in texts.items() for context in CONTEXTS
        }
    return found


def register() -> None:
    """Add the tables; Blender chooses by the language of its interface."""
    bpy.app.translations.register(__package__, tables())


def unregister() -> None:
    """Take them back."""
    bpy.app.translations.unregister(__package__)
