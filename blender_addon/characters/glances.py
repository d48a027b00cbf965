"""What the panel shows of a character, cheap enough for every redraw.

In one redraw a dozen buttons ask for the same character; they are told the same.

Only text is kept, never what Blender may move or free, and only as long as the names of shape
keys, bones and properties, the drivers, the parents and the mapping are what they were.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import bpy

from rigtalk.core.errors import RigtalkError

from ..translations.text import translated
from .family import Family, find_family
from .finding import Target, find_target
from .keeping import holder_of_rows

__all__ = ["Glance", "Redraw", "forget", "glance", "owners_of_glance"]

_MOST = 64
"""Characters kept; beyond it all are looked at anew."""

_KNOWN: dict[int, tuple[Any, Glance]] = {}

_COLLECTIONS = {"KEY": "shape_keys", "OBJECT": "objects", "ARMATURE": "armatures"}
"""Where data-blocks with channels are found again, by their type."""


class Redraw:
    """What was said within one redraw, so that it need not be found out for each button."""

    seconds: ClassVar[float] = 0.0 if bpy.app.background else 0.05
    """How long a redraw is taken to last at most; without a window there is none."""
    said: ClassVar[dict[Any, tuple[float, Glance]]] = {}


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
    has_rows : bool
        Whether a mapping with rows is stored with it, obeyed or not.
    owners : tuple of (str, str, int)
        Type, name and session number of each data-block that its channels belong to.
    """

    problem: str
    object_name: str = ""
    kind: str = ""
    title: str = ""
    rig: str = ""
    summary: tuple[str, ...] = ()
    found: bool = False
    has_rows: bool = False
    owners: tuple[tuple[str, str, int], ...] = ()


def glance(character: bpy.types.Object | None) -> Glance:
    """What `find_target` would say of an object; never raises."""
    if character is None:
        return Glance(translated("Select a character first"))
    now, key = time.monotonic(), _countable(character)
    when, said = Redraw.said.get(key, (-1.0, None))
    if said is not None and now - when < Redraw.seconds:
        return said
    said = _glance(character)
    if len(Redraw.said) >= _MOST:
        Redraw.said.clear()
    Redraw.said[key] = now, said
    return said


def owners_of_glance(seen: Glance) -> list[bpy.types.ID]:
    """The data-blocks that the channels of a character belong to; those that are gone left out."""
    found = []
    for kind, name, uid in seen.owners:
        owner = getattr(bpy.data, _COLLECTIONS[kind]).get(name)
        if owner is not None and owner.session_uid == uid:
            found.append(owner)
    return found


def forget() -> None:
    """Forget every character."""
    _KNOWN.clear()
    Redraw.said.clear()


def _countable(character: bpy.types.Object) -> tuple[Any, ...]:
    """What is known of a character without looking for it."""
    keys = character.data.shape_keys if character.type == "MESH" else None
    mapping = getattr(character, "rigtalk_mapping", None)
    return (
        character.session_uid,
        character.name,
        len(bpy.data.objects),
        len(keys.key_blocks) if keys else 0,
        (len(mapping.rows), mapping.enabled, mapping.stamp) if mapping else None,
        bpy.app.translations.locale,
    )


def _glance(character: bpy.types.Object) -> Glance:
    family = find_family(character)
    state = (bpy.app.translations.locale, *_state(family))
    known = _KNOWN.get(character.session_uid)
    if known is not None and known[0] == state:
        return known[1]
    has_rows = holder_of_rows(family.members) is not None
    seen = replace(_look(character), has_rows=has_rows)
    if len(_KNOWN) >= _MOST:
        _KNOWN.clear()
    _KNOWN[character.session_uid] = (state, seen)
    return seen


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
        owners=_owners(target),
    )


def _owners(target: Target) -> tuple[tuple[str, str, int], ...]:
    owners = dict.fromkeys(channel.owner for channel in target.channels)
    return tuple((o.id_type, o.name, o.session_uid) for o in owners if o.id_type in _COLLECTIONS)


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
