"""Export presets: a table, one entry for each program that is written for."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rigtalk.core.errors import RigtalkError

__all__ = ["Preset", "find_preset", "presets"]

_TABLE = Path(__file__).with_name("presets.toml")


@dataclass(frozen=True)
class Preset:
    """What a program wants to be given; ``presets.toml`` says what each field means.

    Attributes
    ----------
    name, title, description : str
    format : str
        Ending of the file, without the dot.
    content : str
        ``"character"``, ``"curves"``, ``"board"`` or ``"values"``.
    controls : str
        Control set of the curves; empty for that of the character.
    names : str
        ``"controls"`` or ``"own"``.
    fps : float
        0 for that of the scene.
    takes : str
        ``"many"`` in a file, or ``"one"``.
    start : str
        ``"zero"`` or ``"scene"``.
    scale : float
    forward, up : str
        Axes; empty where there are none.
    options : mapping
        For Blender's exporter.
    """

    name: str
    title: str
    description: str
    format: str
    content: str
    controls: str
    names: str
    fps: float
    takes: str
    start: str
    scale: float
    forward: str
    up: str
    options: dict[str, Any]


@lru_cache(maxsize=1)
def presets() -> tuple[Preset, ...]:
    """All presets, in the order of the menu."""
    table = tomllib.loads(_TABLE.read_text("utf-8"))
    return tuple(Preset(name=name, **row) for name, row in table.items())


def find_preset(name: str) -> Preset:
    """A preset by name.

    Raises
    ------
    RigtalkError
        If there is none of that name.
    """
    for preset in presets():
        if preset.name == name:
            return preset
    known = ", ".join(preset.name for preset in presets())
    raise RigtalkError(f"unknown preset {name!r}: choose from {known}")
