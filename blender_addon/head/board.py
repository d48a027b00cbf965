"""A face board like MetaHuman's: sliders beside the head that drive its shape keys."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
from mathutils import Vector

from rigtalk.rigs import control_set
from rigtalk.rigs.controls import Control

__all__ = ["create_face_board"]

_TABLE = Path(__file__).with_name("board.toml")
_UNIT = 0.0125
"""Metres on the board for a slider's way from 0 to 1."""
_PLACE = Vector((0.30, 0.0, 0.02))
"""The middle of the board from the head's origin, metres."""
_COLUMNS, _STEP = 8, (1.5, 2.6)
"""Of the rows of sliders beside the face."""
_FIRST = (9.4, 11.0)
_OUTWARD = frozenset({"CTRL_R_nose", "CTRL_R_mouth_corner"})
"""On the right side of the face, but positive to the right."""
_THIN = 0.14
_SETTINGS = ("Switch", "FollowHead", "Multiplyer")


@dataclass(frozen=True)
class _Slider:
    """One bone: where it rests in slider lengths, which way is positive, and its ranges."""

    name: str
    x: float
    z: float
    up: float
    right: float
    ranges: dict[str, tuple[float, float]]

    def corners(self) -> tuple[float, float, float, float]:
        """The frame: left, right, bottom and top, in slider lengths."""
        wide, tall = self.ranges.get("X", (0.0, 0.0)), self.ranges.get("Y", (0.0, 0.0))
        across = sorted((self.right * wide[0], self.right * wide[1]))
        along = sorted((self.up * tall[0], self.up * tall[1]))
        return (
            self.x + across[0] - _THIN,
            self.x + across[1] + _THIN,
            self.z + along[0] - _THIN,
            self.z + along[1] + _THIN,
        )


def create_face_board(
    head: bpy.types.Object, *, collection: bpy.types.Collection | None = None
) -> bpy.types.Object:
    """Stand a face board beside a head and let it drive the head's shape keys.

    A shape key that is driven cannot be keyed any more: keys go on the board.

    Parameters
    ----------
    head : bpy.types.Object
        What `create_head` made.
    collection : bpy.types.Collection, optional
        Where the board is put; that of the head where absent.

    Returns
    -------
    bpy.types.Object
        An armature. The bone ``CTRL_C_jaw`` of the control ``CTRL_C_jaw.X``, and so on, moves in
        its local X and Y within the range of the control; controls without an axis move in Y.
    """
    with _TABLE.open("rb") as file:
        table = tomllib.load(file)
    collection = collection or head.users_collection[0]
    sliders = list(_sliders(table["places"]))
    armature = bpy.data.armatures.new(f"{head.name} Face Board")
    board = bpy.data.objects.new(armature.name, armature)
    collection.objects.link(board)
    board.location = head.matrix_world.translation + _PLACE
    board.scale = (_UNIT, _UNIT, _UNIT)
    _add_bones(board, sliders)
    handle = _handle()
    for slider in sliders:
        _fit(board.pose.bones[slider.name], slider, handle)
    for piece in (_frames(board, sliders), *_titles(board, table["titles"])):
        collection.objects.link(piece)
        piece.parent = board
        piece.hide_select = True
        piece.hide_render = True
    _drive(head, board, table["shapes"])
    return board


