"""The objects that make up one character."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import bpy

__all__ = ["Family", "find_family"]


@dataclass(frozen=True)
class Family:
    """What belongs to a character, the nearest first.

    Attributes
    ----------
    character : bpy.types.Object
        The object that was asked for.
    meshes : tuple of bpy.types.Object
        Meshes with shape keys that surely belong: the object, what is below it, and what is below
        or deformed by its armatures.
    beside : tuple of bpy.types.Object
        Meshes with shape keys in the same collections or below the same empties. They may be the
        teeth of this character, or the face of another.
    armatures : tuple of bpy.types.Object
        The object itself, its parents, deformers and drivers, as far as they are armatures.
    others : tuple of bpy.types.Object
        Further objects that may carry properties.
    """

    character: bpy.types.Object
    meshes: tuple[bpy.types.Object, ...]
    beside: tuple[bpy.types.Object, ...]
    armatures: tuple[bpy.types.Object, ...]
    others: tuple[bpy.types.Object, ...]

    @property
    def members(self) -> tuple[bpy.types.Object, ...]:
        """All that surely belongs, the character itself included."""
        return tuple(dict.fromkeys([*self.meshes, *self.armatures, self.character, *self.others]))


def find_family(character: bpy.types.Object) -> Family:
    """The family of an object, by parents, modifiers, drivers and collections."""
    ancestors = list(_ancestors(character))
    below = list(character.children_recursive)
    own = [o for o in (character, *ancestors, *below, *_deformers(character)) if _is_armature(o)]
    driving = [o for o in _driving_objects(character) if o not in (character, *ancestors)]
    armatures = dict.fromkeys([*own, *filter(_is_armature, driving)])

    empties = [o for o in ancestors if o.type == "EMPTY"]
    of_armatures = [o for armature in own for o in armature.children_recursive]
    near = dict.fromkeys(_shaped([character, *below, *of_armatures, *_deformed_by(own)]))
    around = [o for empty in empties for o in empty.children_recursive]
    for collection in _own_collections(character):
        around += collection.all_objects
    beside = [o for o in dict.fromkeys(_shaped(around)) if o not in near]
    others = [o for o in (*ancestors, *driving, *below) if o.type != "MESH" and o not in armatures]
    return Family(
        character=character,
        meshes=tuple(near),
        beside=tuple(beside),
        armatures=tuple(armatures),
        others=tuple(dict.fromkeys(others)),
    )


def _ancestors(thing: bpy.types.Object) -> Iterator[bpy.types.Object]:
    while thing.parent is not None:
        thing = thing.parent
        yield thing


def _is_armature(thing: bpy.types.Object | None) -> bool:
    return thing is not None and thing.type == "ARMATURE"


def _shaped(objects: Iterable[bpy.types.Object]) -> list[bpy.types.Object]:
    return [o for o in objects if o.type == "MESH" and o.data.shape_keys]


def _deformers(thing: bpy.types.Object) -> list[bpy.types.Object]:
    return [m.object for m in thing.modifiers if m.type == "ARMATURE" and m.object is not None]


def _deformed_by(armatures: list[bpy.types.Object]) -> list[bpy.types.Object]:
    """Meshes with shape keys that armatures deform, wherever they are parented."""
    if not armatures:
        return []
    return [
        thing
        for thing in _shaped(bpy.data.objects)
        if any(deformer in armatures for deformer in _deformers(thing))
    ]


def _driving_objects(character: bpy.types.Object) -> list[bpy.types.Object]:
    """Objects that the drivers of an object's shape keys read."""
    if character.type != "MESH" or not character.data.shape_keys:
        return []
    data = character.data.shape_keys.animation_data
    ids = (
        target.id
        for curve in (data.drivers if data else ())
        for variable in curve.driver.variables
        for target in variable.targets
    )
    return [id_ for id_ in dict.fromkeys(ids) if id_ is not None and id_.id_type == "OBJECT"]


def _own_collections(character: bpy.types.Object) -> list[bpy.types.Collection]:
    """Collections that hold the character; the root of a scene holds everything."""
    roots = {scene.collection for scene in bpy.data.scenes}
    return [c for c in character.users_collection if c not in roots]
