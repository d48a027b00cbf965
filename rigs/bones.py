"""Face rigs of bones: found by the names of their bones, animated by ARKit weights.

On these a control is not a channel: the jaw turns and carries the lower lip, a corner takes the lip
beside it along. A table says what each weight does to the face; `bone_channels` makes of it what
each bone does, from where the bones of this character are at rest.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from .controls import ControlSet
from .face_bones import face_channels
from .face_table import FaceTable
from .loading import control_set, read_table, table_names
from .rest import BoneChannel, RestBone
from .sliders import slider_channels, slider_controls

__all__ = [
    "BoneChannel",
    "BoneConvention",
    "BoneMatch",
    "RestBone",
    "bone_channels",
    "bone_conventions",
    "closest_bones",
    "match_bones",
]


@dataclass(frozen=True)
class BoneConvention:
    """One kind of face rig.

    Attributes
    ----------
    name, title : str
    table : dict
    bones : mapping of str to str
        The bones of the table, by the names that they have on this kind of rig.
    moved : mapping of str to tuple of str
        ARKit weight to the bones of the table that it moves.
    required : tuple of str
        Bones of the table without which there is no match.
    least : float
        Share of the bones, 0-1, that makes one.
    """

    name: str
    title: str
    table: dict[str, Any]
    bones: Mapping[str, str]
    moved: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    least: float

    @property
    def needed(self) -> int:
        """How many of `bones` make a match."""
        return math.ceil(self.least * len(self.bones))


@dataclass(frozen=True)
class BoneMatch:
    """What was found on an armature.

    Attributes
    ----------
    convention, title : str
    controls : ControlSet
        ARKit.
    names : mapping of str to str
        Weight to the bone that shows it most.
    bones : mapping of str to str
        Bone of the table to its name on the character.
    missing : tuple of str
        Weights that no bone shows because the bones are missing.
    lacks : tuple of str
        Bones that are missing and without which it is no match.
    needed, sought : int
        How many bones make a match, and how many were looked for.
    ambiguous : mapping
        Empty; for those who also show a `Match`.
    besides : tuple of str
        Titles of other conventions on the same armature.
    """

    convention: str
    title: str
    controls: ControlSet
    names: Mapping[str, str]
    bones: Mapping[str, str]
    missing: tuple[str, ...]
    lacks: tuple[str, ...]
    needed: int
    sought: int
    ambiguous: Mapping[str, tuple[str, ...]]
    besides: tuple[str, ...] = ()

    @property
    def wanted(self) -> int:
        """How many weights bones of this kind can show."""
        return len(self.names) + len(self.missing)

    @property
    def share(self) -> float:
        """Share of the bones that was found, 0-1."""
        return len(self.bones) / self.sought

    @property
    def complete_enough(self) -> bool:
        """Whether the armature counts as a face of this kind."""
        return len(self.bones) >= self.needed and not self.lacks

    def describe(self) -> str:
        """One line for people."""
        found = f"{self.title}: {len(self.bones)} of {self.sought} bones found"
        if self.lacks:
            return f"not enough for {found}, but not {', '.join(self.lacks)}"
        if not self.complete_enough:
            return f"not enough for {found}, {self.needed} needed"
        parts = [f"{found}, for {len(self.names)} of {self.wanted} ARKit weights"]
        if self.missing:
            parts.append(f"missing {', '.join(self.missing[:6])}")
        return "; ".join(parts)


@lru_cache(maxsize=1)
def bone_conventions() -> tuple[BoneConvention, ...]:
    """The kinds of face rig that are known, one for each table."""
    return tuple(_convention(read_table(name)) for name in table_names("bones"))


def match_bones(names: Iterable[str]) -> BoneMatch | None:
    """What kind of face rig an armature is, from the names of its bones.

    Returns
    -------
    BoneMatch or None
        None if it has too few of the bones of any kind.
    """
    match = closest_bones(names)
    return match if match is not None and match.complete_enough else None


def closest_bones(names: Iterable[str]) -> BoneMatch | None:
    """The best match however few bones were found; None if none that is known."""
    listed = tuple(dict.fromkeys(names))
    matches = [_match(convention, listed) for convention in bone_conventions()]
    matches.sort(key=lambda match: (match.complete_enough, match.share), reverse=True)
    best = matches[0]
    if len(best.bones) < 2:
        return None
    others = tuple(match.title for match in matches[1:] if match.complete_enough)
    return replace(best, besides=others)


def bone_channels(match: BoneMatch, bones: Mapping[str, RestBone]) -> tuple[BoneChannel, ...]:
    """What each bone does.

    Parameters
    ----------
    match : BoneMatch
    bones : mapping of str to RestBone
        By name on the character; at least those in ``match.bones``.

    Returns
    -------
    tuple of BoneChannel
        Responses to ARKit weights, in scene units and the bone's own axes; a channel is there only
        if some weight moves it.
    """
    convention = next(c for c in bone_conventions() if c.name == match.convention)
    found = {bone: bones[name] for bone, name in match.bones.items() if name in bones}
    make = slider_channels if "sliders" in convention.table else face_channels
    channels = make(convention.table, found, match.controls)
    return tuple(replace(channel, bone=match.bones[channel.bone]) for channel in channels)


def _convention(table: dict[str, Any]) -> BoneConvention:
    if "like" in table:
        # The table that it is like keeps its own names for the bones: those of `names` are new.
        table = {**read_table(table["like"]), **table}
    arkit = control_set("arkit")
    sliders = "sliders" in table
    shown = slider_controls(table) if sliders else FaceTable(table, arkit).shown
    moved = {
        control: tuple(bone for _, bone in sorted(goes, reverse=True))
        for control in arkit.names
        if (goes := [(size[control], bone) for bone, size in shown.items() if control in size])
    }
    names = table.get("names", {})
    return BoneConvention(
        name=table["name"],
        title=table["title"],
        table=table,
        bones={bone: names.get(bone, bone) for bone in shown},
        moved=moved,
        required=tuple(table["required"]),
        least=table["least"],
    )


def _match(convention: BoneConvention, names: tuple[str, ...]) -> BoneMatch:
    bones = _with_one_prefix(convention, names)
    shown = {
        control: bones[found[0]]
        for control, by in convention.moved.items()
        if (found := [bone for bone in by if bone in bones])
    }
    return BoneMatch(
        convention=convention.name,
        title=convention.title,
        controls=control_set("arkit"),
        names=shown,
        bones=bones,
        missing=tuple(control for control in convention.moved if control not in shown),
        lacks=tuple(convention.bones[b] for b in convention.required if b not in bones),
        needed=convention.needed,
        sought=len(convention.bones),
        ambiguous={},
    )


def _with_one_prefix(convention: BoneConvention, names: tuple[str, ...]) -> dict[str, str]:
    """The bones under the prefix that most of them have, such as none, or "hero:"."""
    there = set(names)
    prefixes = Counter(
        name.removesuffix(bone)
        for bone in convention.bones.values()
        for name in names
        if name.endswith(bone)
    )
    most = max(prefixes.values(), default=0)
    prefix = min((p for p, n in prefixes.items() if n == most), key=len, default="")
    return {
        bone: prefix + name for bone, name in convention.bones.items() if prefix + name in there
    }
