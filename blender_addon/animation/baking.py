"""Layers put together into one action again."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from rigtalk.core.errors import RigtalkError
from rigtalk.core.layered import LAYERS
from rigtalk.rigs.controls import ControlSet

from .. import compat
from .channel import Channel, owners_of
from .curves import read_keys
from .homes import TRACK, layer_strip
from .options import KeyOptions
from .plan import curve_tolerance, plan_curves
from .snapshot import snapshot
from .write import Written, write_plan

__all__ = ["bake_layers", "is_keyed", "layered_values", "remove_layers"]

TAKE = "layers"
"""Name of the take that a bake writes."""


def bake_layers(
    channels: Sequence[Channel],
    controls: ControlSet,
    *,
    scene: bpy.types.Scene,
    options: KeyOptions | None = None,
) -> Written:
    """Make the layers, muted and scaled as they are, into keys of the active action.

    Channels that have keys in the active action keep those, because they are what is seen. The
    strips and their tracks are removed, and their actions where nothing else uses them.

    Parameters
    ----------
    channels : sequence of Channel
    controls : ControlSet
        What the channels are for.
    scene : bpy.types.Scene
    options : KeyOptions, optional

    Raises
    ------
    RigtalkError
        If there are no layers, or a data-block cannot be edited.
    """
    options = options or KeyOptions()
    layered = [channel for channel in channels if _plays(channel) and not is_keyed(channel)]
    ranges = [
        (strip.frame_start, strip.frame_end)
        for owner in owners_of(channels)
        for layer in LAYERS
        if (strip := layer_strip(owner, layer)) is not None
    ]
    if not layered or not ranges:
        raise RigtalkError("there are no layers to bake: generate a line in layers first")
    first = float(np.floor(min(begin for begin, _ in ranges)))
    last = float(np.ceil(max(end for _, end in ranges)))
    frames = np.arange(first, last + 1.0)
    now = snapshot(layered, scene=scene, options=options)
    places = {(c.owner, c.path, c.index): c for c in layered}
    owners = owners_of(layered)
    values = [layered_values(places[owners[c.owner], c.path, c.index], frames) for c in now.curves]
    plan = plan_curves(
        now,
        frames,
        np.stack(values, axis=1),
        tolerance=np.array([curve_tolerance(c, controls, options) for c in now.curves]),
        pinned=np.zeros((len(frames), len(now.curves)), dtype=bool),
        line=(first, last),
        take=TAKE,
        options=options,
    )
    written = write_plan(plan, layered)
    remove_layers(channels)
    return written


def layered_values(channel: Channel, frames: np.ndarray) -> np.ndarray:
    """What the layers of a channel come to at some frames, shape (n,), float32."""
    total = np.zeros(len(frames))
    for layer in LAYERS:
        strip = layer_strip(channel.owner, layer)
        curve = _curve(channel, layer)
        if strip is None or curve is None or strip.mute or _track_muted(channel.owner, layer):
            continue
        moved = strip.frame_start - strip.action_frame_start * strip.scale
        part = read_keys(curve).evaluate((frames - moved) / strip.scale).astype(np.float64)
        share = _influence(strip, frames)
        if strip.blend_type == "REPLACE":
            total = total * (1.0 - share) + share * part
        else:
            total = total + share * part
    return total.astype(np.float32)


def remove_layers(channels: Sequence[Channel]) -> None:
    """Take away our tracks with their strips, and actions that nothing else uses."""
    for owner in owners_of(channels):
        data = owner.animation_data
        for layer in LAYERS:
            track = data and data.nla_tracks.get(f"{TRACK} {layer}")
            if not track:
                continue
            actions = [strip.action for strip in track.strips if strip.action is not None]
            data.nla_tracks.remove(track)
            for action in actions:
                if not action.users:
                    bpy.data.actions.remove(action)
        owner.update_tag()


def _influence(strip: bpy.types.NlaStrip, frames: np.ndarray) -> np.ndarray:
    curve = strip.fcurves.find("influence") if strip.use_animated_influence else None
    if curve is None or not len(curve.keyframe_points):
        return np.ones(len(frames))
    return read_keys(curve).evaluate(frames).astype(np.float64)


def _track_muted(owner: bpy.types.ID, layer: str) -> bool:
    track = owner.animation_data.nla_tracks.get(f"{TRACK} {layer}")
    return bool(track and track.mute)


def _curve(channel: Channel, layer: str) -> bpy.types.FCurve | None:
    strip = layer_strip(channel.owner, layer)
    holder = strip and compat.strip_curves(strip)
    return holder.fcurves.find(channel.path, index=channel.index) if holder else None


def _plays(channel: Channel) -> bool:
    return any(_curve(channel, layer) is not None for layer in LAYERS)


def is_keyed(channel: Channel) -> bool:
    """Whether a channel has keys in the active action, which hide its layers."""
    holder = compat.curves_to_read(channel.owner)
    curve = holder and holder.fcurves.find(channel.path, index=channel.index)
    return bool(curve and len(curve.keyframe_points))
