"""What is being done for a head, in words and as a fraction: kept out of files and out of undo."""

from __future__ import annotations

from typing import ClassVar

import bpy

from ..dialogue.redraw import redraw_panels

__all__ = ["Standing", "clear", "forget", "fraction_of", "say", "words_of"]

IDLE = -1.0


class Standing:
    """Words and fraction for each object, by its session number."""

    known: ClassVar[dict[int, tuple[str, float]]] = {}


def say(obj: bpy.types.Object, words: str, fraction: float = IDLE) -> None:
    """Show words in the panel of an object.

    Parameters
    ----------
    obj : bpy.types.Object
    words : str
        In the language of the interface; may be empty.
    fraction : float
        0-1 while something is being done, below 0 when nothing is.
    """
    told = words, min(fraction, 1.0)
    if Standing.known.get(obj.session_uid) != told:
        Standing.known[obj.session_uid] = told
        redraw_panels()


def clear(obj: bpy.types.Object) -> None:
    """Nothing is being done, and there is nothing to say."""
    if Standing.known.pop(obj.session_uid, None) is not None:
        redraw_panels()


def words_of(obj: bpy.types.Object) -> str:
    """What was said last, or nothing."""
    return Standing.known.get(obj.session_uid, ("", IDLE))[0]


def fraction_of(obj: bpy.types.Object) -> float:
    """How much is done, 0-1; below 0 where nothing is being done."""
    return Standing.known.get(obj.session_uid, ("", IDLE))[1]


def forget() -> None:
    """Forget every object."""
    Standing.known.clear()
