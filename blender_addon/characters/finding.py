"""What an object can be told to do: the one door to the channels of a character."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

import bpy

from rigtalk.core.errors import RigtalkError
from rigtalk.core.scene_host import RigRow
from rigtalk.rigs import Match, control_set
from rigtalk.rigs.bones import closest_bones
from rigtalk.rigs.controls import ControlSet
from rigtalk.rigs.matching import describe_match

from ..animation.keys import Channel
from ..translations.text import translated
from .carriers import AnyMatch, Carrier, carriers, key_names
from .family import Family, find_family
from .keeping import holder_of_rows, meant_by
from .obstacles import Drivers, hidden, listed, obstacle_to, shared_with, sort_channels
from .rows import channels_of

__all__ = ["Target", "find_target", "found_target", "list_targets", "mapping_owner"]


COUNTED = {
    "shape keys": "{} of {} shape keys",
    "bones": "{} of {} bones",
    "properties": "{} of {} properties",
    "targets": "{} of {} targets",
}
"""What a character's controls are kept in, as the panel counts it."""


@dataclass(frozen=True)
class Target:
    """A character and where each of its controls is kept.

    Valid only until the next undo or file load, as its channels are.

    Attributes
    ----------
    object_name : str
        Object that carries the controls; not always the one that was asked for.
    kind : str
        ``"shape keys"``, ``"bones"``, ``"properties"`` or ``"targets"`` of a mapping.
    match : Match or BoneMatch
    channels : tuple of Channel
        A control that several meshes have appears once for each.
    driven : int
        Channels that have drivers and so cannot be keyed.
    objects : tuple of bpy.types.Object
        All that belongs to the character, for exporters.
    mapped : bool
        Whether a mapping that is stored with the character is obeyed.
    notes : tuple of str
        What will not move and why, and what else moves.
    problem : str
        Why nothing can be keyed and what to do; empty if something can.
    """

    object_name: str
    kind: str
    match: AnyMatch
    channels: tuple[Channel, ...]
    driven: int
    objects: tuple[bpy.types.Object, ...]
    mapped: bool = False
    notes: tuple[str, ...] = ()
    problem: str = ""

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
        count = translated(COUNTED[self.kind], len(self.match.names), self.match.wanted)
        if self.mapped:
            count = translated(
                "{} controls to {} targets", len(self.match.names), len(self.channels)
            )
        lines = [translated(self.match.title), count]
        if self.match.missing and not self.mapped:
            lines.append(translated("Missing {}", listed(self.match.missing)))
        if self.match.ambiguous:
            lines.append(translated("In doubt: {}", ", ".join(tuple(self.match.ambiguous)[:3])))
        if self.match.besides:
            lines.append(translated("Also has {}, which stay at rest", listed(self.match.besides)))
        return (*lines, *self.notes)


def find_target(character: bpy.types.Object, *, rig: str | None = None) -> Target:
    """The controls of a character.

    A mapping that is stored with the character is obeyed. Without one, the shape keys of a mesh
    and of the meshes that go with it are looked at, the bones of its armatures, and custom
    properties; what is nearest to the object and can be keyed is taken. So a head whose shape keys
    are driven by a face board is animated on its board.

    Parameters
    ----------
    character : bpy.types.Object
    rig : str, optional
        Name of the control set that is wanted; a mapping of another set is then passed over.

    Raises
    ------
    RigtalkError
        If there are no controls that are known, or not those of `rig`.
    """
    family = find_family(character)
    owner = _mapped(family)
    if owner is not None and rig in (None, owner.rigtalk_mapping.controls):
        return _mapped_target(owner, family)
    return _found(family, rig)


def found_target(character: bpy.types.Object, *, rig: str | None = None) -> Target:
    """The controls of a character by their names alone, whatever mapping is stored.

    Raises
    ------
    RigtalkError
        As `find_target`.
    """
    return _found(find_family(character), rig)


def mapping_owner(character: bpy.types.Object) -> bpy.types.Object | None:
    """The object of a character that a mapping with rows is stored with, or None."""
    return holder_of_rows(find_family(character).members)


def list_targets(objects: Iterable[bpy.types.Object]) -> tuple[RigRow, ...]:
    """The characters among some objects, each once, under the object that carries the controls."""
    rows: dict[str, RigRow] = {}
    for character in objects:
        for target in _candidates(find_family(character)):
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


def _candidates(family: Family) -> Iterable[Target]:
    """Everything that could be animated, the nearest first; a mapping before all."""
    owner = _mapped(family)
    if owner is not None:
        # One that cannot be used is reported where the character is.
        with suppress(RigtalkError):
            yield _mapped_target(owner, family)
    for carrier in carriers(family):
        yield _target(carrier, family)


