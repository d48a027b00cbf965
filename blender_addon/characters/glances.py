"""What the panel shows of a character, cheap enough for every redraw.

Only text is kept, never what Blender may move or free, and only as long as the names of shape
keys, bones and properties, the drivers, the parents and the mapping are what they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import bpy

from rigtalk.core.errors import RigtalkError

from ..translations.text import translated
from .family import Family, find_family
from .finding import find_target
from .keeping import holder_of_rows

__all__ = ["Glance", "forget", "glance"]

_MOST = 64
"""Characters kept; beyond it all are looked at anew."""

_KNOWN: dict[int, tuple[Any, Glance]] = {}


@dataclass(frozen=True)
class Glance:
    """A character in words.

    Attributes
    ----------
    problem : str
        Why it cannot be animated and what to do; empty if it can.
    object_name : str
        Object that carries the controls, or the one that was asked for if there are none.
    kind, title, rig : str
        As in `Target`: ``"shape keys"``, ``"ARKit shape keys"``, ``"arkit"``.
    summary : tuple of str
        Short lines.
    found : bool
        Whether it is a character at all.
    """

    problem: str
    object_name: str = ""
    kind: str = ""
    title: str = ""
    rig: str = ""
    summary: tuple[str, ...] = ()
    found: bool = False


def glance(character: bpy.types.Object | None) -> Glance:
    """What `find_target` would say of an object; never raises."""
    if character is None:
        return Glance(translated("Select a character first"))
    family = find_family(character)
    state = tuple(_state(family))
    known = _KNOWN.get(character.session_uid)
    if known is not None and known[0] == state:
        return known[1]
    seen = _look(character)
    if len(_KNOWN) >= _MOST:
        _KNOWN.clear()
    _KNOWN[character.session_uid] = (state, seen)
    return seen


def forget() -> None:
    """Forget every character."""
    _KNOWN.clear()


def _look(character: bpy.types.Object) -> Glance:
    try:
        target = find_target(character)
    except RigtalkError as fault:
        return Glance(str(fault), object_name=character.name)
    return Glance(
        problem=target.problem,
        object_name=target.object_name,
        kind=target.kind,
        title=target.match.title,
        rig=target.controls.name,
        summary=target.summary,
        found=True,
    )


def _state(family: Family) -> Iterator[Any]:
    """Everything that what is found depends on."""
    holder = holder_of_rows(family.members)
    if holder is not None:
        mapping = holder.rigtalk_mapping
        yield holder.name, mapping.enabled, mapping.controls, mapping.stamp, len(mapping.rows)
    for thing in (*family.members, *family.beside):
        yield thing.session_uid, thing.name, thing.is_editable, thing.visible_get()
        yield tuple(thing.keys())
        if thing.type == "ARMATURE":
            yield tuple(thing.data.bones.keys()), tuple(thing.data.keys())
            yield tuple(tuple(bone.keys()) for bone in thing.pose.bones) if thing.pose else ()
            yield from _drivers(thing)
        if thing.type == "MESH" and thing.data.shape_keys:
            keys = thing.data.shape_keys
            yield keys.session_uid, keys.is_editable, keys.use_relative, thing.data.users
            yield tuple(keys.key_blocks.keys())
            yield from _drivers(keys)


def _drivers(owner: bpy.types.ID) -> Iterator[Any]:
    data = owner.animation_data
    if data is not None and len(data.drivers):
        yield tuple(curve.data_path for curve in data.drivers)
