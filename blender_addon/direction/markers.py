"""Moods from the names of timeline markers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rigtalk.core.errors import RigtalkError

from .moods import Mood, parse_mood

__all__ = ["MarkedMoods", "read_markers"]


@dataclass(frozen=True)
class MarkedMoods:
    """What some markers say to one character.

    Attributes
    ----------
    moods : tuple of (float, Mood)
        Frames, rising, and what is felt from there on.
    skipped : tuple of str
        Names of markers that say nothing that is understood.
    """

    moods: tuple[tuple[float, Mood], ...]
    skipped: tuple[str, ...]


def read_markers(
    markers: Iterable[tuple[float, str]], character: str, characters: set[str]
) -> MarkedMoods:
    """What markers say to a character.

    Parameters
    ----------
    markers : iterable of (float, str)
        Frame and name of each.
    character : str
        Name of its object.
    characters : set of str
        Names that may stand before a colon, to speak to one of several. What is said to another
        than `character` is neither taken nor skipped. Of two markers at one frame the later counts.
    """
    moods: dict[float, Mood] = {}
    skipped: list[str] = []
    known = {name.casefold() for name in characters}
    for frame, name in sorted(markers, key=lambda marker: marker[0]):
        who, colon, words = name.rpartition(":")
        who = who.strip().casefold()
        if colon and who in known and who != character.casefold():
            continue
        said = words if colon and who == character.casefold() else name
        try:
            moods[frame] = parse_mood(said)
        except RigtalkError:
            skipped.append(name)
    return MarkedMoods(tuple(moods.items()), tuple(skipped))
