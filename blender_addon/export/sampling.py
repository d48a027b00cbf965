"""What a character does, frame by frame: whatever moves it, as numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from rigtalk.core.errors import RigtalkError

from ..animation.keys import Channel, scene_fps
from .direct import direct_values

__all__ = ["Samples", "sample_character"]

PLACE = 10
"""Numbers of a transform: location, quaternion, scale."""


@dataclass(frozen=True)
class Samples:
    """A character over some frames.

    Attributes
    ----------
    fps : float
        Rate of the frames.
    shapes : dict of Mesh to ndarray, shape (n, keys), float32
        Values of all shape keys but the first.
    places : dict of Object to ndarray, shape (n, 10), float64
        Location, quaternion and scale in the space of the parent, if that is sampled too, else in
        that of the world.
    bones : dict of Object to ndarray, shape (n, bones, 10), float64
        The same for the bones of armatures, from their rest.
    channels : ndarray, shape (n, channels), float32
    """

    fps: float
    shapes: dict[bpy.types.Mesh, np.ndarray] = field(default_factory=dict)
    places: dict[bpy.types.Object, np.ndarray] = field(default_factory=dict)
    bones: dict[bpy.types.Object, np.ndarray] = field(default_factory=dict)
    channels: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))


def sample_character(
    objects: Sequence[bpy.types.Object],
    channels: Sequence[Channel],
    *,
    cast: Sequence[bpy.types.Object] = (),
    scene: bpy.types.Scene,
    frames: np.ndarray,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Samples:
    """Play a scene and note what its character does.

    Actions, NLA, drivers and constraints all count, as they do on the screen. The scene itself is
    left alone: the character is played in one of its own.

    Parameters
    ----------
    objects : sequence of bpy.types.Object
        Meshes, armatures and empties. They need not be visible.
    channels : sequence of Channel
    cast : sequence of bpy.types.Object
        Others that must be there, since channels belong to them.
    scene : bpy.types.Scene
        For its frame rate.
    frames : ndarray, shape (n,)
        May lie between whole frames.
    progress : callable
        Called with the fraction done, 0-1.

    Raises
    ------
    RigtalkError
        If shape keys are not relative.
    """
    if not objects:
        direct = direct_values(channels, frames)
        if direct is not None:
            return Samples(scene_fps(scene), channels=direct)
    meshes = list(dict.fromkeys(o.data for o in objects if o.type == "MESH" and o.data.shape_keys))
    for mesh in meshes:
        if not mesh.shape_keys.use_relative:
            raise RigtalkError(
                f"the shape keys of {mesh.name} are absolute: turn on Relative for them"
            )
    armatures = [thing for thing in objects if thing.type == "ARMATURE"]
    count = len(frames)
    samples = Samples(
        scene_fps(scene),
        {m: np.zeros((count, len(m.shape_keys.key_blocks) - 1), dtype=np.float32) for m in meshes},
        {thing: np.zeros((count, PLACE)) for thing in objects},
        {thing: np.zeros((count, len(thing.pose.bones), PLACE)) for thing in armatures},
        np.zeros((count, len(channels)), dtype=np.float32),
    )
    readers = [_reader(channel) for channel in channels]
    with _played(tuple(dict.fromkeys([*objects, *cast])), scene) as probe:
        layer = probe.view_layers[0]
        for row, frame in enumerate(frames):
            whole = int(np.floor(frame))
            probe.frame_set(whole, subframe=float(frame - whole))
            _note(samples, row, layer.depsgraph)
            samples.channels[row] = [read(layer.depsgraph) for read in readers]
            progress((row + 1) / count)
    for places in samples.places.values():
        _steady(places[:, None])
    for bones in samples.bones.values():
        _steady(bones)
    return samples


@contextmanager
def _played(objects: Sequence[bpy.types.Object], scene: bpy.types.Scene) -> Iterator[Any]:
    """A scene of nothing but these objects, in which they move as in their own."""
    probe = bpy.data.scenes.new("RigTalk Export")
    hidden = [thing for thing in objects if thing.hide_viewport]
    try:
        probe.render.fps, probe.render.fps_base = scene.render.fps, scene.render.fps_base
        # Only numbers are read: surfaces need not be smooth.
        probe.render.use_simplify, probe.render.simplify_subdivision = True, 0
        for thing in objects:
            # Blender plays no object that is switched off in all views.
            thing.hide_viewport = False
            probe.collection.objects.link(thing)
        probe.view_layers[0].update()
        yield probe
    finally:
        bpy.data.scenes.remove(probe)
        for thing in hidden:
            thing.hide_viewport = True


def _note(samples: Samples, row: int, depsgraph: Any) -> None:
    for mesh, values in samples.shapes.items():
        blocks = mesh.shape_keys.evaluated_get(depsgraph).key_blocks
        shown: np.ndarray = np.empty(len(blocks), dtype=np.float32)
        blocks.foreach_get("value", shown)
        muted: np.ndarray = np.empty(len(blocks), dtype=bool)
        blocks.foreach_get("mute", muted)
        values[row] = np.where(muted, 0.0, shown)[1:]
    for thing, places in samples.places.items():
        shown_thing = thing.evaluated_get(depsgraph)
        base = _base(thing, depsgraph) if thing.parent in samples.places else Matrix()
        places[row] = _numbers(base.inverted_safe() @ shown_thing.matrix_world)
    for thing, bones in samples.bones.items():
        armature = thing.evaluated_get(depsgraph)
        constrained = any(len(bone.constraints) for bone in armature.pose.bones)
        for column, bone in enumerate(armature.pose.bones):
            matrix = bone.matrix_basis
            if constrained:
                matrix = armature.convert_space(
                    pose_bone=bone, matrix=bone.matrix, from_space="POSE", to_space="LOCAL"
                )
            bones[row, column] = _numbers(matrix)


def _base(thing: bpy.types.Object, depsgraph: Any) -> Matrix:
    """The space that a child is placed in."""
    parent = thing.parent.evaluated_get(depsgraph)
    bone = parent.pose.bones.get(thing.parent_bone) if thing.parent_type == "BONE" else None
    if bone is None:
        return parent.matrix_world
    return parent.matrix_world @ bone.matrix @ Matrix.Translation((0.0, bone.length, 0.0))


def _numbers(matrix: Matrix) -> tuple[float, ...]:
    location, rotation, scale = matrix.decompose()
    return (*location, *rotation, *scale)


def _steady(places: np.ndarray) -> None:
    """Of the two quaternions for a rotation take the one nearer to the frame before, in place."""
    turns = places[..., 3:7]
    flips = np.einsum("fbi,fbi->fb", turns[1:], turns[:-1]) < 0
    signs = np.cumprod(np.where(flips, -1.0, 1.0), axis=0)
    turns[1:] *= signs[..., None]


def _reader(channel: Channel) -> Callable[[Any], float]:
    """Reads a channel of what is played."""

    def read(depsgraph: Any) -> float:
        value = channel.owner.evaluated_get(depsgraph).path_resolve(channel.path)
        return float(value) if isinstance(value, int | float) else float(value[channel.index])

    return read
