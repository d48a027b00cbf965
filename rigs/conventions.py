"""Conventions: how each kind of character names its controls.

Names are compared as words: ``Head_eye_blink.L``, ``EyeBlinkLeft`` and ``blendShape1.eyeBlinkLeft``
all read "eye blink, left" once case, separators and the place of the side are set aside. Words that
stand before are a prefix.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .controls import Control, ControlSet
from .loading import control_set, read_table, table_names

__all__ = ["HALVES", "Convention", "Key", "conventions", "readings"]

HALVES = ("left", "right")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_SIDES = {"l": "left", "left": "left", "r": "right", "right": "right"}
_NUMBERING = re.compile(r"[a-z]?\d+")
_COPY = re.compile(r"\.\d{3}$")

Key = tuple[str, str]
"""Words run together in lower case, and ``"left"``, ``"right"`` or nothing."""


@dataclass(frozen=True)
class Convention:
    """How one kind of character names its controls.

    Attributes
    ----------
    name, title : str
    controls : ControlSet
    wanted : tuple of Control
        Those that are looked for.
    least : float
        Share of `wanted`, 0-1, that makes a match.
    required : tuple of str
        Controls without which there is none.
    keys : mapping of tuple to tuple of (str, int)
        From the words of a name to the controls that it may be, each with the place of that
        spelling among its spellings: 0 for its own name.
    halves : mapping of tuple to str
        From the words of the left or right half of a middle control to the control.
    axes : mapping of str to int
        For controls that are bones: the axis of the location, 0 or 1.
    instead : mapping of str to tuple of str
        Controls that take the part of one that a character lacks.
    """

    name: str
    title: str
    controls: ControlSet
    wanted: tuple[Control, ...]
    least: float
    required: tuple[str, ...]
    keys: Mapping[Key, tuple[tuple[str, int], ...]]
    halves: Mapping[Key, str]
    axes: Mapping[str, int]
    instead: Mapping[str, tuple[str, ...]]

    @property
    def needed(self) -> int:
        """How many of `wanted` make a match."""
        return math.ceil(self.least * len(self.wanted))


@lru_cache(maxsize=1)
def conventions() -> tuple[Convention, ...]:
    """The conventions that are known, one for each table."""
    return tuple(_convention(read_table(name)) for name in table_names("convention"))


def readings(name: str) -> Iterable[tuple[str, Key]]:
    """Ways to read a name as (prefix, key), the longest key first."""
    words = _words(name)
    # Blender numbers copies: "jawOpen.001" is the name of a jawOpen.
    if len(words) > 1 and _COPY.search(name):
        words = words[:-1]
    for start in range(len(words)):
        prefix = "".join(words[:start])
        # "A25_Jaw_Open": numbering, not a prefix that its neighbours share.
        yield "" if _NUMBERING.fullmatch(prefix) else prefix, _key(words[start:])


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name)]


def _key(words: list[str]) -> Key:
    """Words run together; a side that stands first or last is set apart."""
    if len(words) > 1 and words[-1] in _SIDES:
        return "".join(words[:-1]), _SIDES[words[-1]]
    if len(words) > 1 and words[0] in _SIDES:
        return "".join(words[1:]), _SIDES[words[0]]
    return "".join(words), ""


def _convention(table: dict[str, Any]) -> Convention:
    controls = control_set(table["controls"])
    wanted = tuple(control for control in controls.controls if control.name not in table["skipped"])
    axes = {control.name: table["bone_axis"] for control in wanted if "bone_axis" in table}
    keys: dict[Key, dict[str, int]] = {}
    halves: dict[Key, str] = {}
    for control in wanted:
        spellings = [control.name, *table["aliases"].get(control.name, ())]
        for name in tuple(spellings):
            bone, dot, axis = name.rpartition(".")
            if dot and axis in table.get("bone_axes", ()):
                spellings.append(bone)
                axes[control.name] = table["bone_axes"][axis]
        for place, words in enumerate(map(_words, spellings)):
            # The second key is for names all in one case, in which no words can be told apart.
            for key in dict.fromkeys((_key(words), ("".join(words), ""))):
                keys.setdefault(key, {}).setdefault(control.name, place)
        if table["halves"] and control.mirror == control.name:
            middle = _key(_words(control.name))[0]
            halves |= {(middle, half): control.name for half in HALVES}
    return Convention(
        name=table["name"],
        title=table["title"],
        controls=controls,
        wanted=wanted,
        least=table["least"],
        required=tuple(table.get("required", ())),
        keys={key: tuple(owners.items()) for key, owners in keys.items()},
        halves=halves,
        axes=axes,
        instead={name: tuple(others) for name, others in table.get("instead", {}).items()},
    )
