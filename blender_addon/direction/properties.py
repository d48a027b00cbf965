"""What a character is told over time, as properties of its object that can be keyed."""

from __future__ import annotations

from typing import Any

import bpy

from rigtalk.core.direction import EMOTIONS, STRENGTH_REGIONS

__all__ = [
    "GROUP",
    "INTENSITY",
    "NAMES",
    "DirectionProperties",
    "default_of",
    "highest_of",
    "path_of",
    "register",
    "settings_of",
    "strength_property",
    "unregister",
]

GROUP = "rigtalk_direction"
"""Attribute of an object that holds all of it."""
INTENSITY = "intensity"
HELP = {
    "speech": "How far the mouth goes in speaking, from mumbled to exaggerated, under any emotion",
    "mouth": "Lips, corners and tongue, with what an emotion does to them",
    "jaw": "How far the jaw opens",
    "brows": "Brows",
    "eyes": "Lids and squints",
    "cheeks": "Cheeks and nose",
    "head": "Turning and nodding of the head",
    "blinks": "Blinks: shallower below 1, more often above",
    "gaze": "Darts of the eyes",
}
OVERRIDABLE = {"LIBRARY_OVERRIDABLE"}
"""Linked characters are directed on a library override."""


def strength_property(region: str) -> str:
    """Property that holds a region's strength."""
    return f"strength_{region}"


NAMES = (*EMOTIONS, INTENSITY, *(strength_property(region) for region in STRENGTH_REGIONS))
"""Every property, in the order of the panel."""


def default_of(name: str) -> float:
    """What a property is where nothing was asked: 0 for an emotion, 1 for a strength."""
    return 0.0 if name in EMOTIONS else 1.0


def highest_of(name: str) -> float:
    """The most that a property can be; the least is 0."""
    return 1.0 if name in EMOTIONS else 2.0


def path_of(name: str) -> str:
    """Data path of a property from its object."""
    return f"{GROUP}.{name}"


def settings_of(obj: bpy.types.Object) -> Any:
    """The direction of an object: a `DirectionProperties`."""
    return getattr(obj, GROUP)


def _fields() -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for emotion in EMOTIONS:
        fields[emotion] = bpy.props.FloatProperty(
            name=emotion.capitalize(),
            description=f"How much {emotion} the character feels: key it to change over time",
            min=0.0,
            max=1.0,
            subtype="FACTOR",
            override=OVERRIDABLE,
        )
    fields[INTENSITY] = bpy.props.FloatProperty(
        name="Intensity",
        description="Multiplies every emotion, those of the lines themselves too",
        min=0.0,
        max=2.0,
        default=1.0,
        subtype="FACTOR",
        override=OVERRIDABLE,
    )
    for region in STRENGTH_REGIONS:
        fields[strength_property(region)] = bpy.props.FloatProperty(
            name=region.capitalize(),
            description=f"{HELP[region]}. Multiplies the strength that a line asks for",
            min=0.0,
            max=2.0,
            default=1.0,
            subtype="FACTOR",
            override=OVERRIDABLE,
        )
    return fields


class DirectionProperties(bpy.types.PropertyGroup):
    """Emotions and strengths of a character, to be keyed."""

    __annotations__ = _fields()


def register() -> None:
    """Give every object a direction."""
    bpy.utils.register_class(DirectionProperties)
    pointer = bpy.props.PointerProperty(
        type=DirectionProperties,
        name="Direction",
        description="What the character feels and how much it shows, over time",
        override=OVERRIDABLE,
    )
    setattr(bpy.types.Object, GROUP, pointer)


def unregister() -> None:
    """Take it back; what was keyed stays in the file."""
    delattr(bpy.types.Object, GROUP)
    bpy.utils.unregister_class(DirectionProperties)
