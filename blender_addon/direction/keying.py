"""Keys of moods on a character, and taking them away."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from rigtalk.core.direction import EMOTIONS, STRENGTH_REGIONS
from rigtalk.core.errors import RigtalkError

from .. import compat
from ..translations.text import translated
from .moods import Mood
from .motion import Motion
from .properties import (
    INTENSITY,
    NAMES,
    default_of,
    highest_of,
    path_of,
    settings_of,
    strength_property,
)

__all__ = ["check_keyable", "clear_keys", "key_mood"]

CHANNELS = "Direction"
"""Group of the curves in the editors."""
SAME = 1e-3
"""Frames; nearer keys are one."""


def check_keyable(obj: bpy.types.Object) -> None:
    """Raise RigtalkError, with what to do, unless direction can be keyed on an object."""
    if not obj.is_editable:
        raise RigtalkError(
            f"{obj.name} is linked from a library: make a library override of it first"
        )
    data = obj.animation_data
    if data is not None and data.action is not None and not data.action.is_editable:
        raise RigtalkError(
            f"the action {data.action.name} of {obj.name} is linked from a library: "
            "make it local or unlink it from the character first"
        )
    if compat.curves_are_shared(obj):
        raise RigtalkError(
            f"the action of {obj.name} animates other objects too: "
            "make it single-user in the Action Editor first"
        )


def key_mood(
    obj: bpy.types.Object, mood: Mood, *, frame: float, ease: float, current: float
) -> tuple[str, ...]:
    """Key a mood: felt in full at a frame, and as before it until the ease begins.

    Every emotion is keyed, so that what was felt before is over; of the strengths those that the
    mood changes or that have keys. What was keyed within the ease is replaced.

    Parameters
    ----------
    obj : bpy.types.Object
    mood : Mood
    frame : float
        Of the scene.
    ease : float
        Frames that the change takes, before `frame`; 0 for a jump.
    current : float
        The frame that the scene is at.

    Returns
    -------
    tuple of str
        What was left out, and why.

    Raises
    ------
    RigtalkError
        If the object cannot be edited, or everything is driven or locked.
    """
    check_keyable(obj)
    motion, settings = Motion(obj), settings_of(obj)
    wanted, notes = {}, []
    for name, value in _values(mood).items():
        has_curve = motion.moves(path_of(name))
        if name not in EMOTIONS and not has_curve and value == getattr(settings, name):
            continue
        if motion.driven(path_of(name)):
            notes.append(translated("{} has a driver", name))
        else:
            wanted[name] = value
    if not wanted:
        raise RigtalkError(f"no key was written: {'; '.join(notes)}")

    frames = np.array([frame - ease, frame]) if ease > 0.0 else np.array([frame - 1.0, frame])
    before = {name: _before(motion, settings, name, frames[0]) for name in wanted}
    holder = compat.curves_to_write(obj, action_name=f"{obj.name} Direction")
    first, last = _action_frames(obj, frames)
    for name, value in wanted.items():
        curve = _curve(holder, path_of(name))
        if curve.lock:
            notes.append(translated("{} is locked", name))
            continue
        _remove(curve, first - SAME, last + SAME)
        start = _insert(curve, first, before[name])
        if ease <= 0.0:
            start.interpolation = "CONSTANT"
        _insert(curve, last, value)
        curve.update()
        if abs(current - frame) < SAME:
            setattr(settings, name, value)  # shown at once, before anything is evaluated
    obj.update_tag()
    return tuple(notes)


def clear_keys(obj: bpy.types.Object, *, first: float, last: float) -> int:
    """Remove the keys of the direction in a range of frames, both ends included.

    A property that has no key left is back at its default.

    Returns
    -------
    int
        Keys removed.

    Raises
    ------
    RigtalkError
        If the object cannot be edited.
    """
    check_keyable(obj)
    holder = compat.curves_to_read(obj)
    if holder is None:
        return 0
    begin, end = sorted(_action_frames(obj, np.array([first, last])))
    removed = 0
    for name in NAMES:
        curve = holder.fcurves.find(path_of(name))
        if curve is None or curve.lock:
            continue
        removed += _remove(curve, begin - SAME, end + SAME)
        if len(curve.keyframe_points):
            curve.update()
        else:
            holder.fcurves.remove(curve)
            setattr(settings_of(obj), name, default_of(name))
    obj.update_tag()
    return removed


def _values(mood: Mood) -> dict[str, float]:
    """What every property is in a mood."""
    values = {name: mood.emotions.get(name, 0.0) for name in EMOTIONS}
    values[INTENSITY] = 1.0
    for region in STRENGTH_REGIONS:
        values[strength_property(region)] = mood.strength.get(region, 1.0)
    return {name: float(np.clip(value, 0.0, highest_of(name))) for name, value in values.items()}


def _before(motion: Motion, settings: Any, name: str, frame: float) -> float:
    """The value that a change starts from."""
    if not motion.moves(path_of(name)):
        return float(getattr(settings, name))
    values = motion.values(path_of(name), np.array([frame]), default=default_of(name))
    return float(np.clip(values[0], 0.0, highest_of(name)))


def _action_frames(obj: bpy.types.Object, frames: np.ndarray) -> tuple[float, ...]:
    """Frames of the action that is edited; those of a strip that is tweaked are its own."""
    data = obj.animation_data
    if data is None or not data.use_tweak_mode:
        return tuple(float(frame) for frame in frames)
    return tuple(data.nla_tweak_strip_time_to_scene(frame, invert=True) for frame in frames)


def _curve(holder: Any, path: str) -> Any:
    curve = holder.fcurves.find(path)
    if curve is None:
        curve = holder.fcurves.new(path)
        curve.group = holder.groups.get(CHANNELS) or holder.groups.new(CHANNELS)
    return curve


def _insert(curve: Any, frame: float, value: float) -> Any:
    point = curve.keyframe_points.insert(frame, value)
    point.interpolation = "BEZIER"
    point.handle_left_type = point.handle_right_type = "AUTO_CLAMPED"
    return point


def _remove(curve: Any, first: float, last: float) -> int:
    points = curve.keyframe_points
    found = [i for i, point in enumerate(points) if first <= point.co[0] <= last]
    for i in reversed(found):
        points.remove(points[i], fast=True)
    return len(found)
