"""What is on the channels of a character now, as plain data for a worker thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import bpy

from rigtalk.core.errors import RigtalkError
from rigtalk.core.keys.curve import Keys
from rigtalk.core.keys.stamp import EMPTY, Stamp
from rigtalk.rigs.response import Response

from .. import compat
from .channel import Channel, owner_name, owners_of, scene_fps
from .curves import NO_KEYS, read_keys
from .homes import ACTIVE, Home
from .options import KeyOptions
from .reaches import reaches
from .stamps import STAMPS, Stamps, decode

__all__ = [
    "CurveNow",
    "Snapshot",
    "check_editable",
    "keyable",
    "read_stamps",
    "snapshot",
    "wanted_channels",
]

NAMES_SHOWN = 6


@dataclass(frozen=True, eq=False)
class CurveNow:
    """One channel and the keys on it.

    Attributes
    ----------
    owner : int
        Which of the owners in the snapshot.
    path, index : str, int
        The channel within its owner.
    control, response : str, Response or None
        As in `Channel`.
    keys : Keys
        None at all where there is no curve.
    stamp : Stamp
        What was written there before.
    reach : float or None
        Millimetres for one unit of the channel.
    """

    owner: int
    path: str
    index: int
    control: str
    response: Response | None
    keys: Keys
    stamp: Stamp
    reach: float | None

    @property
    def place(self) -> tuple[int, str, int]:
        """Owner, path and index."""
        return self.owner, self.path, self.index


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What is on the channels of a character.

    Attributes
    ----------
    fps : float
        Of the scene.
    curves : tuple of CurveNow
    takes : tuple of tuple of str
        For each owner the names of the takes that its stamps know.
    stamps : tuple of dict
        For each owner the stamps of all its curves, those that are not in `curves` too.
    controls : frozenset of str or None
        Only channels that follow one of these were looked at.
    notes : tuple of str
        What is left out, and why.
    """

    fps: float
    curves: tuple[CurveNow, ...]
    takes: tuple[tuple[str, ...], ...]
    stamps: tuple[dict[tuple[str, int], Stamp], ...]
    controls: frozenset[str] | None = None
    notes: tuple[str, ...] = ()


def snapshot(
    channels: Sequence[Channel],
    *,
    scene: bpy.types.Scene,
    options: KeyOptions | None = None,
    home: Home = ACTIVE,
    measured: Snapshot | None = None,
) -> Snapshot:
    """Read what is on channels, and make sure that they can be keyed.

    Parameters
    ----------
    channels : sequence of Channel
    scene : bpy.types.Scene
        For its frame rate and units.
    options : KeyOptions, optional
        Those that the keys will be planned with.
    home : Home
        Which curves: those of the active action if absent.
    measured : Snapshot, optional
        One of the same channels, to measure their geometry only once.

    Raises
    ------
    RigtalkError
        If a data-block cannot be edited, if shape keys are not relative, or if every channel is
        driven or locked.
    """
    options = options or KeyOptions()
    channels = wanted_channels(channels, options.controls)
    owners = owners_of(channels)
    for owner in owners:
        check_editable(owner, home)
    free, notes = keyable(channels, home)
    if not free:
        raise RigtalkError(f"no key was written: {'; '.join(notes) or 'no control was found'}")
    records = [read_stamps(owner, home) for owner in owners]
    known = {} if measured is None else {c.place: c.reach for c in measured.curves}
    fresh = [c for c in free if (owners.index(c.owner), c.path, c.index) not in known]
    if options.mm and not options.dense:
        places = [(owners.index(c.owner), c.path, c.index) for c in fresh]
        known |= dict(zip(places, reaches(fresh, scene=scene), strict=True))
    holders = {owner: home.read(owner) for owner in owners}
    curves = []
    for channel in free:
        at = owners.index(channel.owner)
        holder = holders[channel.owner]
        curve = holder and holder.fcurves.find(channel.path, index=channel.index)
        # Where a curve was deleted as a whole, what was known of it does not count any more.
        stamp = records[at][1].get((channel.path, channel.index), EMPTY) if curve else EMPTY
        keys = read_keys(curve) if curve else NO_KEYS
        curves.append(
            CurveNow(
                at,
                channel.path,
                channel.index,
                channel.control,
                channel.response,
                keys,
                stamp,
                known.get((at, channel.path, channel.index)),
            )
        )
    return Snapshot(
        fps=scene_fps(scene),
        curves=tuple(curves),
        takes=tuple(record[0] for record in records),
        stamps=tuple(record[1] for record in records),
        controls=options.controls,
        notes=tuple(notes),
    )


def wanted_channels(
    channels: Sequence[Channel], controls: frozenset[str] | None
) -> Sequence[Channel]:
    """The channels that follow one of some controls; all for None."""
    if controls is None:
        return channels
    return [channel for channel in channels if not controls.isdisjoint(channel.controls)]


def read_stamps(owner: bpy.types.ID, home: Home = ACTIVE) -> Stamps:
    """What was written on the curves of a data-block."""
    place = compat.stamp_place(home.user(owner), STAMPS)
    if place is None:
        return (), {}
    action, name = place
    # A file of before 4.4 knows no slots.
    return decode(action.get(name, action.get(STAMPS)))


def check_editable(owner: bpy.types.ID, home: Home = ACTIVE) -> None:
    """Raise RigtalkError unless keys can be put on a data-block."""
    name = owner_name(owner)
    if not owner.is_editable:
        raise RigtalkError(f"{name} is linked from a library: make a library override of it first")
    if owner.id_type == "KEY" and not owner.use_relative:
        raise RigtalkError(f"the shape keys of {name} are absolute: turn on Relative for them")
    home.check(owner)


def keyable(channels: Sequence[Channel], home: Home = ACTIVE) -> tuple[list[Channel], list[str]]:
    """Channels that can be keyed, and what to say of the others."""
    driven, locked, free = [], [], []
    for owner in owners_of(channels):
        data = owner.animation_data
        drivers = {(d.data_path, d.array_index) for d in data.drivers} if data else set()
        holder = home.read(owner)
        for channel in (channel for channel in channels if channel.owner == owner):
            curve = holder and holder.fcurves.find(channel.path, index=channel.index)
            if (channel.path, channel.index) in drivers:
                driven.append(channel.control)
            elif curve and curve.lock:
                locked.append(channel.control)
            else:
                free.append(channel)
    notes = [
        f"{len(names)} controls {why}: {_listed(names)}"
        for names, why in ((driven, "have drivers and cannot be keyed"), (locked, "are locked"))
        if names
    ]
    return free, notes


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more
