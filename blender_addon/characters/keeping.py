"""Which object holds the mapping of a character.

A library override loses, on saving, properties that its library has never heard of, so that the
mapping of one is held by an object of this file that stands for it.
"""

from __future__ import annotations

from collections.abc import Iterable

import bpy

__all__ = ["holder_of_rows", "holder_to_edit", "meant_by"]


def holder_of_rows(members: Iterable[bpy.types.Object]) -> bpy.types.Object | None:
    """The first object that holds a mapping with rows for one of some objects, or None."""
    if not hasattr(bpy.types.Object, "rigtalk_mapping"):
        return None
    things = list(members)
    for thing in things:
        if len(thing.rigtalk_mapping.rows):
            return thing
    for thing in things:
        stand_in = _stand_in(thing)
        if stand_in is not None and len(stand_in.rigtalk_mapping.rows):
            return stand_in
    return None


def holder_to_edit(thing: bpy.types.Object) -> bpy.types.Object:
    """The object that is to hold the mapping of another: itself, or one that is made for it."""
    if thing.override_library is None:
        return thing
    stand_in = _stand_in(thing)
    if stand_in is None:
        stand_in = bpy.data.objects.new(f"{thing.name} RigTalk Mapping", None)
        stand_in.use_fake_user = True
        stand_in.rigtalk_mapping.stands_for = thing
    return stand_in


def meant_by(holder: bpy.types.Object) -> bpy.types.Object:
    """The object of the character that a holder's mapping is for."""
    return holder.rigtalk_mapping.stands_for or holder


def _stand_in(thing: bpy.types.Object) -> bpy.types.Object | None:
    if thing.override_library is None:
        return None
    for other in bpy.data.objects:
        local = other.type == "EMPTY" and other.library is None
        if local and other.rigtalk_mapping.stands_for == thing:
            return other
    return None
