"""What the steps with a head of Gaussians share: a scene, and what is seen of it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import bpy
import numpy as np
from bpy_extras.view3d_utils import location_3d_to_region_2d
from mathutils import Matrix, Vector

MODULE = "bl_ext.user_default.rigtalk"
FPS = 30
CORNER = 30
"""Pixels from the lower left corner of a region to where there is nothing but the background."""
SETTLED = 0.6
"""Seconds after which nothing is drawn coarsely any more."""


def addon(name: str) -> Any:
    """A module of the installed extension."""
    return importlib.import_module(f"{MODULE}.{name}")


def begin(window: Any) -> Iterator[Any]:
    """The head far from the origin, turned and scaled, and a camera before it."""
    bpy.ops.extensions.package_install_files(
        filepath=window.arguments[0], repo="user_default", enable_on_install=True
    )
    for item in tuple(bpy.data.objects):
        bpy.data.objects.remove(item)
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = FPS, 1.0
    with window.inside(main_area(window)):
        bpy.ops.rigtalk.add_head()
    yield 0.5
    hook = bpy.data.objects.new("Hook", None)
    scene.collection.objects.link(hook)
    turned = Matrix.Rotation(0.5, 4, "Z") @ Matrix.Scale(2.0, 4)
    hook.matrix_world = Matrix.Translation((3.0, -7.0, 2.0)) @ turned
    head().parent = hook
    hook.hide_set(True)
    lens = bpy.data.cameras.new("Camera")
    lens.show_passepartout = False
    scene.camera = bpy.data.objects.new("Camera", lens)
    scene.collection.objects.link(scene.camera)
    bpy.context.view_layer.update()
    face = hook.matrix_world @ Vector((0.0, 0.0, 0.05))
    scene.camera.location = face + Vector((0.6, -1.6, 0.2))
    scene.camera.rotation_mode = "QUATERNION"
    way = face - scene.camera.location
    scene.camera.rotation_quaternion = way.to_track_quat("-Z", "Y")
    scene.camera.hide_set(True)
    space = main_area(window).spaces.active
    space.show_region_toolbar = space.show_gizmo = False
    space.region_3d.view_location = face
    space.region_3d.view_rotation = (-way - Vector((1.0, 0.0, 0.0))).to_track_quat("Z", "Y")
    space.region_3d.view_perspective, space.region_3d.view_distance = "PERSP", 2.0
    yield 0.2


def head() -> bpy.types.Object:
    return bpy.data.objects["Head"]


def main_area(window: Any) -> bpy.types.Area:
    return window.areas()[0]


def region_of(area: bpy.types.Area) -> bpy.types.Region:
    return next(region for region in area.regions if region.type == "WINDOW")


def show(on: bool, file: str = "") -> None:
    """Switch the preview as the button does."""
    if file:
        head().rigtalk_gaussian.filepath = file
    if head().rigtalk_gaussian.show != on:
        with bpy.context.temp_override(object=head(), active_object=head()):
            assert bpy.ops.rigtalk.gaussian_preview() == {"FINISHED"}


def figures() -> Any:
    return addon("gaussian.viewport").figures_of(head())


def told(rate: float) -> dict[str, Any]:
    """What a picture takes, for people to read."""
    now = figures()
    names = ("following", "rendering", "uploading", "drawing")
    times = {f"{name}_ms": round(1000 * getattr(now, name), 2) for name in names}
    return times | {"pictures_a_second": round(rate, 1), "scale": now.scale}


def evaluated_type() -> str:
    """How the mesh is shown, whatever the object says."""
    depsgraph = bpy.context.view_layer.depsgraph
    return str(head().evaluated_get(depsgraph).display_type)


def covered(window: Any, region: bpy.types.Region) -> np.ndarray:
    """Which pixels are not of the background."""
    pixels = window.seen(region).astype(int)
    return np.abs(pixels - pixels[-CORNER, CORNER]).max(axis=2) > 12


def pixel(window: Any, place: Vector) -> list[int]:
    """The colour that a place in the world has on the screen."""
    area = main_area(window)
    region = region_of(area)
    at = location_3d_to_region_2d(region, area.spaces.active.region_3d, place)
    return [int(v) for v in window.seen(region)[region.height - 1 - int(at.y), int(at.x)]]