def _sliders(places: dict[str, list[Any]]) -> Iterator[_Slider]:
    bones: dict[str, dict[str, Control]] = {}
    for control in control_set("metahuman-board").controls:
        if not any(word in control.name for word in _SETTINGS):
            name, _, axis = control.name.partition(".")
            bones.setdefault(name, {})[axis or "Y"] = control
    spare = 0
    for name, axes in bones.items():
        ranges = {axis: (control.low, control.high) for axis, control in axes.items()}
        mirror = name.replace("_R_", "_L_")
        if name in places:
            x, z, *way = places[name]
        elif mirror in places:
            x, z, *way = places[mirror]
            x = -x
        else:
            x = _FIRST[0] + _STEP[0] * (spare % _COLUMNS)
            z = _FIRST[1] - _STEP[1] * (spare // _COLUMNS)
            way = []
            spare += 1
        up = -1.0 if way == ["down"] else 1.0
        # A bone that hangs down has its x axis to the left of the board.
        right = up if name not in _OUTWARD else -1.0
        yield _Slider(name, x, z, up, right, ranges)


def _add_bones(board: bpy.types.Object, sliders: list[_Slider]) -> None:
    view_layer = bpy.context.view_layer
    before = view_layer.objects.active
    view_layer.objects.active = board
    bpy.ops.object.mode_set(mode="EDIT")
    for slider in sliders:
        bone = board.data.edit_bones.new(slider.name)
        bone.head = (slider.x, 0.0, slider.z)
        bone.tail = (slider.x, 0.0, slider.z + 0.3 * slider.up)
        facing = -1.0 if slider.right == slider.up else 1.0
        bone.align_roll(Vector((0.0, facing, 0.0)))
        bone.use_deform = False
    bpy.ops.object.mode_set(mode="OBJECT")
    view_layer.objects.active = before


def _fit(bone: bpy.types.PoseBone, slider: _Slider, handle: bpy.types.Object) -> None:
    """Lets a bone move only as far as its controls go."""
    bone.custom_shape = handle
    bone.use_custom_shape_bone_size = False
    bone.lock_rotation = (True, True, True)
    bone.lock_scale = (True, True, True)
    bone.lock_location = ("X" not in slider.ranges, "Y" not in slider.ranges, True)
    limit = bone.constraints.new("LIMIT_LOCATION")
    limit.owner_space = "LOCAL"
    limit.use_transform_limit = True
    for axis in ("x", "y", "z"):
        low, high = slider.ranges.get(axis.upper(), (0.0, 0.0))
        setattr(limit, f"use_min_{axis}", True)
        setattr(limit, f"use_max_{axis}", True)
        setattr(limit, f"min_{axis}", low)
        setattr(limit, f"max_{axis}", high)


def _handle() -> bpy.types.Object:
    """The shape of every handle: a diamond."""
    mesh = bpy.data.meshes.new("Face Board Handle")
    size = 0.24
    mesh.from_pydata(
        [(0.0, size, 0.0), (size, 0.0, 0.0), (0.0, -size, 0.0), (-size, 0.0, 0.0)],
        [],
        [(0, 1, 2, 3)],
    )
    return bpy.data.objects.new(mesh.name, mesh)


def _frames(board: bpy.types.Object, sliders: list[_Slider]) -> bpy.types.Object:
    """One mesh of lines: a frame round the way of each slider."""
    points: list[tuple[float, float, float]] = []
    edges: list[tuple[int, int]] = []
    for slider in sliders:
        left, right, bottom, top = slider.corners()
        first = len(points)
        points += [
            (x, 0.05, z) for x, z in ((left, bottom), (right, bottom), (right, top), (left, top))
        ]
        edges += [(first + i, first + (i + 1) % 4) for i in range(4)]
    mesh = bpy.data.meshes.new(f"{board.name} Frames")
    mesh.from_pydata(points, edges, [])
    return bpy.data.objects.new(mesh.name, mesh)


def _titles(board: bpy.types.Object, titles: dict[str, list[float]]) -> Iterator[bpy.types.Object]:
    for text, (x, z) in titles.items():
        curve = bpy.data.curves.new(f"{board.name} {text}", "FONT")
        curve.body, curve.size, curve.align_x = text, 0.7, "CENTER"
        title = bpy.data.objects.new(curve.name, curve)
        title.location = (x, 0.05, z)
        title.rotation_euler = (1.5707963, 0.0, 0.0)
        yield title


def _drive(head: bpy.types.Object, board: bpy.types.Object, shapes: dict[str, str]) -> None:
    keys = head.data.shape_keys
    for name, expression in _both_sides(shapes).items():
        driver = keys.driver_add(f'key_blocks["{name}"].value').driver
        driver.type = "SCRIPTED"
        names: dict[str, str] = {}

        def variable(found: re.Match[str], names: dict[str, str] = names) -> str:
            return names.setdefault(found[1], f"v{len(names)}")

        written = re.sub(r"\{([^}]+)\}", variable, expression)
        for channel, short in names.items():
            bone, _, axis = channel.partition(".")
            entry = driver.variables.new()
            entry.name, entry.type = short, "TRANSFORMS"
            target = entry.targets[0]
            target.id, target.bone_target = board, bone
            target.transform_type, target.transform_space = f"LOC_{axis or 'Y'}", "LOCAL_SPACE"
        # Within what Blender evaluates without Python, so that it works where scripts are off.
        driver.expression = f"min(max({written}, 0), 1)"


def _both_sides(shapes: dict[str, str]) -> dict[str, str]:
    result = dict(shapes)
    for name, expression in shapes.items():
        if name.endswith("Left"):
            other = name.removesuffix("Left") + "Right"
            result.setdefault(other, expression.replace("_L_", "_R_"))
    return result
