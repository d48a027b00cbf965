"""Which object of a scene is the character, where the command line opens it."""

from __future__ import annotations

from pathlib import Path

import bpy

from rigtalk.core.errors import RigtalkError
from rigtalk.core.scene_host import RigRow

from .characters import targets
from .head.scene import create_head, create_studio
from .quiet import quiet
from .scenes import open_scene

__all__ = ["character_of", "embedded_head", "open_character"]


def open_character(scene: Path | None, object_name: str | None) -> bpy.types.Object:
    """Open a scene and find its character; without a scene, the embedded head in its studio.

    Raises
    ------
    RigtalkError
        If the file cannot be opened, or does not tell which character is meant.
    """
    with quiet():
        if scene is None:
            return embedded_head()
        open_scene(scene)
    return character_of(scene, object_name)


def embedded_head() -> bpy.types.Object:
    """A new scene with nothing but the embedded head in its studio."""
    # Factory settings would disable every extension and delete this one's wheels.
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    head = create_head(bpy.context.scene, neck=True)
    create_studio(bpy.context.scene, head)
    return head


def character_of(scene: Path | None, object_name: str | None) -> bpy.types.Object:
    """The character of the scene that is open.

    Parameters
    ----------
    scene : Path or None
        What errors call it.
    object_name : str or None
        The object that is wanted; None for the only character there is.

    Raises
    ------
    RigtalkError
        If there is none, or several and none is named.
    """
    rows = targets.list_targets(bpy.context.scene.objects)
    known = ", ".join(row.object_name for row in rows)
    if object_name is not None:
        character = bpy.context.scene.objects.get(object_name)
        if character is None:
            hint = f"name one of {known}" if known else "no character was found in it"
            raise RigtalkError(f"there is no object {object_name!r} in {scene}: {hint}")
        return character
    if not rows:
        raise RigtalkError(
            f"no character in {scene}: no object has ARKit or MetaHuman shape keys, "
            "a MetaHuman face board or properties of these names"
        )
    return _only(rows, scene)


def _only(rows: tuple[RigRow, ...], scene: Path | None) -> bpy.types.Object:
    """The one character there is; objects that lead to the same controls count once."""
    objects = bpy.context.scene.objects
    carriers = {
        targets.find_target(objects[row.object_name]).object_name: row.object_name for row in rows
    }
    if len(carriers) > 1:
        known = ", ".join(carriers.values())
        raise RigtalkError(
            f"there are several characters in {scene}: choose with --object one of {known}"
        )
    return objects[next(iter(carriers.values()))]
