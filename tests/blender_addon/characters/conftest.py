"""Characters of every convention, made by code, and lines to key on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import bpy
import numpy as np
import pytest
from mathutils import Vector

from rigtalk import rigs
from rigtalk.blender_addon.animation import keys
from rigtalk.blender_addon.animation.keys import Channel
from rigtalk.blender_addon.characters import obstacles, registration, targets
from rigtalk.core.performance import Performance

if TYPE_CHECKING:
    from rigtalk.blender_addon.characters.finding import Target

ARKIT = rigs.control_set("arkit").names[:52]


def noise(rig: str, frames: int = 6) -> Performance:
    """Curves in which no two controls are alike."""
    controls = rigs.control_set(rig)
    shares = np.random.default_rng(1).uniform(0.05, 0.95, (frames, len(controls)))
    values = controls.lows + shares * (controls.highs - controls.lows)
    return Performance(values.astype(np.float32), 60.0, controls)


@pytest.fixture
def make_armature(scene: bpy.types.Scene) -> Callable[..., bpy.types.Object]:
    """Makes an armature with bones of given names, and its pose."""

    def make(name: str, bones: Iterable[str]) -> bpy.types.Object:
        data = bpy.data.armatures.new(f"{name}Data")
        thing = bpy.data.objects.new(name, data)
        scene.collection.objects.link(thing)
        bpy.context.view_layer.objects.active = thing
        bpy.ops.object.mode_set(mode="EDIT")
        for i, bone_name in enumerate(bones):
            bone = data.edit_bones.new(bone_name)
            bone.head = (0.01 * i, 0.05 * np.sin(i), 0.05 * np.cos(2 * i))
            bone.tail = bone.head + Vector((0, 0, 0.1))
        bpy.ops.object.mode_set(mode="OBJECT")
        return thing

    return make


@pytest.fixture
def make_holder(scene: bpy.types.Scene) -> Callable[..., bpy.types.Object]:
    """Makes an empty with custom properties of given names."""

    def make(name: str, properties: Sequence[str]) -> bpy.types.Object:
        thing = bpy.data.objects.new(name, None)
        scene.collection.objects.link(thing)
        for each in properties:
            thing[each] = 0.0
        bpy.context.view_layer.objects.active = thing
        return thing

    return make


class _Parent(bpy.types.Panel):
    """Stands in for the main panel, below which that of characters hangs."""

    bl_idname = "RIGTALK_PT_main"
    bl_label = "RigTalk"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "RigTalk"

    def draw(self, context: bpy.types.Context) -> None:
        pass


@pytest.fixture
def editor(scene: bpy.types.Scene) -> Iterator[None]:
    """The mapping and its editor, enabled without the rest of the extension."""
    bpy.utils.register_class(_Parent)
    registration.register()
    yield
    registration.unregister()
    bpy.utils.unregister_class(_Parent)


def _moving(target: Target) -> list[Channel]:
    """The channels that nothing else holds."""
    drivers = obstacles.Drivers(target.channels)
    return [channel for channel in target.channels if channel not in drivers.held]


@pytest.fixture
def speak(scene: bpy.types.Scene) -> Callable[..., tuple[Performance, Target]]:
    """Keys noise on a character as Generate does, and asserts what Blender then plays."""

    def act(character: bpy.types.Object) -> tuple[Performance, Target]:
        scene = bpy.context.scene
        target = targets.find_target(character)
        performance = noise(target.controls.name)
        written = keys.write_performance(performance, target.channels, scene=scene, start_frame=1)
        assert written.curves == len(target.channels) - target.driven
        for frame in (2, 5):
            scene.frame_set(frame)
            for channel in _moving(targets.find_target(character)):
                shown = channel.owner.path_resolve(channel.path)
                shown = shown[channel.index] if hasattr(shown, "__len__") else shown
                expected = channel.values(performance)[frame - 1]
                # float32 on the way through Blender's curves
                assert shown == pytest.approx(float(expected), abs=2e-6), channel.path
        return performance, target

    return act
