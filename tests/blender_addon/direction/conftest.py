"""A character that is directed."""

from __future__ import annotations

from collections.abc import Callable

import bpy
import pytest


@pytest.fixture
def anna(extension: None, scene: bpy.types.Scene) -> bpy.types.Object:
    """An object at 24 fps, active."""
    scene.render.fps = 24
    thing = bpy.data.objects.new("Anna", None)
    scene.collection.objects.link(thing)
    bpy.context.view_layer.objects.active = thing
    thing.select_set(True)
    return thing


@pytest.fixture
def key(anna: bpy.types.Object) -> Callable[..., None]:
    """Keys a property as the I key does: name, then frame and value by turns."""

    def insert(name: str, *keys: tuple[float, float], interpolation: str = "") -> None:
        path = f"rigtalk_direction.{name}"
        for frame, value in keys:
            setattr(anna.rigtalk_direction, name, value)
            anna.keyframe_insert(path, frame=frame)
        if interpolation:
            for point in curve_of(anna, name).keyframe_points:
                point.interpolation = interpolation

    return insert


def curve_of(obj: bpy.types.Object, name: str):
    """The F-curve of a property in the action that is edited, or None."""
    from rigtalk.blender_addon import compat

    holder = compat.curves_to_read(obj)
    return holder and holder.fcurves.find(f"rigtalk_direction.{name}")
