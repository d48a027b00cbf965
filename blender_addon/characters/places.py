"""Where a value can be put: a shape key, a channel of a bone, a custom property."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy

from rigtalk.core.errors import RigtalkError

__all__ = [
    "BONE_CHANNELS",
    "KINDS",
    "BoneChannelName",
    "Place",
    "bone_place",
    "channel_id",
    "find_place",
    "property_place",
    "shape_key_place",
]

KINDS = {
    "SHAPE_KEY": "shape key",
    "BONE": "bone",
    "PROPERTY": "custom property",
    "DATA": "custom property of the armature's data",
}
"""Kinds of places, with their names for people."""


@dataclass(frozen=True)
class BoneChannelName:
    """One number of a bone's transform: the property that holds it, its element, its name."""

    path: str
    index: int
    label: str
    help: str


_TRANSFORMS = (
    ("location", "Location", "XYZ", "In the bone's own space, in units of the armature"),
    ("rotation_euler", "Rotation", "XYZ", "Angle in radians, for a bone with an Euler mode"),
    (
        "rotation_quaternion",
        "Quaternion",
        "WXYZ",
        "Half the angle in radians, with W held at 1, for a bone in quaternion mode",
    ),
    (
        "rotation_axis_angle",
        "Axis Angle",
        "WXYZ",
        "W is the angle in radians about the axis X, Y, Z, for a bone in axis-angle mode",
    ),
    ("scale", "Scale", "XYZ", "1 is unscaled"),
)

BONE_CHANNELS = {
    f"{label.upper().replace(' ', '_')}_{axis}": BoneChannelName(
        path, index, f"{label} {axis}", text
    )
    for path, label, axes, text in _TRANSFORMS
    for index, axis in enumerate(axes)
}
"""Channels of a bone by identifier, such as ``LOCATION_Y``."""

_ROTATIONS = {
    "QUATERNION": "rotation_quaternion",
    "AXIS_ANGLE": "rotation_axis_angle",
}


@dataclass(frozen=True)
class Place:
    """One animatable number.

    Attributes
    ----------
    owner : bpy.types.ID
    path : str
        Data path from the owner.
    index : int
        Element, for a vector.
    group : str
        Name of the channel group in the editors; empty for none.
    """

    owner: bpy.types.ID
    path: str
    index: int = 0
    group: str = ""

    def read(self) -> float:
        """The value there now."""
        value = self._resolved()
        return float(value[self.index] if hasattr(value, "__len__") else value)

    def write(self, value: float) -> None:
        """Set the value, without a key."""
        holder, name = self._holder()
        if name.startswith('"'):
            holder[bpy.utils.unescape_identifier(name[1:-1])] = value
        elif hasattr(getattr(holder, name), "__len__"):
            getattr(holder, name)[self.index] = value
        else:
            setattr(holder, name, value)
        self.owner.update_tag()

    def _resolved(self) -> Any:
        return self.owner.path_resolve(self.path)

    def _holder(self) -> tuple[Any, str]:
        """What the last part of the path belongs to, and that part."""
        if self.path.endswith('"]'):
            start = _bracket(self.path)
            before, name = self.path[:start], self.path[start + 1 : -1]
        else:
            before, _, name = self.path.rpartition(".")
        return (self.owner.path_resolve(before) if before else self.owner), name


def _bracket(path: str) -> int:
    """Where the last bracket of a path opens; quotes in names are escaped."""
    at = len(path) - 2
    while not (path[at - 1] == "[" and path[at] == '"') or at == len(path) - 2:
        at -= 1
    return at - 1


def shape_key_place(thing: bpy.types.Object, name: str) -> Place:
    """A shape key of a mesh."""
    return Place(thing.data.shape_keys, f'key_blocks["{bpy.utils.escape_identifier(name)}"].value')


def property_place(owner: bpy.types.ID, name: str, bone: str = "") -> Place:
    """A custom property of a data-block, or of one of an armature's bones."""
    path = f'["{bpy.utils.escape_identifier(name)}"]'
    if bone:
        return Place(owner, _bone_path(bone) + path, group=bone)
    return Place(owner, path)


def bone_place(thing: bpy.types.Object, bone: str, channel: str) -> Place:
    """A channel of a bone, one of `BONE_CHANNELS`."""
    name = BONE_CHANNELS[channel]
    return Place(thing, f"{_bone_path(bone)}.{name.path}", name.index, group=bone)


def channel_id(path: str, index: int) -> str:
    """The key in `BONE_CHANNELS` of a property of a pose bone and an element of it."""
    return next(
        key for key, name in BONE_CHANNELS.items() if (name.path, name.index) == (path, index)
    )


def _bone_path(bone: str) -> str:
    return f'pose.bones["{bpy.utils.escape_identifier(bone)}"]'


def find_place(
    thing: bpy.types.Object | None, *, kind: str, name: str, bone: str = "", channel: str = ""
) -> Place:
    """The place that a row of a mapping names.

    Raises
    ------
    RigtalkError
        If it is not there.
    """
    if thing is None:
        raise RigtalkError("its object is gone: choose another")
    if not name:
        raise RigtalkError(f"no {KINDS[kind]} is named: choose one")
    if kind == "SHAPE_KEY":
        keys = thing.data.shape_keys if thing.type == "MESH" else None
        if keys is None or name not in keys.key_blocks:
            raise RigtalkError(f"{thing.name} has no shape key {name!r}: choose another")
        return shape_key_place(thing, name)
    holder_bone = name if kind == "BONE" else bone if kind == "PROPERTY" else ""
    if holder_bone and (thing.pose is None or holder_bone not in thing.pose.bones):
        raise RigtalkError(f"{thing.name} has no bone {holder_bone!r}: choose another")
    if kind == "BONE":
        mode = thing.pose.bones[name].rotation_mode
        path = BONE_CHANNELS[channel].path
        if path.startswith("rotation") and path != _ROTATIONS.get(mode, "rotation_euler"):
            raise RigtalkError(
                f"the bone {name!r} rotates in the mode {mode.replace('_', ' ').lower()}: "
                "choose channels of that mode"
            )
        return bone_place(thing, name, channel)
    holder = thing.pose.bones[bone] if holder_bone else thing.data if kind == "DATA" else thing
    if not isinstance(holder.get(name) if holder is not None else None, int | float):
        raise RigtalkError(f"{thing.name} has no number {name!r} among its custom properties")
    return property_place(thing.data if kind == "DATA" else thing, name, holder_bone)
