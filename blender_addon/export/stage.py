"""A scene of its own for the exporters: copies of a character that do nothing but the takes.

Exporters write what is selected in a scene and what its actions do. A character may be hidden, be
moved by drivers, NLA strips and constraints, and share the time line with other lines. On the stage
are plain copies, keyed on every frame, with the takes one after another; what the user has is not
touched, and no take inherits anything from another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from .. import compat
from ..animation.keys import scene_fps
from .sampling import Samples
from .takes import Take

__all__ = ["GAP", "Stage", "key", "key_places", "open_stage", "set_up_character"]

GAP = 2
"""Frames from the last of a take to the first of the next one."""
_KINDS = {"MESH", "ARMATURE", "EMPTY"}
_LINEAR = 1
"""Of the interpolations, in bulk access."""
_LIMIT = 10.0
"""The widest range of a shape key that Blender knows."""


@dataclass
class Stage:
    """What exporters are shown.

    Attributes
    ----------
    scene : bpy.types.Scene
    takes : tuple of Take
    starts : tuple of int
        Frame of the stage at which each take starts.
    fps : float
        Rate of the takes; the scene may have to run at another one.
    made : list of bpy.types.ID
        All that goes when the stage is taken down.
    """

    scene: bpy.types.Scene
    takes: tuple[Take, ...]
    starts: tuple[int, ...]
    fps: float
    made: list[Any]

    @property
    def frames(self) -> np.ndarray:
        """Frames of the stage, those of all takes in turn, shape (n,), float64."""
        spans = zip(self.takes, self.starts, strict=True)
        return np.concatenate([start + np.arange(len(take)) for take, start in spans]) * 1.0

    @property
    def objects(self) -> list[bpy.types.Object]:
        """What is on it."""
        return list(self.scene.collection.objects)

    def add(self, thing: bpy.types.Object, *data: Any) -> None:
        """Put something new on the stage; it goes with it."""
        self.scene.collection.objects.link(thing)
        self.made += [thing, *data]

    @contextmanager
    def shown(self) -> Iterator[None]:
        """The stage as the active scene of a window, all that is on it selected."""
        context = bpy.context
        window = context.window or next(iter(context.window_manager.windows), None)
        layer = self.scene.view_layers[0]
        layer.update()
        for thing in self.objects:
            thing.select_set(not thing.hide_select, view_layer=layer)
        if window is None:
            shown = {"scene": self.scene, "view_layer": layer}
            with context.temp_override(**shown, selected_objects=self.objects):
                yield
            return
        before, layer_before = window.scene, window.view_layer
        with context.temp_override(window=window):
            window.scene = self.scene
            try:
                yield
            finally:
                window.scene, window.view_layer = before, layer_before


@contextmanager
def open_stage(
    takes: Sequence[Take], *, scene: bpy.types.Scene, start: int = 0, whole_rate: bool = False
) -> Iterator[Stage]:
    """A scene to export from, for as long as it takes.

    Parameters
    ----------
    takes : sequence of Take
    scene : bpy.types.Scene
        For its units and its rate.
    start : int
        Frame of the stage at which the first take starts.
    whole_rate : bool
        Run at a whole number of frames a second, for exporters that know no other.
    """
    lengths = [len(take) - 1 + GAP for take in takes]
    starts = tuple(int(at) for at in start + np.concatenate([[0], np.cumsum(lengths)[:-1]]))
    actions = set(bpy.data.actions)
    place = bpy.data.scenes.new("RigTalk Stage")
    stage = Stage(place, tuple(takes), starts, scene_fps(scene), [])
    try:
        rate = (
            (max(1, round(stage.fps)), 1.0)
            if whole_rate
            else (scene.render.fps, scene.render.fps_base)
        )
        place.render.fps, place.render.fps_base = rate
        place.unit_settings.system = scene.unit_settings.system
        place.unit_settings.scale_length = scene.unit_settings.scale_length
        place.frame_start, place.frame_end = starts[0], starts[-1] + len(takes[-1]) - 1
        yield stage
    finally:
        bpy.data.scenes.remove(place)
        # Data after the objects that use it, or it would go twice.
        bpy.data.batch_remove([thing for thing in stage.made if thing.id_type == "OBJECT"])
        bpy.data.batch_remove([thing for thing in stage.made if _alive(thing)])
        bpy.data.batch_remove(set(bpy.data.actions) - actions)


def _alive(thing: Any) -> bool:
    try:
        return bool(thing.id_type != "OBJECT")
    except ReferenceError:
        return False


@contextmanager
def set_up_character(
    stage: Stage, samples: Samples, *, names: Mapping[bpy.types.Mesh, Mapping[str, str]]
) -> Iterator[None]:
    """Put copies of all that was sampled on a stage, under its own name.

    Parameters
    ----------
    stage : Stage
    samples : Samples
    names : mapping of Mesh to mapping of str to str
        For each mesh, what shape keys are to be called.
    """
    originals = [thing for thing in samples.places if thing.type in _KINDS]
    for thing in originals:
        thing.update_from_editmode()
    meshes = {thing.data: None for thing in originals if thing.type == "MESH"}
    copies = {mesh: mesh.copy() for mesh in meshes}
    twins = {thing: thing.copy() for thing in originals}
    for thing, twin in twins.items():
        if thing.type == "MESH":
            twin.data = copies[thing.data]
        stage.add(twin)
    stage.made += copies.values()
    with _renamed([*twins.items(), *copies.items()]):
        for thing, twin in twins.items():
            _plain(twin, twins)
            _place(stage, thing, twin, samples.places[thing], twins)
            if thing.type == "ARMATURE":
                _pose(stage, twin, samples.bones[thing])
        for mesh, copy in copies.items():
            copy.animation_data_clear()
            if copy.shape_keys is not None:
                _shape(stage, copy.shape_keys, samples.shapes[mesh], names.get(mesh, {}))
        yield


@contextmanager
def _renamed(pairs: Iterable[tuple[Any, Any]]) -> Iterator[None]:
    """Each copy under the name of its original; from a library both may have it anyway."""
    local = [(old, new, old.name) for old, new in pairs if old.library is None]
    linked = [(old, new) for old, new in pairs if old.library is not None]
    try:
        for old, new, name in local:
            old.name = f"{name[:40]} RigTalk"
            new.name = name
        for old, new in linked:
            new.name = old.name
        yield
    finally:
        for old, new, name in local:
            new.name = f"{name[:40]} Copy"
            old.name = name


def _plain(twin: bpy.types.Object, twins: Mapping[Any, bpy.types.Object]) -> None:
    """Nothing that moves or changes it but what the stage keys."""
    twin.animation_data_clear()
    twin.hide_viewport = twin.hide_select = twin.hide_render = False
    for constraint in list(twin.constraints):
        twin.constraints.remove(constraint)
    for modifier in list(twin.modifiers):
        if modifier.type == "ARMATURE" and modifier.object in twins:
            modifier.object = twins[modifier.object]
        else:
            twin.modifiers.remove(modifier)
    if twin.type == "MESH":
        twin.show_only_shape_key = False
    if twin.type == "ARMATURE":
        for bone in twin.pose.bones:
            for constraint in list(bone.constraints):
                bone.constraints.remove(constraint)


def _place(
    stage: Stage,
    thing: bpy.types.Object,
    twin: bpy.types.Object,
    places: np.ndarray,
    twins: Mapping[Any, bpy.types.Object],
) -> None:
    twin.parent = twins.get(thing.parent)
    if twin.parent is not None:
        twin.parent_type = "BONE" if thing.parent_type == "BONE" else "OBJECT"
        twin.parent_bone = thing.parent_bone
    twin.matrix_parent_inverse.identity()
    twin.delta_location = twin.delta_rotation_euler = (0.0, 0.0, 0.0)
    twin.delta_rotation_quaternion = (1.0, 0.0, 0.0, 0.0)
    twin.delta_scale = (1.0, 1.0, 1.0)
    key_places(stage, twin, twin, "", places)


def _pose(stage: Stage, twin: bpy.types.Object, bones: np.ndarray) -> None:
    for column, bone in enumerate(twin.pose.bones):
        path = f'pose.bones["{bpy.utils.escape_identifier(bone.name)}"].'
        key_places(stage, twin, bone, path, bones[:, column])


def key_places(stage: Stage, owner: Any, thing: Any, path: str, places: np.ndarray) -> None:
    """Key a transform where it changes, else set it.

    Parameters
    ----------
    stage : Stage
    owner : bpy.types.Object
    thing : Object or PoseBone
    path : str
        From the owner to the thing, with a dot at the end.
    places : ndarray, shape (n, 10)
        Location, quaternion and scale.
    """
    thing.rotation_mode = "QUATERNION"
    parts = (("location", 0, 3), ("rotation_quaternion", 3, 7), ("scale", 7, 10))
    for name, begin, end in parts:
        setattr(thing, name, places[0, begin:end].tolist())
        if np.ptp(places[:, begin:end], axis=0).any():
            for index in range(end - begin):
                key(stage, owner, f"{path}{name}", index, places[:, begin + index])


def _shape(stage: Stage, keys: Any, values: np.ndarray, names: Mapping[str, str]) -> None:
    keys.animation_data_clear()
    for block, column in zip(keys.key_blocks[1:], values.T, strict=True):
        block.name = names.get(block.name, block.name)
        block.mute = False
        block.slider_min, block.slider_max = -_LIMIT, _LIMIT
        block.value = float(column[0])
        path = f'key_blocks["{bpy.utils.escape_identifier(block.name)}"].value'
        key(stage, keys, path, 0, column)


def key(stage: Stage, owner: Any, path: str, index: int, values: np.ndarray) -> None:
    """Key a property on every frame of the stage, zeros too."""
    holder = compat.curves_to_write(owner, action_name="RigTalk Stage")
    curve = holder.fcurves.new(path, index=index)
    points = curve.keyframe_points
    points.add(len(values))
    points.foreach_set("co", np.stack([stage.frames, values], axis=1).astype(np.float32).ravel())
    points.foreach_set("interpolation", np.full(len(values), _LINEAR, dtype=np.int32))
    curve.update()
