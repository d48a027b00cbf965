"""Things that only carry curves: for programs that read the motion of a face and no face.

Unreal makes an animation curve of every morph target that moves in an FBX, under its name, on the
skeleton that the file is imported for; it accepts any file whose root bone has the name of the
skeleton's, and drops the object that Blender puts above the bones if it is called Armature. Its
import onto a control rig reads the translation of nodes by the names of the controls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import bpy
import numpy as np

from rigtalk.core.performance import Performance

from .stage import Stage, key

__all__ = ["set_up_board", "set_up_curves"]

_SIZE = 0.01
"""Of the mesh and of bones, metres."""
_AXES = {"X": 0, "Y": 1, "Z": 2}


@contextmanager
def set_up_curves(stage: Stage, performance: Performance) -> Iterator[None]:
    """Put a triangle on a stage, on a bone called root, with a morph target for each control.

    Parameters
    ----------
    stage : Stage
    performance : Performance
        A row for each frame of the stage.
    """
    with _own_names("Armature"):
        skeleton = _skeleton(stage, "Armature", ["root"])
        mesh = bpy.data.meshes.new("RigTalk Curves")
        corners = [(0, 0, 0), (_SIZE, 0, 0), (0, _SIZE, 0)]
        mesh.from_pydata(corners, [], [(0, 1, 2)])
        carrier = bpy.data.objects.new(mesh.name, mesh)
        stage.add(carrier, mesh)
        carrier.parent = skeleton
        carrier.vertex_groups.new(name="root").add([0, 1, 2], 1.0, "REPLACE")
        carrier.modifiers.new("Armature", "ARMATURE").object = skeleton
        carrier.shape_key_add(name="Basis")
        settings = _settings(performance)
        for name, values in zip(performance.controls.names, performance.values.T, strict=True):
            if name in settings:
                continue
            block = carrier.shape_key_add(name=name)
            block.slider_min, block.slider_max = -10.0, 10.0
            # A morph target that moves nothing is left out by some importers.
            block.data[0].co.z = _SIZE
            path = f'key_blocks["{bpy.utils.escape_identifier(name)}"].value'
            key(stage, mesh.shape_keys, path, 0, values)
        yield


@contextmanager
def set_up_board(stage: Stage, performance: Performance) -> Iterator[None]:
    """Put an armature on a stage with a bone for each slider, whose location is its value.

    Parameters
    ----------
    stage : Stage
    performance : Performance
        Of a control set whose names end in the axis, ``CTRL_C_jaw.X``; others move in Y.
    """
    settings = _settings(performance)
    sliders: dict[str, dict[int, np.ndarray]] = {}
    for name, values in zip(performance.controls.names, performance.values.T, strict=True):
        if name not in settings:
            bone, _, axis = name.partition(".")
            sliders.setdefault(bone, {})[_AXES[axis or "Y"]] = values
    with _own_names("Face_ControlBoard_CtrlRig"):
        board = _skeleton(stage, "Face_ControlBoard_CtrlRig", list(sliders))
        still = np.zeros(len(performance))
        for name, axes in sliders.items():
            path = f'pose.bones["{bpy.utils.escape_identifier(name)}"].location'
            for index in range(3):
                key(stage, board, path, index, axes.get(index, still))
        yield


def _settings(performance: Performance) -> set[str]:
    return {control.name for control in performance.controls.controls if control.setting}


def _skeleton(stage: Stage, name: str, bones: Sequence[str]) -> bpy.types.Object:
    """An armature of bones that all rest at the origin, unturned: what they show is their value."""
    # A scale of units would end up in the file.
    stage.scene.unit_settings.system = "METRIC"
    stage.scene.unit_settings.scale_length = 1.0
    armature = bpy.data.armatures.new(name)
    skeleton = bpy.data.objects.new(name, armature)
    stage.add(skeleton, armature)
    layer = stage.scene.view_layers[0]
    layer.update()
    with _editing(stage, skeleton):
        for bone_name in bones:
            bone = armature.edit_bones.new(bone_name)
            bone.head, bone.tail = (0.0, 0.0, 0.0), (0.0, _SIZE, 0.0)
    return skeleton


@contextmanager
def _editing(stage: Stage, skeleton: bpy.types.Object) -> Iterator[None]:
    """Edit mode, the only one in which bones can be made."""
    with stage.shown():
        layer = stage.scene.view_layers[0]
        layer.objects.active = skeleton
        bpy.ops.object.mode_set(mode="EDIT")
        try:
            yield
        finally:
            bpy.ops.object.mode_set(mode="OBJECT")


@contextmanager
def _own_names(*names: str) -> Iterator[None]:
    """Names of objects that must be exact, even where the user's objects have them."""
    taken: Mapping[str, bpy.types.Object | None] = {n: bpy.data.objects.get(n) for n in names}
    mine = {name: thing for name, thing in taken.items() if thing is not None}
    for name, thing in mine.items():
        thing.name = f"{name[:40]} RigTalk"
    try:
        yield
    finally:
        for name, thing in mine.items():
            made = bpy.data.objects.get(name)
            if made is not None:
                made.name = f"{name[:40]} Copy"
            thing.name = name
