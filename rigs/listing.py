"""What rigs are known, for people: the rows of ``rigtalk rigs``."""

from __future__ import annotations

from dataclasses import dataclass

from .bones import bone_conventions
from .conventions import conventions
from .loading import control_set, control_set_names

__all__ = ["BoneRigRow", "RigRow", "known_bone_rigs", "known_rigs"]


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


@dataclass(frozen=True)
class BoneRigRow:
    """One known face rig of bones, which is animated by ARKit weights.

    Attributes
    ----------
    name, title : str
    looked_for, needed : int
        How many bones are looked for, and how many of them make it this rig.
    """

    name: str
    title: str
    looked_for: int
    needed: int


def known_bone_rigs() -> tuple[BoneRigRow, ...]:
    """One row for each kind of face rig whose bones are found by name, sorted by name."""
    rows = (BoneRigRow(c.name, c.title, len(c.bones), c.needed) for c in bone_conventions())
    return tuple(sorted(rows, key=lambda row: row.name))


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
