"""Camera, lights and render settings for a portrait."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
from mathutils import Vector

__all__ = ["VIDEO_SAMPLES", "VIDEO_SIZE", "create_studio"]

VIDEO_SIZE = 480
"""Pixels on each side: a film of some seconds takes a minute or two on two cores without a GPU."""
VIDEO_SAMPLES = "5"
"""Anti-aliasing of films, in Workbench; a still is finer with ``"16"`` and twice the size."""

_FACE = Vector((0.0, -0.04, 0.04))
"""What the camera looks at, in metres from the head's origin."""
_CAMERA = Vector((0.14, -1.08, 0.045))
_LENS = 105.0


@dataclass(frozen=True)
class _Lamp:
    """An area light; where it stands from the face, its edge in metres and its power in watts."""

    name: str
    place: tuple[float, float, float]
    size: float
    power: float
    color: tuple[float, float, float]


_LAMPS = (
    _Lamp("Key", (-0.7, -0.9, 0.7), 0.45, 24.0, (1.0, 0.92, 0.82)),
    _Lamp("Fill", (0.7, -1.1, -0.25), 1.0, 9.0, (0.78, 0.88, 1.0)),
    _Lamp("Rim", (0.7, 0.8, 0.6), 0.5, 26.0, (0.80, 0.90, 1.0)),
)


def create_studio(scene: bpy.types.Scene, target: bpy.types.Object) -> bpy.types.Object:
    """Camera, three lights, a background and render settings around a head.

    Parameters
    ----------
    scene : bpy.types.Scene
    target : bpy.types.Object
        What `create_head` made; the studio stands round its place.

    Returns
    -------
    bpy.types.Object
        The camera.
    """
    place = target.matrix_world.translation
    face = place + _FACE
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.lens = _LENS
    camera.data.clip_start = 0.01
    _put(scene, camera, place + _CAMERA, face)
    scene.camera = camera
    for lamp in _LAMPS:
        light = bpy.data.lights.new(lamp.name, "AREA")
        light.size, light.energy, light.color = lamp.size, lamp.power, lamp.color
        _put(scene, bpy.data.objects.new(lamp.name, light), face + Vector(lamp.place), face)
    _background(scene)
    _render_settings(scene)
    return camera


def _put(scene: bpy.types.Scene, object_: bpy.types.Object, place: Vector, aim: Vector) -> None:
    object_.location = place
    object_.rotation_euler = (aim - place).to_track_quat("-Z", "Y").to_euler()
    scene.collection.objects.link(object_)


def _background(scene: bpy.types.Scene) -> None:
    world = bpy.data.worlds.new("Studio")
    world.color = (0.085, 0.095, 0.11)
    if world.node_tree is None:  # Blender 5 always has one
        world.use_nodes = True
    for node in world.node_tree.nodes:
        if node.type == "BACKGROUND":
            node.inputs["Color"].default_value = (0.085, 0.095, 0.11, 1.0)
            node.inputs["Strength"].default_value = 1.0
    scene.world = world


def _render_settings(scene: bpy.types.Scene) -> None:
    render = scene.render
    render.engine = "BLENDER_WORKBENCH"
    render.resolution_x = render.resolution_y = VIDEO_SIZE
    render.resolution_percentage = 100
    shading = scene.display.shading
    shading.light = "STUDIO"
    # The brightest of the lights that every Blender has; skin looks grey under the default.
    shading.studio_light = "paint.sl"
    shading.color_type = "VERTEX"
    shading.show_cavity = True
    shading.cavity_type = "BOTH"
    shading.cavity_ridge_factor = 0.35
    shading.cavity_valley_factor = 0.6
    shading.show_specular_highlight = True
    scene.display.render_aa = VIDEO_SAMPLES
    scene.view_settings.view_transform = "Standard"
    scene.cycles.samples = 64
    scene.cycles.use_denoising = True
    scene.cycles.device = "CPU"
