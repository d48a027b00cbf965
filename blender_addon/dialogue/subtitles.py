"""Text strips of the sequencer, as the words of the sounds that they lie over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import bpy

from .. import compat

__all__ = ["Subtitle", "read_subtitles", "said_over"]

LEAST_SHARE = 0.5
"""Of the shorter of a text and a sound, in time, in which the text must be shown over the sound."""


@dataclass(frozen=True)
class Subtitle:
    """A text on the time line of a scene.

    Attributes
    ----------
    scene : bpy.types.Scene
        In whose sequencer it lies.
    begin, end : float
        Frames.
    words : str
        On one line.
    """

    scene: bpy.types.Scene
    begin: float
    end: float
    words: str


def read_subtitles(scene: bpy.types.Scene) -> list[Subtitle]:
    """The text strips of the sequencer that are not muted, in the order of time."""
    found = []
    for strip in compat.text_strips(scene):
        words = " ".join(strip.text.split())
        if words and not strip.mute and not compat.channel_is_muted(scene, strip):
            _, begin, end = compat.strip_span(strip)
            found.append(Subtitle(strip.id_data, begin, end, words))
    return sorted(found, key=lambda each: (each.begin, each.end))


def said_over(sound: Any, subtitles: Iterable[Subtitle]) -> str:
    """The words that are shown over a sound strip, whatever their channel; empty if there are none.

    Parameters
    ----------
    sound : bpy.types.Strip
    subtitles : iterable of Subtitle
        In the order of time.
    """
    _, begin, end = compat.strip_span(sound)
    here = [each for each in subtitles if each.scene == sound.id_data]
    return " ".join(each.words for each in here if _lies_over(each, begin, end))


def _lies_over(subtitle: Subtitle, begin: float, end: float) -> bool:
    shared = min(subtitle.end, end) - max(subtitle.begin, begin)
    return 0.0 < shared >= LEAST_SHARE * min(subtitle.end - subtitle.begin, end - begin)
