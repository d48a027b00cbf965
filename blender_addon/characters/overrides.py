"""Library overrides of a linked character, shape keys included."""

from __future__ import annotations

import bpy

from rigtalk.core.errors import RigtalkError

from ..translations.text import translated
from .family import find_family

__all__ = ["make", "why_not"]


def why_not(character: bpy.types.Object | None) -> str:
    """Why there is nothing to override; empty if there is."""
    if character is None:
        return translated("Select a character first")
    if character.type == "EMPTY" and character.instance_collection is not None:
        linked = character.instance_collection.library is not None
        return "" if linked else translated("{} shows a collection of this file", character.name)
    if _linked(character):
        return ""
    return translated("{} is not linked from a library", character.name)


def _linked(character: bpy.types.Object) -> list[bpy.types.ID]:
    """What of a character is linked and not overridden: objects, and data with shape keys."""
    family = find_family(character)
    found = [thing for thing in family.members if not thing.is_editable]
    return [*found, *_linked_data(family.meshes)]


def _linked_data(meshes: tuple[bpy.types.Object, ...]) -> list[bpy.types.ID]:
    return [m for m in meshes if m.is_editable and not m.data.shape_keys.is_editable]


def make(character: bpy.types.Object, context: bpy.types.Context) -> int:
    """Override what is linked; says how many data-blocks that were.

    Blender overrides objects but leaves their meshes linked, and with them the shape keys.

    Raises
    ------
    RigtalkError
        If Blender makes none.
    """
    made = 0
    things = [character]
    if character.instance_collection is not None or not character.is_editable:
        before = set(bpy.data.objects)
        _override_objects(character, context)
        things = [thing for thing in bpy.data.objects if thing not in before]
        things = [thing for thing in things if thing.override_library is not None]
        made += len(things)
    meshes = [m for thing in things for m in find_family(thing).meshes]
    for mesh in _linked_data(tuple(dict.fromkeys(meshes))):
        if mesh.data.library is not None and not mesh.data.shape_keys.is_editable:
            if mesh.data.override_create(remap_local_usages=True) is None:
                raise RigtalkError(f"Blender makes no override of the data of {mesh.name}")
            made += 1
    if not made:
        raise RigtalkError(f"nothing of {character.name} could be overridden")
    _choose(things, context)
    return made


def _override_objects(character: bpy.types.Object, context: bpy.types.Context) -> None:
    """Override an object with all that it depends on, or the collection that brought it."""
    linked = character.instance_collection or next(
        (c for c in bpy.data.collections if c.library and character.name in c.all_objects), None
    )
    source = linked or character
    if linked is not None and character.instance_collection is not None:
        made = source.override_hierarchy_create(
            context.scene, context.view_layer, reference=character
        )
    else:
        made = source.override_hierarchy_create(context.scene, context.view_layer)
    if made is None:
        raise RigtalkError(
            f"Blender makes no override of {character.name}: "
            "use Object > Relations > Make Library Override"
        )


def _choose(things: list[bpy.types.Object], context: bpy.types.Context) -> None:
    """Make the overridden face the active object."""
    there = [thing for thing in things if thing.name in context.view_layer.objects]
    faces = [t for t in there if t.type == "MESH" and t.data.shape_keys]
    if faces or there:
        context.view_layer.objects.active = (faces or there)[0]
