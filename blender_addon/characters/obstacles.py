"""What stands between a character and its keys: links, drivers, shared data, absolute keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import bpy

from ..animation.keys import Channel, owner_name
from ..translations.text import translated

__all__ = ["Drivers", "hidden", "listed", "obstacle_to", "shared_with", "sort_channels"]

NAMES_SHOWN = 3


def listed(names: Iterable[str], most: int = NAMES_SHOWN) -> str:
    """Some names, and how many more there are."""
    every = list(dict.fromkeys(names))
    more = translated(" and {} more", len(every) - most) if len(every) > most else ""
    return ", ".join(every[:most]) + more


def obstacle_to(owner: bpy.types.ID) -> str:
    """Why nothing of a data-block can be keyed, and what to do; empty if it can."""
    name = owner_name(owner)
    if not owner.is_editable:
        if owner.id_type == "OBJECT":
            return (
                f"{name} is linked from a library: "
                "make a library override of it with Override Character"
            )
        return (
            f"the data of {name} is linked from a library: "
            "make a library override of it with Override Character"
        )
    if owner.id_type == "KEY" and not owner.use_relative:
        return f"the shape keys of {name} are absolute: turn on Relative for them"
    return ""


def hidden(meshes: Iterable[bpy.types.Object]) -> list[str]:
    """Names of meshes that are hidden, or whose collections are excluded from the view layer."""
    layer, scene = bpy.context.view_layer, bpy.context.scene
    return [
        mesh.name
        for mesh in meshes
        if mesh.hide_viewport
        or mesh.hide_get()
        or (mesh.name in scene.objects and mesh.name not in layer.objects)
    ]


def sort_channels(
    channels: Sequence[Channel],
) -> tuple[tuple[Channel, ...], tuple[str, ...]]:
    """The channels whose data-blocks can be edited, and a line for each block that cannot.

    Where none can, all channels come back: what writes them refuses with the reason.
    """
    owners = dict.fromkeys(channel.owner for channel in channels)
    blocked = {owner: reason for owner in owners if (reason := obstacle_to(owner))}
    kept = tuple(channel for channel in channels if channel.owner not in blocked)
    return kept or tuple(channels), tuple(blocked.values())


class Drivers:
    """Which channels have drivers, and which of these follow other channels all the same."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self.held: list[Channel] = []
        """Driven by something else: these will not move."""
        self.following: list[Channel] = []
        """Driven by channels that are keyed, as lashes by lids."""
        ours = {(channel.owner, channel.path) for channel in channels}
        for owner in dict.fromkeys(channel.owner for channel in channels):
            drivers = _drivers(owner)
            for channel in channels if drivers else ():
                if channel.owner != owner or (channel.path, channel.index) not in drivers:
                    continue
                sources = _sources(drivers[channel.path, channel.index])
                follows = bool(sources) and (owner, channel.path) not in sources <= ours
                (self.following if follows else self.held).append(channel)


def _drivers(owner: bpy.types.ID) -> dict[tuple[str, int], bpy.types.FCurve]:
    data = owner.animation_data
    return {(d.data_path, d.array_index): d for d in data.drivers} if data else {}


def _sources(curve: bpy.types.FCurve) -> set[tuple[bpy.types.ID, str]]:
    """What a driver reads, as (data-block, path)."""
    return {
        (target.id, target.data_path)
        for variable in curve.driver.variables
        for target in variable.targets
    }


def shared_with(
    meshes: Iterable[bpy.types.Object], members: Iterable[bpy.types.Object]
) -> tuple[str, ...]:
    """Names of objects outside a character that use its meshes, and so move with it."""
    datas = {mesh.data for mesh in meshes if mesh.data.users > 1}
    if not datas:
        return ()
    ours = set(members)
    return tuple(o.name for o in bpy.data.objects if o.data in datas and o not in ours)
