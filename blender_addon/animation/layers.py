"""A performance in layers: one NLA strip each, to be muted, scaled and made again alone.

Lips are a face by themselves and replace what is below; the other layers are what they add. A layer
of a channel is what the layers up to it make of the channel less what those below it make, so that
limits and offsets of a channel count once and all layers together give the whole performance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import bpy
import numpy as np

from rigtalk.core.errors import RigtalkError
from rigtalk.core.layered import LAYERS
from rigtalk.core.performance import Performance

from .. import compat
from .channel import Channel, channel_values, owners_of
from .homes import LayerStrip, layer_strip
from .options import KeyOptions
from .plan import Plan, plan_keys
from .snapshot import Snapshot, snapshot
from .write import Written, clear_keys, write_plans

Place = tuple[int, str, int]

__all__ = [
    "HOMES",
    "plan_layers",
    "set_layer",
    "snapshot_layers",
    "write_layer_plans",
    "write_layers",
]

BASE = LAYERS[0]
HOMES = {layer: LayerStrip(layer) for layer in LAYERS}
SHARED = 0.5
"""Share of the tolerance for each layer: few channels move in more than two."""
STILL = 1e-6
"""A channel that moves less in a layer has no part in it."""


def snapshot_layers(
    channels: Sequence[Channel],
    *,
    scene: bpy.types.Scene,
    options: KeyOptions,
    only: str | None = None,
) -> dict[str, Snapshot]:
    """What is on the layers now; as `snapshot`, by layer.

    Raises
    ------
    RigtalkError
        If the layer is unknown, or as `snapshot`.
    """
    if only is not None and only not in LAYERS:
        raise RigtalkError(f"unknown layer {only!r}: choose from {', '.join(LAYERS)}")
    found: dict[str, Snapshot] = {}
    for layer in LAYERS if only is None else dict.fromkeys((BASE, only)):
        found[layer] = snapshot(
            channels, scene=scene, options=options, home=HOMES[layer], measured=found.get(BASE)
        )
    return found


def plan_layers(
    parts: Mapping[str, Performance],
    now: Mapping[str, Snapshot],
    *,
    start_frame: float,
    options: KeyOptions,
    take: str | None = None,
    only: str | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, Plan]:
    """Work out the keys of layers, on any thread; as `plan_keys`.

    Parameters
    ----------
    parts : mapping of str to Performance
        Every layer, on the same frames: lips as they are, the others as differences.
    now : mapping of str to Snapshot
        From `snapshot_layers`.
    only : str, optional
        The one layer to write.
    """
    fine = replace(options, share=options.share * SHARED, mm=options.mm * SHARED)
    below: Performance | None = None
    moving: dict[str, set[Place]] = {}
    steps: dict[str, tuple[Performance, Performance | None]] = {}
    for layer in LAYERS:
        if layer not in parts:
            raise RigtalkError(f"the layer {layer} is missing: pass all layers of a performance")
        part = parts[layer]
        values = part.values if below is None else below.values + part.values
        total = replace(part, values=part.controls.clip(values))
        steps[layer] = total, below
        if layer in now:
            moving[layer] = _moving(now[layer], total, below)
        below = total
    # What is added to needs something below: where there is no curve, Blender takes the default
    # of a property, which is 1 for shape keys. What nothing moves has to be at rest all the same.
    bare = {curve.place for curve in now[BASE].curves if not len(curve.keys)}
    if only is not None and only != BASE:
        moving[BASE] = moving[only] & bare
    else:
        moving[BASE] = {curve.place for curve in now[BASE].curves}
    plans: dict[str, Plan] = {}
    for layer, places in moving.items():
        if not places:
            continue
        total, below = steps[layer]
        chosen = tuple(curve for curve in now[layer].curves if curve.place in places)
        plans[layer] = plan_keys(
            total,
            replace(now[layer], curves=chosen),
            start_frame=start_frame,
            options=fine,
            take=take,
            below=below,
            cancelled=cancelled,
        )
    return plans


def _moving(now: Snapshot, total: Performance, below: Performance | None) -> set[Place]:
    """The curves that move in a layer, or have keys there."""
    places = set()
    for curve in now.curves:
        values = channel_values(curve.control, curve.response, total)
        if below is not None:
            values = values - channel_values(curve.control, curve.response, below)
        if len(curve.keys) or np.abs(values).max(initial=0.0) > STILL:
            places.add(curve.place)
    return places


def write_layer_plans(
    plans: Mapping[str, Plan], channels: Sequence[Channel], *, take: str | None = None
) -> Written:
    """Write planned layers, all or none.

    Keys of the same take in the active action would hide the layers; they are taken away. Other
    keys there are left, and a note names them.

    Parameters
    ----------
    plans : mapping of str to Plan
    channels : sequence of Channel
    take : str, optional
        Name of the line.

    Raises
    ------
    Stale
        If channels or keys are not those of the snapshot any more.
    RigtalkError
        If a data-block cannot be edited.
    """
    if not plans:
        raise RigtalkError("no key was written: the layers do not move")
    written = write_plans([(plan, HOMES[layer]) for layer, plan in plans.items()], channels)
    if take is not None:
        clear_keys(channels, take=take)
    return Written(
        curves=sum(one.curves for one in written),
        keys=sum(one.keys for one in written),
        first=min(one.first for one in written),
        last=max(one.last for one in written),
        notes=(*written[0].notes, *_hidden(channels)),
        kept=sum(one.kept for one in written),
        replaced=sum(one.replaced for one in written),
    )


def write_layers(
    parts: Mapping[str, Performance],
    channels: Sequence[Channel],
    *,
    scene: bpy.types.Scene,
    start_frame: float,
    options: KeyOptions | None = None,
    take: str | None = None,
    only: str | None = None,
) -> Written:
    """Key a performance in layers here and now: snapshot, plan and write in one.

    Parameters
    ----------
    parts : mapping of str to Performance
        Every layer: lips as they are, the others as differences.
    channels : sequence of Channel
    scene : bpy.types.Scene
    start_frame : float
        Frame of time 0 of the performance.
    options : KeyOptions, optional
    take : str, optional
        Name of the line.
    only : str, optional
        The one layer to write; the others stay as they are.

    Raises
    ------
    RigtalkError
        If a data-block cannot be edited, or the layer is unknown.
    """
    options = options or KeyOptions()
    now = snapshot_layers(channels, scene=scene, options=options, only=only)
    plans = plan_layers(parts, now, start_frame=start_frame, options=options, take=take, only=only)
    return write_layer_plans(plans, channels, take=take)


def set_layer(
    channels: Sequence[Channel],
    layer: str,
    *,
    mute: bool | None = None,
    influence: float | None = None,
) -> int:
    """Mute a layer or scale it, on every data-block that has it; returns how many have.

    Parameters
    ----------
    channels : sequence of Channel
    layer : str
    mute : bool, optional
    influence : float, optional
        0-1.
    """
    count = 0
    for owner in owners_of(channels):
        strip = layer_strip(owner, layer)
        if strip is None:
            continue
        count += 1
        if mute is not None:
            strip.mute = mute
        if influence is not None:
            _set_influence(strip, influence)
        owner.update_tag()
    return count


def _set_influence(strip: bpy.types.NlaStrip, influence: float) -> None:
    # Without a curve of its own Blender works the influence out anew whenever it plays.
    strip.use_animated_influence = True
    curve = strip.fcurves.find("influence")
    if not len(curve.keyframe_points):
        curve.keyframe_points.insert(strip.frame_start, influence)
    for point in curve.keyframe_points:
        point.co.y = influence
    curve.update()
    strip.influence = influence


def _hidden(channels: Sequence[Channel]) -> list[str]:
    """A note on channels that have keys in the active action, which is above all layers."""
    names = []
    for owner in owners_of(channels):
        holder = compat.curves_to_read(owner)
        for channel in channels:
            if holder and channel.owner == owner:
                curve = holder.fcurves.find(channel.path, index=channel.index)
                if curve is not None and len(curve.keyframe_points):
                    names.append(channel.control)
    if not names:
        return []
    return [
        f"{len(names)} controls have keys in the active action, which hide the layers: "
        f"delete them there or push the action down in the NLA Editor ({names[0]}, ...)"
    ]