def _found(family: Family, rig: str | None) -> Target:
    found: list[Target] = []
    for carrier in carriers(family):
        target = _target(carrier, family)
        if target.usable and rig in (None, target.controls.name):
            return target
        found.append(target)
    suited = [target for target in found if rig in (None, target.controls.name)]
    if suited:
        return suited[0]
    if not found:
        raise RigtalkError(_why_nothing(family))
    known = " or ".join(dict.fromkeys(target.controls.name for target in found))
    raise RigtalkError(f"{family.character.name} is no {rig} character: it has {known}")


def _target(carrier: Carrier, family: Family) -> Target:
    settings = {control.name for control in carrier.match.controls.controls if control.setting}
    channels = tuple(channel for channel in carrier.channels if channel.control not in settings)
    return _described(carrier.thing.name, carrier.kind, carrier.match, channels, family)


def _mapped_target(owner: bpy.types.Object, family: Family) -> Target:
    """The target that the rows of a stored mapping make.

    Raises
    ------
    RigtalkError
        If no row can be used.
    """
    mapping, name = owner.rigtalk_mapping, meant_by(owner).name
    controls = control_set(mapping.controls)
    channels, faults = channels_of(mapping.rows, controls)
    if not channels:
        why = faults[0] if faults else "every row is switched off"
        raise RigtalkError(f"no row of the mapping of {name} can be used: {why}")
    names = {
        term.control: row.target
        for row in mapping.rows
        for channel in channels
        for term in (channel.response.terms if channel.response else ())
        if term.control == row.control
    }
    names |= {channel.control: channel.path for channel in channels if channel.control}
    match = Match(
        convention="mapping",
        title=translated("Mapping of {}", name),
        controls=controls,
        names={name: names[name] for name in controls.names if name in names},
        also={},
        axes={},
        missing=(),
        ambiguous={},
        needed=0,
    )
    notes = [translated("{} rows point at nothing: {}", len(faults), faults[0])] if faults else []
    return _described(name, "targets", match, channels, family, mapped=True, notes=notes)


def _described(
    name: str,
    kind: str,
    match: AnyMatch,
    channels: tuple[Channel, ...],
    family: Family,
    *,
    mapped: bool = False,
    notes: Iterable[str] = (),
) -> Target:
    channels, blocked = sort_channels(channels)
    drivers = Drivers(channels)
    driven = len(drivers.held) + len(drivers.following)
    problem = obstacle_to(channels[0].owner)
    if not problem and driven == len(channels):
        problem = f"every control of {name} has a driver: animate what drives it, or remove them"
    carrying = {channel.owner for channel in channels}
    used = [mesh for mesh in (*family.meshes, *family.beside) if mesh.data.shape_keys in carrying]
    members = dict.fromkeys([*used, *family.members])
    lines = [*notes, *(() if problem else blocked)]
    if drivers.held:
        held = listed(channel.control for channel in drivers.held)
        lines.append(
            translated("{} have drivers and stay as they are: {}", len(drivers.held), held)
        )
    if drivers.following:
        lines.append(translated("{} follow by drivers", len(drivers.following)))
    unseen = hidden(used)
    if unseen:
        lines.append(translated("Hidden, but keyed too: {}", listed(unseen)))
    shared = shared_with(used, members)
    if shared:
        lines.append(translated("Moves too, on the same mesh: {}", listed(shared)))
    return Target(
        object_name=name,
        kind=kind,
        match=match,
        channels=channels,
        driven=driven,
        objects=tuple(members),
        mapped=mapped,
        notes=tuple(lines),
        problem=problem,
    )


def _mapped(family: Family) -> bpy.types.Object | None:
    owner = holder_of_rows(family.members)
    return owner if owner is not None and owner.rigtalk_mapping.enabled else None


def _why_nothing(family: Family) -> str:
    character = family.character
    shown = character.instance_collection
    if shown is not None:
        what = "select the face inside" if shown.library is None else "use Override Character"
        return f"{character.name} shows the collection {shown.name}: {what}"
    if character.type == "MESH" and character.data.shape_keys:
        return f"{character.name}: {describe_match(key_names(character))}"
    if character.type == "ARMATURE":
        names = tuple(character.data.bones.keys())
        nearest = closest_bones(names)
        return f"{character.name}: {nearest.describe() if nearest else describe_match(names)}"
    return f"{character.name} has no shape keys: select the character's face mesh or its face board"
