"""Takes the artist's meshes out of sight while their Gaussians are shown.

Only their evaluated copies are told to show as bounds: Blender makes these copies for drawing and
forgets them. So nothing of it is in files or undo steps, linked characters can be hidden too, and
modifiers and armatures are evaluated as ever. A switch for hiding would end the evaluation, and
drawing over the meshes instead would need a bias in depth that also draws over glasses and hands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import bpy

__all__ = ["hide", "reveal"]

_AS_BOUNDS = "BOUNDS"
_LINES = {"BOUNDS", "WIRE"}
"""Shown without surfaces as it is."""


def hide(objects: Iterable[bpy.types.Object], depsgraph: Any) -> None:
    """Show no surfaces of objects in viewports until they are evaluated anew.

    Renders have evaluated copies of their own.
    """
    for thing in objects:
        for shown in _evaluated(thing, depsgraph):
            if shown.display_type not in _LINES:
                shown.display_type = _AS_BOUNDS


def reveal(objects: Iterable[bpy.types.Object], depsgraphs: Iterable[Any]) -> None:
    """Show objects as they are."""
    every = tuple(depsgraphs)
    for thing in objects:
        for depsgraph in every:
            for shown in _evaluated(thing, depsgraph):
                if shown.display_type != thing.display_type:
                    shown.display_type = thing.display_type


def _evaluated(thing: bpy.types.Object, depsgraph: Any) -> Iterator[bpy.types.Object]:
    """The copy for a depsgraph of viewports, if it has one; Blender gives the object if not."""
    if depsgraph is not None and depsgraph.mode == "VIEWPORT":
        shown = thing.evaluated_get(depsgraph)
        if shown.is_evaluated and shown != thing:
            yield shown
