"""A line of dialogue and a scene's list of them, as they are saved with the file."""

from __future__ import annotations

import secrets
from typing import Any

import bpy

from .. import compat
from ..translations.text import OURS
from .properties import setting_fields

__all__ = [
    "LAYER_ITEMS",
    "RigTalkLine",
    "RigTalkSettings",
    "active_line",
    "line_by_uid",
    "new_line",
    "register",
    "settings_of",
    "take_of",
    "unregister",
]

LAYER_ITEMS = (
    ("ALL", "Everything", "All that the line moves"),
    ("lips", "Lips", "Mouth, jaw and tongue"),
    ("emotion", "Emotion", "Brows, cheeks, nose and lids"),
    ("blinks", "Blinks", "Both lids shutting"),
    ("gaze", "Gaze", "Where the eyes look"),
    ("head", "Head", "Head and neck"),
)
"""What can be generated alone."""
MAX_FRAME = 1_048_574
"""Blender's own limit of frame numbers."""


class RigTalkLine(bpy.types.PropertyGroup):
    """A line: what is said, by whom, when and how; and what became of it."""

    __annotations__ = {
        # -- asked for
        "character": bpy.props.PointerProperty(
            type=bpy.types.Object,
            name="Character",
            description="Who speaks: the object with the face, or its face board",
        ),
        "chosen": bpy.props.BoolProperty(
            name="Selected",
            description="Part of what Generate Selected makes",
            default=True,
        ),
        **setting_fields(),
        # -- found out
        "uid": bpy.props.IntProperty(options={"HIDDEN"}),
        "made": bpy.props.BoolProperty(options={"HIDDEN"}),
        "first": bpy.props.FloatProperty(options={"HIDDEN"}),
        "last": bpy.props.FloatProperty(options={"HIDDEN"}),
        "heard": bpy.props.StringProperty(options={"HIDDEN"}),
        "said": bpy.props.StringProperty(options={"HIDDEN"}),
        "fault": bpy.props.StringProperty(options={"HIDDEN"}),
    }


class RigTalkSettings(bpy.types.PropertyGroup):
    """The lines of a scene, and how their keys are written."""

    __annotations__ = {
        "lines": bpy.props.CollectionProperty(type=RigTalkLine),
        "active": bpy.props.IntProperty(
            name="Line", description="The line whose settings are shown below"
        ),
        "actor_path": bpy.props.StringProperty(
            name="Actor",
            description="An actor of your own, made by rigtalk train; empty for the embedded one",
            subtype="FILE_PATH",
            options=compat.PATH_OPTIONS,
        ),
        "result": bpy.props.EnumProperty(
            name="Keys",
            description="Where the keys go",
            translation_context=OURS,
            items=(
                ("ACTION", "One Action", "All keys in the character's action, to be edited there"),
                (
                    "LAYERS",
                    "NLA Layers",
                    "Lips, emotion, blinks, gaze and head as strips that can be muted and scaled",
                ),
            ),
            default="ACTION",
        ),
        "dense": bpy.props.BoolProperty(
            name="Key on Every Frame",
            description="Instead of the fewest keys that keep within the tolerance",
        ),
        "tolerance": bpy.props.FloatProperty(
            name="Tolerance",
            description="How far keys may depart from the performance, as a share of the range",
            min=0.0,
            max=10.0,
            default=0.5,
            precision=2,
            subtype="PERCENTAGE",
        ),
        "tolerance_mm": bpy.props.FloatProperty(
            name="Or Millimetres",
            description="And how far the face may depart from it, where that is tighter; "
            "0 leaves it out",
            min=0.0,
            max=10.0,
            default=0.1,
            precision=2,
        ),
        "keep_edits": bpy.props.BoolProperty(
            name="Keep Hand Edits",
            description="Leave keys alone that were moved, added or deleted by hand",
            default=True,
        ),
        "layer": bpy.props.EnumProperty(
            name="Make",
            description="What Generate makes; the rest stays as it is",
            items=LAYER_ITEMS,
            default="ALL",
        ),
        "use_range": bpy.props.BoolProperty(
            name="Only a Range",
            description="Generate between two frames alone; all other keys stay as they are",
        ),
        "range_first": bpy.props.IntProperty(
            name="First",
            description="First frame that may change",
            default=1,
            min=-MAX_FRAME,
            max=MAX_FRAME,
        ),
        "range_last": bpy.props.IntProperty(
            name="Last",
            description="Last frame that may change",
            default=120,
            min=-MAX_FRAME,
            max=MAX_FRAME,
        ),
    }


def settings_of(scene: bpy.types.Scene) -> Any:
    """The scene's lines and how their keys are written."""
    return scene.rigtalk


def active_line(scene: bpy.types.Scene) -> Any:
    """The line whose settings the panel shows, or None where there is none.

    What needs a line is not called without one: its `poll` has asked.
    """
    settings = settings_of(scene)
    if not len(settings.lines):
        return None
    return settings.lines[min(max(settings.active, 0), len(settings.lines) - 1)]


def line_by_uid(scene: bpy.types.Scene, uid: int) -> Any | None:
    """A line wherever it has been dragged to, or None if it was removed."""
    return next((line for line in settings_of(scene).lines if line.uid == uid), None)


def take_of(line: Any) -> str:
    """What the keys of a line are marked with, so that they are known again as its own."""
    return f"line {line.uid}"


def new_line(scene: bpy.types.Scene, name: str) -> Any:
    """Add a line at the end of the list and make it the active one."""
    settings = settings_of(scene)
    line = settings.lines.add()
    line.name = name
    line.uid = secrets.randbelow(2**31 - 1) + 1
    settings.active = len(settings.lines) - 1
    return line


def register() -> None:
    """Add the list to every scene."""
    bpy.utils.register_class(RigTalkLine)
    bpy.utils.register_class(RigTalkSettings)
    bpy.types.Scene.rigtalk = bpy.props.PointerProperty(type=RigTalkSettings)


def unregister() -> None:
    """Remove the list; values stay in the file."""
    del bpy.types.Scene.rigtalk
    bpy.utils.unregister_class(RigTalkSettings)
    bpy.utils.unregister_class(RigTalkLine)
