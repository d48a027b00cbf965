"""What carries the controls of a character: shape keys, properties or bones, found by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import bpy

from rigtalk.rigs import Match, all_matches
from rigtalk.rigs.bones import BoneMatch, RestBone, bone_channels, match_bones
from rigtalk.rigs.matching import match_as

from ..animation.keys import Channel
from .family import Family
from .places import property_place, shape_key_place

__all__ = ["Carrier", "carriers"]

AnyMatch = Match | BoneMatch

_MOST = 512
"""Lists of names of which the matches are kept: reading 700 names takes 50 ms."""

_TELLING = 4
"""A single name that is longer says something: "hand.L" is not the sound L."""


@dataclass(frozen=True)
class Carrier:
    """Controls in one kind of place.

    Attributes
    ----------
    thing : bpy.types.Object
        The object that has most of them.
    kind : str
        ``"shape keys"``, ``"bones"`` or ``"properties"``.
    match : Match or BoneMatch
    channels : tuple of Channel
    board : bool
        Whether the bones are sliders rather than parts of the face.
    """

    thing: bpy.types.Object
    kind: str
    match: AnyMatch
    channels: tuple[Channel, ...]
    board: bool = False


def carriers(family: Family) -> Iterator[Carrier]:
    """All that carries a known set of controls, what should be animated first.

    A face board comes first where it is the object itself; bones of the face come after shape
    keys, since these are finer where nothing drives them.
    """
    found = [*_shape_keys(family), *_properties(family), *_bones(family)]
    itself = family.character.type == "ARMATURE"

    def rank(carrier: Carrier) -> int:
        if carrier.kind == "bones" and not carrier.board:
            return 3
        order = ("bones", "properties", "shape keys")
        place = order.index(carrier.kind)
        return place if itself else len(order) - 1 - place

    yield from sorted((carrier for carrier in found if carrier.channels), key=rank)


@lru_cache(maxsize=_MOST)
def _matches(names: tuple[str, ...]) -> tuple[Match, ...]:
    return all_matches(names)


@lru_cache(maxsize=_MOST)
def _match_as(names: tuple[str, ...], convention: str) -> Match:
    return match_as(names, convention)


@lru_cache(maxsize=_MOST)
def _bone_match(names: tuple[str, ...]) -> BoneMatch | None:
    return match_bones(names)


def key_names(mesh: bpy.types.Object) -> tuple[str, ...]:
    """Names of the shape keys of a mesh but the first, which is its rest."""
    return tuple(mesh.data.shape_keys.key_blocks.keys()[1:])


def _shape_keys(family: Family) -> Iterator[Carrier]:
    names = {mesh: key_names(mesh) for mesh in (*family.meshes, *family.beside)}
    whole = {mesh: _matches(names[mesh]) for mesh in family.meshes}
    if not any(whole.values()):
        # The teeth of a face that stands beside them; two faces would leave it open whose.
        faces = [mesh for mesh in family.beside if _matches(names[mesh])]
        whole |= {mesh: _matches(names[mesh]) for mesh in faces if len(faces) == 1}
    conventions = dict.fromkeys(
        match.convention
        for matches in sorted(whole.values(), key=_found_most, reverse=True)
        for match in matches
    )
    for convention in conventions:
        own = {
            mesh: match
            for mesh, matches in whole.items()
            for match in matches
            if match.convention == convention
        }
        main = max(own, key=lambda mesh: len(own[mesh].names))
        channels: dict[tuple[bpy.types.ID, str], Channel] = {}
        for mesh in dict.fromkeys([main, *names]):
            beside = mesh in family.beside and mesh != main
            if beside and _matches(names[mesh]):
                continue  # another face
            for control, name in _pairs(own[main], own.get(mesh), names[mesh]):
                place = shape_key_place(mesh, name)
                response = own[main].responses.get(control)
                channel = Channel(control, place.owner, place.path, response=response)
                channels.setdefault((place.owner, place.path), channel)
        everything = (*channels.values(), *_head_angles(main, own[main]))
        yield Carrier(main, "shape keys", own[main], everything)


def _found_most(matches: tuple[Match, ...]) -> int:
    return len(matches[0].names) if matches else 0


def _pairs(main: Match, own: Match | None, names: tuple[str, ...]) -> Iterable[tuple[str, str]]:
    """(control, name) on one mesh: by its own spelling, else by the names of the face."""
    if own is not None:
        return own.pairs()
    same = [(control, name) for control, name in main.pairs() if name in set(names)]
    # Teeth or lashes have a few of the controls, perhaps in a spelling of their own.
    nearest = _match_as(names, main.convention).pairs()
    telling = len(nearest) > 1 or any(len(control) > _TELLING for control, _ in nearest)
    return dict.fromkeys([*nearest, *same] if telling else same)


def _head_angles(carrier: bpy.types.Object, match: Match) -> list[Channel]:
    """Custom properties that turn the head, as the embedded one has them."""
    controls = match.controls
    names = [controls.names[column] for column in controls.in_region("head")]
    return [Channel(n, carrier, f'["{n}"]') for n in names if isinstance(carrier.get(n), float)]


def _properties(family: Family) -> Iterator[Carrier]:
    things = [family.character, *family.armatures, *family.others]
    for thing in dict.fromkeys(things):
        for owner, bone, holder in _holders(thing):
            numbers = tuple(name for name, value in holder.items() if isinstance(value, float))
            for match in _matches(numbers) if numbers else ():
                channels = []
                for control, name in match.pairs():
                    place = property_place(owner, name, bone)
                    channels.append(
                        Channel(
                            control,
                            owner,
                            place.path,
                            group=place.group,
                            response=match.responses.get(control),
                        )
                    )
                yield Carrier(thing, "properties", match, tuple(channels))


def _holders(thing: bpy.types.Object) -> Iterator[tuple[bpy.types.ID, str, Any]]:
    """What of an object has custom properties: (data-block, bone, holder)."""
    yield thing, "", thing
    if thing.type == "ARMATURE":
        yield thing.data, "", thing.data
        for bone in thing.pose.bones if thing.pose else ():  # none before it is evaluated
            if bone.keys():
                yield thing, bone.name, bone


def _bones(family: Family) -> Iterator[Carrier]:
    for armature in family.armatures:
        names = tuple(armature.data.bones.keys())
        boards = [match for match in _matches(names) if match.axes]
        for match in boards:
            channels = tuple(
                Channel(
                    control,
                    armature,
                    f'pose.bones["{bpy.utils.escape_identifier(name)}"].location',
                    match.axes[control],
                    group=name,
                    response=match.responses.get(control),
                )
                for control, name in match.pairs()
            )
            yield Carrier(armature, "bones", match, channels, board=True)
        found = _bone_match(names) if armature.pose and not boards else None
        if found is not None:
            channels = tuple(_face_channels(armature, found))
            yield Carrier(armature, "bones", found, channels)


def _face_channels(armature: bpy.types.Object, match: BoneMatch) -> Iterator[Channel]:
    for part in bone_channels(match, _rest_bones(armature, match.bones.values())):
        path = f'pose.bones["{bpy.utils.escape_identifier(part.bone)}"].{part.path}'
        control = part.response.terms[0].control if part.response.terms else ""
        yield Channel(control, armature, path, part.index, group=part.bone, response=part.response)


def _rest_bones(armature: bpy.types.Object, names: Iterable[str]) -> Mapping[str, RestBone]:
    found = {}
    for name in names:
        bone, posed = armature.data.bones[name], armature.pose.bones[name]
        limit = next((c for c in posed.constraints if c.type == "LIMIT_LOCATION"), None)
        found[name] = RestBone(
            head=tuple(bone.head_local),
            axes=tuple(tuple(row) for row in bone.matrix_local.to_3x3()),
            rotation_mode=posed.rotation_mode,
            low=limit and (limit.min_x, limit.min_y, limit.min_z),
            high=limit and (limit.max_x, limit.max_y, limit.max_z),
        )
    return found
