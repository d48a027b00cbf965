"""A character's own mapping, as it is stored with the character."""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Iterable
from typing import Any

import bpy

from rigtalk.rigs import control_set, control_set_names

from . import trial
from .places import BONE_CHANNELS, KINDS

__all__ = ["CLASSES", "RigTalkMapping", "RigTalkMappingRow", "register", "unregister"]


def _changed(thing: Any, _context: bpy.types.Context | None = None) -> None:
    """Say that a mapping is another one than before, to whoever keeps what it made."""
    thing.id_data.rigtalk_mapping.stamp = uuid.uuid4().hex


_TUNED: dict[str, Any] = {"update": _changed}

_KIND_ICONS = {
    "SHAPE_KEY": "SHAPEKEY_DATA",
    "BONE": "BONE_DATA",
    "PROPERTY": "PROPERTIES",
    "DATA": "ARMATURE_DATA",
}


def _controls_of(row: Any) -> tuple[str, ...]:
    mapping = row.id_data.rigtalk_mapping
    return control_set(mapping.controls).names


def _search_controls(row: Any, _context: bpy.types.Context, text: str) -> Iterable[str]:
    return [name for name in _controls_of(row) if text.casefold() in name.casefold()]


def _search_names(row: Any, _context: bpy.types.Context, text: str) -> Iterable[str]:
    return [name for name in _names_there(row) if text.casefold() in name.casefold()]


def _names_there(row: Any) -> list[str]:
    thing = row.thing
    if thing is None:
        return []
    if row.kind == "SHAPE_KEY":
        keys = thing.data.shape_keys if thing.type == "MESH" else None
        return list(keys.key_blocks.keys())[1:] if keys else []
    if row.kind == "BONE":
        return list(thing.pose.bones.keys()) if thing.pose else []
    holder = thing.data if row.kind == "DATA" else thing
    if row.kind == "PROPERTY" and row.bone and thing.pose and row.bone in thing.pose.bones:
        holder = thing.pose.bones[row.bone]
    return [name for name, value in holder.items() if isinstance(value, int | float)]


def _search_bones(row: Any, _context: bpy.types.Context, text: str) -> Iterable[str]:
    bones = row.thing.pose.bones.keys() if row.thing and row.thing.pose else []
    return [name for name in bones if text.casefold() in name.casefold()]


class RigTalkMappingRow(bpy.types.PropertyGroup):
    """One control and one place that it moves."""

    __annotations__ = {
        "control": bpy.props.StringProperty(
            name="Control",
            description="The control that moves the target; empty holds the target at its offset",
            search=_search_controls,
            **_TUNED,
        ),
        "enabled": bpy.props.BoolProperty(
            name="Enabled", description="Whether this row counts", default=True, **_TUNED
        ),
        "thing": bpy.props.PointerProperty(
            name="Object",
            description="The object that carries the target",
            type=bpy.types.Object,
            **_TUNED,
        ),
        "kind": bpy.props.EnumProperty(
            name="Kind",
            description="What the target is",
            items=[
                (key, name[0].upper() + name[1:], f"The target is a {name}", _KIND_ICONS[key], i)
                for i, (key, name) in enumerate(KINDS.items())
            ],
            **_TUNED,
        ),
        "target": bpy.props.StringProperty(
            name="Target",
            description="Name of the shape key, bone or custom property",
            search=_search_names,
            **_TUNED,
        ),
        "bone": bpy.props.StringProperty(
            name="Bone",
            description="The bone that has the custom property; empty for the object itself",
            search=_search_bones,
            **_TUNED,
        ),
        "channel": bpy.props.EnumProperty(
            name="Channel",
            description="Which number of the bone is moved",
            items=[(key, name.label, name.help) for key, name in BONE_CHANNELS.items()],
            **_TUNED,
        ),
        "gain": bpy.props.FloatProperty(
            name="Gain",
            description="How much of the control the target takes; below 0 it turns the direction",
            default=1.0,
            soft_min=-2.0,
            soft_max=2.0,
            step=5,
            precision=3,
            **_TUNED,
        ),
        "offset": bpy.props.FloatProperty(
            name="Offset",
            description="Added to the target; rows that share a target add theirs up",
            soft_min=-1.0,
            soft_max=1.0,
            step=5,
            precision=3,
            **_TUNED,
        ),
        "invert": bpy.props.BoolProperty(
            name="Invert",
            description="Full where the control is at rest, as for a shape key that opens "
            "what the control closes",
            **_TUNED,
        ),
        "limited": bpy.props.BoolProperty(
            name="Limits", description="Keep the target within Low and High", **_TUNED
        ),
        "low": bpy.props.FloatProperty(
            name="Low", description="The target goes no lower", default=0.0, step=5, **_TUNED
        ),
        "high": bpy.props.FloatProperty(
            name="High", description="The target goes no higher", default=1.0, step=5, **_TUNED
        ),
    }


class RigTalkMapping(bpy.types.PropertyGroup):
    """What moves what on a character, where that is not left to the names."""

    __annotations__ = {
        "enabled": bpy.props.BoolProperty(
            name="Use Mapping",
            description="Obey the list; otherwise the controls are found by name each time",
            default=True,
            **_TUNED,
        ),
        "controls": bpy.props.EnumProperty(
            name="Rig",
            description="The set of controls that the list maps",
            # Files keep the number, so that it must not change with the sets that there are.
            items=[
                (name, control_set(name).title or name, "", zlib.crc32(name.encode()) >> 1)
                for name in control_set_names()
            ],
            default="arkit",
            **_TUNED,
        ),
        "rows": bpy.props.CollectionProperty(type=RigTalkMappingRow),
        "active": bpy.props.IntProperty(
            name="Row", description="The row that is edited", min=0, update=trial.put_back_of
        ),
        "trial": bpy.props.FloatProperty(
            name="Test",
            description="Moves the target of the row by this much of the control, without keys; "
            "at 0 everything is as before",
            min=-1.0,
            max=1.0,
            soft_min=0.0,
            subtype="FACTOR",
            options={"SKIP_SAVE"},
            update=trial.move,
        ),
        "stamp": bpy.props.StringProperty(
            name="Stamp", description="Another one after every change", options={"HIDDEN"}
        ),
        "tried_thing": bpy.props.PointerProperty(
            name="Tried Object",
            description="The object that the test slider has moved",
            type=bpy.types.Object,
            options={"HIDDEN"},
        ),
        "stands_for": bpy.props.PointerProperty(
            name="Stands For",
            description="The overridden object that this mapping is for, as it cannot hold it",
            type=bpy.types.Object,
            options={"HIDDEN"},
        ),
        "tried": bpy.props.StringProperty(
            name="Tried", description="What the test slider has moved", options={"HIDDEN"}
        ),
        "only_faults": bpy.props.BoolProperty(
            name="Only Faults", description="Show only the rows that point at nothing"
        ),
    }


CLASSES = (RigTalkMappingRow, RigTalkMapping)


def register() -> None:
    """Give every object a mapping, empty at first."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Object.rigtalk_mapping = bpy.props.PointerProperty(type=RigTalkMapping)


def unregister() -> None:
    """Remove the property; values stay in the file."""
    del bpy.types.Object.rigtalk_mapping
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
