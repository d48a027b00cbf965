"""A neck for the embedded head, so that it can turn, nod and tilt over its shoulders."""

from __future__ import annotations

import bpy
import numpy as np

from rigtalk.rigs.head import Head
from rigtalk.rigs.head.surface import smoothstep

__all__ = ["HEAD_ANGLES", "add_neck"]

HEAD_ANGLES = {"headYaw": (1, -1.0), "headPitch": (0, 1.0), "headRoll": (2, -1.0)}
"""Custom property of the head, in radians, to the axis of the bone that it turns and its sign.

Yaw is positive towards the character's right and pitch downwards, as Live Link Face records them;
roll is positive towards the character's left shoulder.
"""
_PIVOT = (0.0, 0.012, -0.045)
_LENGTH = 0.12
_FADE = (-0.095, -0.042)
"""Height where the neck begins and ends to follow the head, metres, at the middle of the neck."""
_SLANT = 0.2
"""The neck leans forward: how much higher it ends at the back."""


def add_neck(object_: bpy.types.Object, head: Head) -> bpy.types.Object:
    """Give a head an armature with a bone that turns it.

    Parameters
    ----------
    object_ : bpy.types.Object
        What `create_head` made from `head`.
    head : Head

    Returns
    -------
    bpy.types.Object
        The armature. Its bone ``head`` follows the custom properties ``headYaw``, ``headPitch`` and
        ``headRoll`` of the head (radians), which can be keyed.
    """
    armature = bpy.data.armatures.new(f"{object_.name} Neck")
    neck = bpy.data.objects.new(armature.name, armature)
    object_.users_collection[0].objects.link(neck)
    neck.matrix_world = object_.matrix_world
    _add_bones(neck)
    for name, weights in _weights(head).items():
        group = object_.vertex_groups.new(name=name)
        for weight in np.unique(weights[weights > 0.0]):
            group.add(np.flatnonzero(weights == weight).tolist(), float(weight), "REPLACE")
    modifier = object_.modifiers.new("Neck", "ARMATURE")
    modifier.object = neck
    object_.modifiers.move(len(object_.modifiers) - 1, 0)
    bone = neck.pose.bones["head"]
    bone.rotation_mode = "YXZ"
    for name, (axis, sign) in HEAD_ANGLES.items():
        _angle(object_, name)
        _follow(bone, axis, object_, name, sign)
    return neck


def _weights(head: Head) -> dict[str, np.ndarray]:
    """How far each vertex follows the head and the bust, (V,), in hundredths."""
    height = head.vertices[:, 2] - _SLANT * head.vertices[:, 1]
    up = smoothstep(height, *_FADE)
    up[head.parts["hair"]] = 1.0
    up[head.parts["shirt"]] = 0.0
    up = np.round(up, 2)
    return {"head": up, "bust": np.round(1.0 - up, 2)}


def _add_bones(neck: bpy.types.Object) -> None:
    view_layer = bpy.context.view_layer
    before = view_layer.objects.active
    view_layer.objects.active = neck
    bpy.ops.object.mode_set(mode="EDIT")
    x, y, z = _PIVOT
    for name, foot, top in (("bust", z - _LENGTH, z), ("head", z, z + _LENGTH)):
        bone = neck.data.edit_bones.new(name)
        bone.head, bone.tail = (x, y, foot), (x, y, top)
        bone.align_roll((0.0, -1.0, 0.0))
    neck.data.edit_bones["head"].parent = neck.data.edit_bones["bust"]
    bpy.ops.object.mode_set(mode="OBJECT")
    view_layer.objects.active = before


def _angle(object_: bpy.types.Object, name: str) -> None:
    object_[name] = 0.0
    settings = object_.id_properties_ui(name)
    settings.update(min=-1.5708, max=1.5708, soft_min=-0.7, soft_max=0.7, subtype="ANGLE")


def _follow(
    bone: bpy.types.PoseBone, axis: int, object_: bpy.types.Object, name: str, sign: float
) -> None:
    driver = bone.driver_add("rotation_euler", axis).driver
    driver.type = "SCRIPTED"
    variable = driver.variables.new()
    variable.name = "angle"
    variable.targets[0].id = object_
    variable.targets[0].data_path = f'["{name}"]'
    driver.expression = "angle" if sign > 0.0 else "-angle"
