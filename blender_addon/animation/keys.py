"""Performances as keys on F-curves, in bulk, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from rigtalk.core.errors import RigtalkError
from rigtalk.core.performance import Performance
from rigtalk.rigs import Response
from rigtalk.rigs.controls import ControlSet

from .. import compat
from .curves import replace_keys, sample

__all__ = ["Channel", "Written", "read_performance", "scene_fps", "write_performance"]


@dataclass(frozen=True)
class Channel:
    """Where the values of one control go.

    Valid only until the next undo or file load: Blender moves its data-blocks then.

    Attributes
    ----------
    control : str
        Name in the control set.
    owner : bpy.types.ID
        The ``Key`` of a mesh, or an object.
    path : str
        Data path from the owner.
    index : int
        Axis, for a vector.
    group : str
        Name of the channel group in the editors; empty for none.
    response : Response or None
        What the channel makes of the controls; None for `control` as it is.
    """

    control: str
    owner: bpy.types.ID
    path: str
    index: int = 0
    group: str = ""
    response: Response | None = None

    def values(self, performance: Performance) -> np.ndarray:
        """The channel over time, shape (frames,), float32."""
        if self.response is None:
            return performance.curve(self.control)
        return self.response.apply(performance.controls, performance.values)


@dataclass(frozen=True)
class Written:
    """What `write_performance` did.

    Attributes
    ----------
    curves, keys : int
        F-curves and keys that were written.
    first, last : float
        Frames of the first and the last key.
    notes : tuple of str
        What was left out, and why.
    """

    curves: int
    keys: int
    first: float
    last: float
    notes: tuple[str, ...] = ()


def scene_fps(scene: bpy.types.Scene) -> float:
    """Frames in a second of a scene; 29.97 is 30 / 1.001 in Blender."""
    return scene.render.fps / scene.render.fps_base


def write_performance(
    performance: Performance,
    channels: Sequence[Channel],
    *,
    scene: bpy.types.Scene,
    start_frame: float,
) -> Written:
    """Key a performance, one key a frame of the scene.

    Keys before the first and after the last frame stay as they are; those between are replaced.
    Time 0 of the performance is at `start_frame`.

    Raises
    ------
    RigtalkError
        If a data-block cannot be edited, if shape keys are not relative, or if every channel is
        driven or locked.
    """
    if not len(performance):
        raise RigtalkError("there is nothing to key: the performance has no frames")
    for owner in _owners(channels):
        _check_editable(owner)
    free, notes = _free(channels)
    if not free:
        raise RigtalkError(f"no key was written: {'; '.join(notes) or 'no control was found'}")

    fps = scene_fps(scene)
    performance = performance.resampled(fps)
    frames = start_frame + performance.start * fps + np.arange(len(performance))
    frames = np.where(np.abs(frames - np.round(frames)) < 1e-6, np.round(frames), frames)
    for owner in _owners(free):
        mine = [channel for channel in free if channel.owner == owner]
        _widen_sliders(mine, performance)
        holder = compat.curves_to_write(owner, action_name=f"{owner_name(owner)} RigTalk")
        for channel in mine:
            curve = _curve(holder, channel)
            replace_keys(curve, frames, channel.values(performance))
        owner.update_tag()
    keys = len(free) * len(frames)
    return Written(len(free), keys, float(frames[0]), float(frames[-1]), tuple(notes))


def read_performance(
    channels: Sequence[Channel],
    controls: ControlSet,
    *,
    scene: bpy.types.Scene,
    start_frame: float,
    frames: int,
) -> Performance:
    """The curves of channels as a performance, the counterpart of `write_performance`.

    Controls without a curve are 0. Where one control goes to several owners, the first is read.

    Parameters
    ----------
    channels : sequence of Channel
    controls : ControlSet
        What the columns of the result are.
    scene : bpy.types.Scene
        For its frame rate.
    start_frame : float
        Frame of the first row.
    frames : int
        Rows wanted.
    """
    wanted = start_frame + np.arange(frames)
    values = np.zeros((frames, len(controls)), dtype=np.float32)
    done: set[str] = set()
    for channel in channels:
        holder = compat.curves_to_read(channel.owner)
        curve = holder and holder.fcurves.find(channel.path, index=channel.index)
        if curve and channel.control not in done:
            done.add(channel.control)
            values[:, controls.index(channel.control)] = sample(curve, wanted)
    return Performance(values, scene_fps(scene), controls)


def owner_name(owner: bpy.types.ID) -> str:
    """Name to show for a data-block; shape keys are known by their mesh."""
    return owner.user.name if owner.id_type == "KEY" and owner.user else owner.name


def _owners(channels: Iterable[Channel]) -> list[bpy.types.ID]:
    owners: list[bpy.types.ID] = []
    for channel in channels:
        if channel.owner not in owners:
            owners.append(channel.owner)
    return owners


def _check_editable(owner: bpy.types.ID) -> None:
    name = owner_name(owner)
    if not owner.is_editable:
        raise RigtalkError(f"{name} is linked from a library: make a library override of it first")
    if owner.id_type == "KEY" and not owner.use_relative:
        raise RigtalkError(f"the shape keys of {name} are absolute: turn on Relative for them")
    data = owner.animation_data
    if data is not None and data.action is not None and not data.action.is_editable:
        raise RigtalkError(
            f"the action {data.action.name} of {name} is linked from a library: "
            "make it local or unlink it from the character first"
        )
    if compat.curves_are_shared(owner):
        raise RigtalkError(
            f"the action of {name} animates other objects too: "
            "make it single-user in the Action Editor first"
        )


def _free(channels: Sequence[Channel]) -> tuple[list[Channel], list[str]]:
    """Channels that can be keyed, and what to say of the others."""
    driven, locked, free = [], [], []
    for owner in _owners(channels):
        data = owner.animation_data
        drivers = {(d.data_path, d.array_index) for d in data.drivers} if data else set()
        holder = compat.curves_to_read(owner)
        for channel in (channel for channel in channels if channel.owner == owner):
            curve = holder and holder.fcurves.find(channel.path, index=channel.index)
            if (channel.path, channel.index) in drivers:
                driven.append(channel.control)
            elif curve and curve.lock:
                locked.append(channel.control)
            else:
                free.append(channel)
    notes = [
        f"{len(names)} controls {why}: {_listed(names)}"
        for names, why in ((driven, "have drivers and cannot be keyed"), (locked, "are locked"))
        if names
    ]
    return free, notes


def _listed(names: Sequence[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _widen_sliders(channels: Sequence[Channel], performance: Performance) -> None:
    """Let shape keys reach the values; outside their range Blender clamps what it plays."""
    for channel in channels:
        if channel.owner.id_type != "KEY":
            continue
        block = channel.owner.path_resolve(channel.path.removesuffix(".value"))
        curve = channel.values(performance)
        block.slider_min = min(block.slider_min, float(np.floor(curve.min())))
        block.slider_max = max(block.slider_max, float(np.ceil(curve.max())))


def _curve(holder: Any, channel: Channel) -> Any:
    fcurves = holder.fcurves
    curve = fcurves.find(channel.path, index=channel.index)
    if curve is None:
        curve = fcurves.new(channel.path, index=channel.index)
        if channel.group:
            curve.group = holder.groups.get(channel.group) or holder.groups.new(channel.group)
    return curve
