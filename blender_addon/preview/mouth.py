"""What the mouth of a character does, read from its keys."""

from __future__ import annotations

from collections.abc import Iterable

import bpy
import numpy as np

from rigtalk.core.errors import RigtalkError
from rigtalk.core.keys.seals import are_sealed, sealing_controls
from rigtalk.core.layered import LAYERS
from rigtalk.core.performance import Performance
from rigtalk.rigs.controls import ControlSet

from .. import compat
from ..animation.baking import is_keyed, layered_values
from ..animation.curves import sample
from ..animation.homes import layer_strip
from ..characters import targets
from .line import NOTHING, Curves, MouthCurves, no_curves

__all__ = ["mouth_of", "rounding_controls"]

ROUNDING = ("funnel", "pucker", "purse")
"""Controls with one of these in their name round the lips, in every control set."""


def mouth_of(character: bpy.types.Object | None) -> Curves:
    """The curves of a character's mouth; it is looked for again each time they are wanted."""
    if character is None:
        return no_curves
    uid = character.session_uid

    def curves(frames: np.ndarray) -> MouthCurves:
        found = next((item for item in bpy.data.objects if item.session_uid == uid), None)
        return NOTHING if found is None else _read(found, frames)

    return curves


def rounding_controls(controls: ControlSet) -> tuple[str, ...]:
    """Controls that round the lips."""
    return tuple(n for n in controls.names if any(word in n.casefold() for word in ROUNDING))


def _read(character: bpy.types.Object, frames: np.ndarray) -> MouthCurves:
    try:
        target = targets.find_target(character)
    except RigtalkError:
        return NOTHING
    controls = target.controls
    sealing, rounding = sealing_controls(controls.name), rounding_controls(controls)
    if not sealing:
        return NOTHING
    values = np.zeros((len(frames), len(controls)), dtype=np.float32)
    found = _sample(target, {*sealing, *rounding}, frames)
    if sealing[0] not in found:
        return NOTHING
    for name, column in found.items():
        values[:, controls.index(name)] = column
    performance = Performance(values, 1.0, controls)
    lips = values[:, [controls.index(name) for name in rounding]].max(axis=1)
    return MouthCurves(performance.curve(sealing[0]), lips, are_sealed(performance))


def _sample(
    target: targets.Target, wanted: Iterable[str], frames: np.ndarray
) -> dict[str, np.ndarray]:
    """Values of controls that have keys; where one goes to several owners, the first counts."""
    found: dict[str, np.ndarray] = {}
    wanted = set(wanted)
    for channel in target.channels:
        if channel.control not in wanted or channel.control in found:
            continue
        if layer_strip(channel.owner, LAYERS[0]) is not None and not is_keyed(channel):
            found[channel.control] = layered_values(channel, frames)
            continue
        for holder in compat.curve_holders(channel.owner):
            curve = holder.fcurves.find(channel.path, index=channel.index)
            if curve is not None and len(curve.keyframe_points):
                found[channel.control] = sample(curve, frames)
                break
    return found
