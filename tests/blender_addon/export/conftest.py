"""A character that moves in every way, and readers of what is written of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import bpy
import numpy as np
import pytest

from rigtalk import rigs
from rigtalk.blender_addon.export.takes import Take

KTIME = 46186158000
"""Of a second, in FBX."""
NAMES = rigs.control_set("arkit").names[:52]


@pytest.fixture
def hero(scene, make_mesh) -> SimpleNamespace:
    """A face with a few sparse keys, one of them driven, on a bone that nods and a root that walks.

    Between its keys lie Bézier curves; most of its shapes have no key at all.
    """
    face = make_mesh("Face", NAMES)
    armature = bpy.data.armatures.new("RigData")
    rig = bpy.data.objects.new("Rig", armature)
    scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for name, parent in (("root", None), ("head", "root")):
        bone = armature.edit_bones.new(name)
        bone.head, bone.tail = (0.0, 0.0, 0.5), (0.0, 0.2, 0.9)
        bone.parent = armature.edit_bones.get(parent or "")
    bpy.ops.object.mode_set(mode="OBJECT")
    face.parent = rig
    face.vertex_groups.new(name="head").add([0, 1, 2], 1.0, "REPLACE")
    face.modifiers.new("Armature", "ARMATURE").object = rig
    blocks = face.data.shape_keys.key_blocks
    for block in blocks:
        block.value = 0.0
    moves = {"jawOpen": (0.0, 0.9, 0.2, 0.0), "mouthSmileLeft": (0.3, 0.0, 0.0, 1.0)}
    for name, values in moves.items():
        for frame, value in zip((-9, 3, 11, 30), values, strict=True):
            blocks[name].value = value
            blocks[name].keyframe_insert("value", frame=frame)
    driver = blocks["jawForward"].driver_add("value").driver
    variable = driver.variables.new()
    variable.targets[0].id = rig
    variable.targets[0].data_path = 'pose.bones["head"].location[0]'
    driver.expression = f"{variable.name} * 2.0"
    head = rig.pose.bones["head"]
    for frame, turn in ((-9, 0.0), (30, 0.4)):
        head.location[0] = turn / 2
        head.keyframe_insert("location", frame=frame)
        head.rotation_quaternion = (np.cos(turn), np.sin(turn), 0.0, 0.0)
        head.keyframe_insert("rotation_quaternion", frame=frame)
        rig.location = (turn, 2.0 * turn, 0.0)
        rig.keyframe_insert("location", frame=frame)
    bpy.context.view_layer.objects.active = face
    return SimpleNamespace(face=face, rig=rig, scene=scene)


@pytest.fixture
def takes() -> tuple[Take, ...]:
    """One before frame 0, one that overlaps it, and one of a single frame."""
    return (Take("hello", -9, 4), Take("well then", 2, 30), Take("blink", 7, 7))


@pytest.fixture
def played() -> Callable[..., np.ndarray]:
    """Slow and obvious: plays a scene frame by frame and reads the shapes as they are shown."""

    def play(face: bpy.types.Object, scene: bpy.types.Scene, frames: np.ndarray) -> np.ndarray:
        rows = []
        for frame in frames:
            whole = int(np.floor(frame))
            scene.frame_set(whole, subframe=float(frame - whole))
            keys = face.data.shape_keys.evaluated_get(bpy.context.evaluated_depsgraph_get())
            rows.append([keys.key_blocks[name].value for name in NAMES])
        return np.array(rows)

    return play


Curves = dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]


@pytest.fixture
def read_fbx() -> Callable[[Path], SimpleNamespace]:
    """Reads an FBX without Blender's importer: every curve of every take as it is in the file."""

    def read(path: Path) -> SimpleNamespace:
        from io_scene_fbx import parse_fbx

        root, _ = parse_fbx.parse(str(path))
        parts = {part.id: part.elems for part in root.elems}
        things = {thing.props[0]: thing for thing in parts[b"Objects"]}
        names = {key: thing.props[1].split(b"\0")[0].decode() for key, thing in things.items()}
        above: dict[int, list[tuple[int, str]]] = {}
        for link in parts[b"Connections"]:
            _, child, parent, *what = link.props
            above.setdefault(child, []).append((parent, what[0].decode() if what else ""))
        takes: dict[str, Curves] = {}
        for key, thing in things.items():
            if thing.id == b"AnimationStack":
                takes.setdefault(names[key], {})
            if thing.id != b"AnimationCurve":
                continue
            facts = {fact.id: fact.props[0] for fact in thing.elems}
            keys = np.array(facts[b"KeyTime"]) / KTIME, np.array(facts[b"KeyValueFloat"])
            for node, axis in above[key]:
                layer = next(p for p, _ in above[node] if things[p].id == b"AnimationLayer")
                curves = takes.setdefault(names[above[layer][0][0]], {})
                for owner, what in above[node]:
                    if things[owner].id in (b"Model", b"Deformer"):
                        curves[names[owner], f"{what} {axis[2:]}".removesuffix(f" {what}")] = keys
        (rows,) = (fact.elems for fact in parts[b"GlobalSettings"] if fact.id == b"Properties70")
        settings = {row.props[0].decode(): row.props[-1] for row in rows}
        return SimpleNamespace(takes=takes, settings=settings)

    return read
