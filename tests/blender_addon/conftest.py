"""Characters in a real Blender."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pytest

bpy = pytest.importorskip("bpy", reason="needs the bpy wheel: python build.py test installs it")

from rigtalk import rigs  # noqa: E402 - bpy comes first, or there is nothing to test

if TYPE_CHECKING:
    import bpy

MakeMesh = Callable[..., "bpy.types.Object"]


@pytest.fixture
def scene() -> bpy.types.Scene:
    """An empty scene at 60 fps."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = 60, 1.0
    return scene


@pytest.fixture
def make_mesh(scene: bpy.types.Scene) -> MakeMesh:
    """Makes a triangle with shape keys of given names, each moving its first corner."""

    def make(name: str, keys: Sequence[str]) -> bpy.types.Object:
        mesh = bpy.data.meshes.new(f"{name}Mesh")
        mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
        thing = bpy.data.objects.new(name, mesh)
        scene.collection.objects.link(thing)
        thing.shape_key_add(name="Basis")
        for i, key in enumerate(keys):
            thing.shape_key_add(name=key).data[0].co = (0.1 * (i + 1), 0.0, 0.01 * i)
        bpy.context.view_layer.objects.active = thing
        return thing

    return make


@pytest.fixture
def face(make_mesh: MakeMesh) -> bpy.types.Object:
    """A character with the 52 ARKit shape keys."""
    return make_mesh("Face", rigs.control_set("arkit").names[:52])


@pytest.fixture
def board(scene: bpy.types.Scene) -> bpy.types.Object:
    """A MetaHuman face board: an armature with a bone for each control."""
    names = {name.split(".")[0] for name in rigs.control_set("metahuman-board").names}
    armature = bpy.data.armatures.new("BoardData")
    thing = bpy.data.objects.new("Board", armature)
    scene.collection.objects.link(thing)
    bpy.context.view_layer.objects.active = thing
    bpy.ops.object.mode_set(mode="EDIT")
    for i, name in enumerate(sorted(names)):
        bone = armature.edit_bones.new(name)
        bone.head, bone.tail = (i, 0, 0), (i, 0.5, 0)
    bpy.ops.object.mode_set(mode="OBJECT")
    return thing
