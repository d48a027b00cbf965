"""What an object can be told to do: finds the controls of a character by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import bpy

from rigtalk.core.errors import RigtalkError
from rigtalk.core.scene_host import RigRow
from rigtalk.rigs.controls import ControlSet
from rigtalk.rigs.matching import Match, describe_match, match_controls

from ..animation.keys import Channel

__all__ = ["Target", "find_target", "list_targets"]

NAMES_SHOWN = 3


@dataclass(frozen=True)
class Target:
    """A character and where each of its controls is kept.

    Valid only until the next undo or file load, as its channels are.

    Attributes
    ----------
    object_name : str
        Object that carries the controls; not always the one that was asked for.
    kind : str
        ``"shape keys"``, ``"bones"`` or ``"properties"``.
    match : Match
    channels : tuple of Channel
        A control that several meshes have appears once for each.
    driven : int
        Channels that have drivers and so cannot be keyed.
    objects : tuple of bpy.types.Object
        All that belongs to the character, for exporters.
    """

    object_name: str
    kind: str
    match: Match
    channels: tuple[Channel, ...]
    driven: int
    objects: tuple[bpy.types.Object, ...]

    @property
    def controls(self) -> ControlSet:
        """The control set that the character was recognised as."""
        return self.match.controls

    @property
    def usable(self) -> bool:
        """Whether at least half of its channels can be keyed."""
        return self.driven * 2 <= len(self.channels)

    @property
    def summary(self) -> tuple[str, ...]:
        """Short lines for the panel."""
        lines = [self.match.title, f"{len(self.match.names)} of {self.match.wanted} {self.kind}"]
        if self.match.missing:
            more = len(self.match.missing) - NAMES_SHOWN
            names = ", ".join(self.match.missing[:NAMES_SHOWN])
            lines.append(f"Missing {names}" + (f" and {more} more" if more > 0 else ""))
        if self.match.ambiguous:
            lines.append(f"In doubt: {', '.join(tuple(self.match.ambiguous)[:NAMES_SHOWN])}")
        if self.driven:
            lines.append(f"{self.driven} have drivers and stay as they are")
        return tuple(lines)


def find_target(character: bpy.types.Object, *, rig: str | None = None) -> Target:
    """The controls of a character.

    Looks at the shape keys of a mesh and of the meshes that go with it, at the bones of its
    armatures, and at the custom properties of the object; what is nearest to the object and can be
    keyed is taken. So a head whose shape keys are driven by a face board is animated on its board.

    Parameters
    ----------
    character : bpy.types.Object
    rig : str, optional
        Name of the control set that is wanted.

    Raises
    ------
    RigtalkError
        If there are no controls that are known, or not those of `rig`.
    """
    found = list(_targets(character))
    if not found:
        raise RigtalkError(_why_nothing(character))
    if rig is not None:
        suited = [target for target in found if target.controls.name == rig]
        if not suited:
            known = " or ".join(dict.fromkeys(target.controls.name for target in found))
            raise RigtalkError(f"{character.name} is no {rig} character: it has {known}")
        found = suited
    return next((target for target in found if target.usable), found[0])


def list_targets(objects: Iterable[bpy.types.Object]) -> tuple[RigRow, ...]:
    """The characters among some objects, each once, under the object that carries the controls."""
    rows: dict[str, RigRow] = {}
    for character in objects:
        for target in _targets(character):
            if target.object_name == character.name and character.name not in rows:
                match = target.match
                rows[character.name] = RigRow(
                    object_name=character.name,
                    rig=match.controls.name,
                    matched=len(match.names),
                    total=match.wanted,
                    note="; ".join(target.summary[2:]),
                )
    return tuple(rows.values())


def _targets(character: bpy.types.Object) -> Iterator[Target]:
    """Everything that could be animated, the nearest first."""
    armatures = _armatures(character)
    meshes = _meshes(character, armatures)
    objects = tuple(dict.fromkeys([*meshes, *armatures, character]))
    kinds: list[Callable[[], Target | None]] = [
        partial(_shape_keys, meshes, objects),
        partial(_properties, character, objects),
    ]
    kinds += [partial(_bones, armature, objects) for armature in armatures]
    if character.type == "ARMATURE":
        kinds.reverse()
    for kind in kinds:
        target = kind()
        if target is not None:
            yield target


def _armatures(character: bpy.types.Object) -> list[bpy.types.Object]:
    """The object itself, its parent, deformers and drivers, as far as they are armatures."""
    related = [character, character.parent, *character.children]
    related += [m.object for m in character.modifiers if m.type == "ARMATURE"]
    if character.type == "MESH" and character.data.shape_keys:
        related += _driving_objects(character.data.shape_keys)
    return [o for o in dict.fromkeys(related) if o is not None and o.type == "ARMATURE"]


def _driving_objects(owner: bpy.types.ID) -> list[bpy.types.ID]:
    drivers = owner.animation_data.drivers if owner.animation_data else ()
    ids = (
        target.id
        for curve in drivers
        for variable in curve.driver.variables
        for target in variable.targets
    )
    return [id_ for id_ in dict.fromkeys(ids) if id_ is not None and id_.id_type == "OBJECT"]


def _meshes(
    character: bpy.types.Object, armatures: list[bpy.types.Object]
) -> list[bpy.types.Object]:
    """The object and the meshes below it or beside it on the same armature."""
    near = [character, *character.children_recursive]
    if character.parent in armatures and character.parent is not None:
        near += character.parent.children_recursive
    return [o for o in dict.fromkeys(near) if o.type == "MESH" and o.data.shape_keys]


def _shape_keys(
    meshes: list[bpy.types.Object], objects: tuple[bpy.types.Object, ...]
) -> Target | None:
    names = {mesh: [block.name for block in mesh.data.shape_keys.key_blocks[1:]] for mesh in meshes}
    matches = {mesh: match_controls(names[mesh]) for mesh in meshes}
    whole = [(mesh, match) for mesh, match in matches.items() if match is not None]
    if not whole:
        return None
    main, match = max(whole, key=lambda pair: len(pair[1].names))
    channels: dict[tuple[bpy.types.ID, str], Channel] = {}
    for mesh in [main, *(mesh for mesh in meshes if mesh != main)]:
        own = matches[mesh]
        same = own is not None and own.convention == match.convention
        # Teeth or lashes have a few of the controls, under the names of the face.
        pairs = own.pairs() if own is not None and same else match.pairs()
        for control, name in pairs:
            if name in names[mesh]:
                key = mesh.data.shape_keys
                path = f'key_blocks["{bpy.utils.escape_identifier(name)}"].value'
                channels.setdefault((key, path), Channel(control, key, path))
    everything = (*channels.values(), *_head_angles(main, match.controls))
    return _target(main, "shape keys", match, everything, objects)


def _head_angles(carrier: bpy.types.Object, controls: ControlSet) -> list[Channel]:
    """Custom properties that turn the head, as the embedded one has them."""
    names = [controls.names[column] for column in controls.in_region("head")]
    return [Channel(n, carrier, f'["{n}"]') for n in names if isinstance(carrier.get(n), float)]


def _bones(armature: bpy.types.Object, objects: tuple[bpy.types.Object, ...]) -> Target | None:
    match = match_controls(bone.name for bone in armature.data.bones)
    if match is None or not match.axes:
        return None
    channels = tuple(
        Channel(
            control,
            armature,
            f'pose.bones["{bpy.utils.escape_identifier(name)}"].location',
            match.axes[control],
            group=name,
        )
        for control, name in match.pairs()
    )
    return _target(armature, "bones", match, channels, objects)


def _properties(
    character: bpy.types.Object, objects: tuple[bpy.types.Object, ...]
) -> Target | None:
    numbers = [name for name, value in character.items() if isinstance(value, float)]
    match = match_controls(numbers) if numbers else None
    if match is None:
        return None
    channels = tuple(
        Channel(control, character, f'["{bpy.utils.escape_identifier(name)}"]')
        for control, name in match.pairs()
    )
    return _target(character, "properties", match, channels, objects)


def _target(
    carrier: bpy.types.Object,
    kind: str,
    match: Match,
    channels: tuple[Channel, ...],
    objects: tuple[bpy.types.Object, ...],
) -> Target:
    settings = {control.name for control in match.controls.controls if control.setting}
    channels = tuple(channel for channel in channels if channel.control not in settings)
    driven = 0
    for owner in dict.fromkeys(channel.owner for channel in channels):
        data = owner.animation_data
        paths = {(d.data_path, d.array_index) for d in data.drivers} if data else set()
        driven += sum((c.path, c.index) in paths for c in channels if c.owner == owner)
    return Target(carrier.name, kind, match, channels, driven, objects)


def _why_nothing(character: bpy.types.Object) -> str:
    if character.type == "MESH" and character.data.shape_keys:
        names = [block.name for block in character.data.shape_keys.key_blocks[1:]]
        return f"{character.name}: {describe_match(names)}"
    if character.type == "ARMATURE":
        return f"{character.name}: {describe_match(bone.name for bone in character.data.bones)}"
    return f"{character.name} has no shape keys: select the character's face mesh or its face board"
