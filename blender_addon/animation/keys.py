"""Performances as keys on F-curves, in bulk, and back."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from rigtalk.core.performance import Performance
from rigtalk.rigs.controls import ControlSet

from .. import compat
from .channel import Channel, owner_name, scene_fps
from .curves import sample
from .options import DENSE, KeyOptions
from .plan import plan_keys
from .snapshot import snapshot
from .write import Written, write_plan

__all__ = [
    "Channel",
    "Written",
    "owner_name",
    "read_performance",
    "scene_fps",
    "write_performance",
]


def write_performance(
    performance: Performance,
    channels: Sequence[Channel],
    *,
    scene: bpy.types.Scene,
    start_frame: float,
    options: KeyOptions = DENSE,
    take: str | None = None,
) -> Written:
    """Key a performance here and now: snapshot, plan and write in one.

    Keys before the first and after the last frame stay as they are, except those that were written
    earlier for the same take.

    Parameters
    ----------
    performance : Performance
    channels : sequence of Channel
    scene : bpy.types.Scene
        For its frame rate.
    start_frame : float
        Frame of time 0 of the performance.
    options : KeyOptions
        A key on every frame if absent.
    take : str, optional
        Name of the line.

    Raises
    ------
    RigtalkError
        If a data-block cannot be edited, if shape keys are not relative, or if every channel is
        driven or locked.
    """
    now = snapshot(channels, scene=scene, options=options)
    plan = plan_keys(performance, now, start_frame=start_frame, options=options, take=take)
    return write_plan(plan, channels)


def read_performance(
    channels: Sequence[Channel],
    controls: ControlSet,
    *,
    scene: bpy.types.Scene,
    start_frame: float,
    frames: int,
) -> Performance:
    """The curves of channels as a performance, the counterpart of `write_performance`.

    Controls without a curve of their own are 0: a channel with a response shows something else.
    Where one control goes to several owners, the first is read.

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
        if channel.response is not None:
            continue
        holder = compat.curves_to_read(channel.owner)
        curve = holder and holder.fcurves.find(channel.path, index=channel.index)
        if curve and channel.control not in done:
            done.add(channel.control)
            values[:, controls.index(channel.control)] = sample(curve, wanted)
    return Performance(values, scene_fps(scene), controls)
