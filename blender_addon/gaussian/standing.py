"""What is being done for a head, in words and as a fraction: kept out of files and out of undo."""

from __future__ import annotations

import time
from typing import ClassVar

import bpy

from ..dialogue.redraw import redraw_panels

__all__ = ["Standing", "clear", "forget", "fraction_of", "say", "seconds_left", "words_of"]

IDLE = -1.0
_TELLING = 0.02
"""Share of the work after which the time that it took says how long the rest will take."""


class Standing:
    """Words and fraction for each object, by its session number; and when what is being done
    began, with the fraction that was done then: a bake may go on with what it finds."""

    known: ClassVar[dict[int, tuple[str, float]]] = {}
    begun: ClassVar[dict[int, tuple[float, float]]] = {}


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
    if fraction < 0.0:
        Standing.begun.pop(obj.session_uid, None)
    else:
        Standing.begun.setdefault(obj.session_uid, (time.monotonic(), fraction))
    if Standing.known.get(obj.session_uid) != told:
        Standing.known[obj.session_uid] = told
        redraw_panels()


def clear(obj: bpy.types.Object) -> None:
    """Nothing is being done, and there is nothing to say."""
    Standing.begun.pop(obj.session_uid, None)
    if Standing.known.pop(obj.session_uid, None) is not None:
        redraw_panels()


def words_of(obj: bpy.types.Object) -> str:
    """What was said last, or nothing."""
    return Standing.known.get(obj.session_uid, ("", IDLE))[0]


def fraction_of(obj: bpy.types.Object) -> float:
    """How much is done, 0-1; below 0 where nothing is being done."""
    return Standing.known.get(obj.session_uid, ("", IDLE))[1]


def seconds_left(obj: bpy.types.Object) -> float | None:
    """How long what is being done will take at the pace so far; None while that cannot be said."""
    if obj.session_uid not in Standing.begun:
        return None
    began, at_first = Standing.begun[obj.session_uid]
    done = fraction_of(obj)
    if done - at_first < _TELLING:
        return None
    return (1.0 - done) * (time.monotonic() - began) / (done - at_first)


def forget() -> None:
    """Forget every object."""
    Standing.known.clear()
    Standing.begun.clear()
