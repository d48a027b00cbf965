"""What a character keeps of its head of Gaussians: the file, how it is baked, whether it shows."""

from __future__ import annotations

from typing import Any

import bpy

from .. import compat
from ..characters import targets
from . import standing, viewport

__all__ = ["RigTalkGaussian", "holder_of", "register", "settings_of", "unregister"]

QUALITY_ITEMS = (
    ("draft", "Draft", "Few pictures and few Gaussians: a first look", 0),
    ("standard", "Standard", "For previews and most shots", 1),
    ("fine", "Fine", "More and larger pictures, more Gaussians: for close-ups", 2),
)
ENGINE_ITEMS = (
    ("SCENE", "Scene's Engine", "The render engine of the scene, with its settings", 0),
    ("WORKBENCH", "Workbench", "Quick, with plain shading and the colours of the viewport", 1),
    ("EEVEE", "EEVEE", "Lights and materials, quick on a graphics card", 2),
    ("CYCLES", "Cycles", "Lights and materials by ray tracing: slow", 3),
)
MOST_GAUSSIANS = 1_000_000
_LINKED: dict[str, Any] = {"override": {"LIBRARY_OVERRIDABLE"}}
"""What is linked from another file can be set where it is overridden."""


def _status(settings: Any) -> str:
    return standing.words_of(settings.id_data)


def _progress(settings: Any) -> float:
    return standing.fraction_of(settings.id_data)


def _show_changed(settings: Any, _context: bpy.types.Context | None = None) -> None:
    """The preview looks at what it is to show."""
    settings.id_data.update_tag()
    viewport.refresh()


class RigTalkGaussian(bpy.types.PropertyGroup):
    """The head of Gaussians that a character drives."""

    __annotations__ = {
        "filepath": bpy.props.StringProperty(
            name="File",
            description="The head of Gaussians that the character has",
            subtype="FILE_PATH",
            options=compat.PATH_OPTIONS,
            update=_show_changed,
            **_LINKED,
        ),
        "quality": bpy.props.EnumProperty(
            name="Quality",
            description="How much is rendered and fitted",
            items=QUALITY_ITEMS,
            default="standard",
            **_LINKED,
        ),
        "gaussians": bpy.props.IntProperty(
            name="Gaussians",
            description="How many the head may have; 0 for as many as the quality asks for",
            min=0,
            max=MOST_GAUSSIANS,
            soft_max=200_000,
            **_LINKED,
        ),
        "engine": bpy.props.EnumProperty(
            name="Engine",
            description="What renders the pictures that the head is fitted to",
            items=ENGINE_ITEMS,
            default="SCENE",
            **_LINKED,
        ),
        "show": bpy.props.BoolProperty(
            name="Show Gaussians",
            description="Draw the head of Gaussians over the viewport",
            update=_show_changed,
            **_LINKED,
        ),
        "status": bpy.props.StringProperty(
            name="Status", description="What is being done for the head", get=_status
        ),
        "progress": bpy.props.FloatProperty(
            name="Progress",
            description="How much of it is done; below 0 when nothing is being done",
            get=_progress,
        ),
    }


def holder_of(obj: bpy.types.Object | None) -> Any:
    """The object that keeps the head of the character that an object belongs to.

    It is the one that has the controls, wherever of the character was clicked; an object that
    belongs to no character keeps its own. None for None.
    """
    if obj is None or obj.rigtalk_gaussian.filepath:
        return obj
    seen = targets.glance(obj)
    return (bpy.data.objects.get(seen.object_name) if seen.found else None) or obj


def settings_of(obj: bpy.types.Object) -> Any:
    """The `RigTalkGaussian` of an object."""
    return obj.rigtalk_gaussian


CLASSES = (RigTalkGaussian,)


def register() -> None:
    """Give every object a place for a head, empty at first."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Object.rigtalk_gaussian = bpy.props.PointerProperty(type=RigTalkGaussian, **_LINKED)


def unregister() -> None:
    """Remove the property; values stay in the file."""
    standing.forget()
    del bpy.types.Object.rigtalk_gaussian
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
