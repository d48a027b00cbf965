"""What rigs are known, for people: the rows of ``rigtalk rigs``."""

from __future__ import annotations

from dataclasses import dataclass

from .conventions import conventions
from .loading import control_set, control_set_names

__all__ = ["RigRow", "known_rigs"]


@dataclass(frozen=True)
class RigRow:
    """One known rig.

    Attributes
    ----------
    name, title : str
    version : int
        Of the list of controls.
    controls : int
        How many controls it has, settings included.
    looked_for, needed : int
        How many are looked for by name on a character, and how many of them make it this rig.
    example : str
        A name that would be recognised.
    """

    name: str
    title: str
    version: int
    controls: int
    looked_for: int
    needed: int
    example: str


def known_rigs() -> tuple[RigRow, ...]:
    """One row for each control set, sorted by name."""
    by_set = {convention.controls.name: convention for convention in conventions()}
    return tuple(
        RigRow(
            name=name,
            title=control_set(name).title,
            version=control_set(name).version,
            controls=len(control_set(name)),
            looked_for=len(by_set[name].wanted),
            needed=by_set[name].needed,
            example=by_set[name].wanted[0].name,
        )
        for name in control_set_names()
    )
