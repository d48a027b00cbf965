"""How properties of an object move, read from its F-curves while the frame stays where it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import bpy
import numpy as np

from .. import compat

__all__ = ["STEP_SECONDS", "Motion"]

STEP_SECONDS = 0.02
"""Spacing of samples where a curve bends: the network's own step, from the begin of a line."""
BEFORE_SECONDS = 0.001
"""How long before a constant key's end its value is taken."""
BEND = 1e-5
"""A Bézier piece whose handles differ by less is level."""


@dataclass(frozen=True, eq=False)
class _Layer:
    """One action in the stack that an object is moved by, the lowest first.

    A strip of the NLA, or without one the action that is edited.
    """

    curves: Any
    begin: float = -np.inf
    end: float = np.inf
    blend: str = "REPLACE"
    strip: Any = None
    tweaked: Any = None
    weight: float = 1.0

    @property
    def plain(self) -> bool:
        """Whether frames of the action are frames of the scene, and nothing is mixed."""
        whole = self.blend == "REPLACE" and self.weight == 1.0
        return self.strip is None and self.tweaked is None and whole

    def curve(self, path: str) -> Any | None:
        """The curve of a property, unless it is muted."""
        curve = self.curves.fcurves.find(path)
        muted = curve is None or curve.mute or (curve.group is not None and curve.group.mute)
        return None if muted else curve

    def action_frames(self, frames: np.ndarray) -> np.ndarray:
        """Frames of the action at some frames of the scene."""
        if self.tweaked is not None:
            convert = self.tweaked.nla_tweak_strip_time_to_scene
            return np.array([convert(frame, invert=True) for frame in frames])
        if self.strip is None:
            return frames
        strip = self.strip
        length = strip.action_frame_end - strip.action_frame_start
        since = np.clip(frames, strip.frame_start, strip.frame_end) - strip.frame_start
        rounds = since / max(strip.scale * length, 1e-9)
        # The end of the last round is an end, not the begin of another.
        done = np.where(rounds >= strip.repeat, strip.repeat - np.ceil(strip.repeat) + 1.0, rounds)
        within = np.where(rounds >= strip.repeat, done, rounds - np.floor(rounds)) * length
        if strip.use_reverse:
            return strip.action_frame_end - within
        return strip.action_frame_start + within

    def influence(self, frames: np.ndarray) -> np.ndarray:
        """How much of the layer counts, 0-1."""
        inside = (frames >= self.begin) & (frames < self.end)
        strip = self.strip
        if strip is None:
            return inside * self.weight
        at = np.clip(frames, strip.frame_start, strip.frame_end)
        if strip.use_animated_influence:
            curve = strip.fcurves.find("influence")
            steady = curve is None or not len(curve.keyframe_points)
            keyed = [strip.influence if steady else curve.evaluate(frame) for frame in at]
            return inside * np.array(keyed, dtype=np.float64)
        own = np.ones(len(frames))
        if strip.blend_in > 0.0:
            own = np.minimum(own, (at - strip.frame_start) / strip.blend_in)
        if strip.blend_out > 0.0:
            own = np.minimum(own, (strip.frame_end - at) / strip.blend_out)
        return inside * np.clip(own, 0.0, 1.0)


class Motion:
    """How the properties of one object move.

    Reads the action, NLA strips (their place, scale, repeats, direction, blending and influence)
    and the strip that is tweaked. Drivers are left out: what they give depends on the whole scene.

    Parameters
    ----------
    obj : bpy.types.Object
    """

    def __init__(self, obj: bpy.types.Object) -> None:
        data = obj.animation_data
        self._layers = [] if data is None else list(_layers(obj, data))
        self._driven = set() if data is None else {d.data_path for d in data.drivers}

    def driven(self, path: str) -> bool:
        """Whether a driver, and not this, decides about a property."""
        return path in self._driven

    def moves(self, path: str) -> bool:
        """Whether a property has keys anywhere."""
        return any(True for _ in self._curves(path))

    def keyed(self, path: str, first: float, last: float) -> bool:
        """Whether a property has a key, or a strip that moves it, from one frame to another."""
        for layer, curve in self._curves(path):
            if not layer.plain:
                if layer.begin <= last and layer.end > first:
                    return True
            elif any(first <= point.co[0] <= last for point in curve.keyframe_points):
                return True
        return False

    def values(self, path: str, frames: np.ndarray, *, default: float) -> np.ndarray:
        """Values of a property at some frames, as far as keys say.

        Parameters
        ----------
        path : str
            Data path from the object.
        frames : ndarray, shape (n,)
            Of the scene; need not be whole.
        default : float
            Value where no layer says anything.

        Returns
        -------
        ndarray, shape (n,), float64
        """
        values = np.full(len(frames), default, dtype=np.float64)
        for layer, curve in self._curves(path):
            at = layer.action_frames(frames)
            new = np.array([curve.evaluate(frame) for frame in at], dtype=np.float64)
            values = _mixed(layer.blend, values, new, layer.influence(frames), default)
        return values

    def moments(
        self, path: str, first: float, last: float, *, fps: float, highest: float
    ) -> np.ndarray:
        """Frames between which a property moves in straight lines, shape (n,), in any order."""
        found = [np.array([first, last])]
        for layer, curve in self._curves(path):
            if not layer.plain:
                return _dense(first, last, origin=first, fps=fps)
            found += _moments(curve, first, last, fps=fps, highest=highest)
        return np.concatenate(found)

    def _curves(self, path: str) -> Iterator[tuple[_Layer, Any]]:
        for layer in self._layers:
            curve = layer.curve(path)
            if curve is not None:
                yield layer, curve


def _layers(obj: bpy.types.Object, data: Any) -> Iterator[_Layer]:
    active = compat.curves_to_read(obj)
    if data.use_tweak_mode:
        yield from _tweaked(data, active)
        return
    stacked = data.use_nla and len(data.nla_tracks) > 0
    if stacked:
        yield from _strips(list(data.nla_tracks))
    if active is not None:
        if stacked:
            yield _Layer(active, blend=data.action_blend_type, weight=data.action_influence)
        else:
            yield _Layer(active)


def _tweaked(data: Any, active: Any) -> Iterator[_Layer]:
    """The strip that is tweaked and what lies under it; Blender switches off what is above."""
    tracks = list(data.nla_tracks)
    found = [
        (strip.active, i, k)
        for i, track in enumerate(tracks)
        for k, strip in enumerate(track.strips)
        if strip.action == data.action
    ]
    if not found or active is None:
        return
    _, i, k = max(found)
    yield from _strips(tracks[:i])
    strip = tracks[i].strips[k]
    begin, end = _reach(list(tracks[i].strips), k, strip.extrapolation)
    yield _Layer(active, begin, end, strip.blend_type, tweaked=data)


def _strips(tracks: list[Any]) -> Iterator[_Layer]:
    solo = any(track.is_solo for track in tracks)
    for track in tracks:
        if track.mute or (solo and not track.is_solo):
            continue
        strips = list(track.strips)
        for i, strip in enumerate(strips):
            curves = compat.strip_curves(strip)
            if not strip.mute and curves is not None:
                begin, end = _reach(strips, i, strip.extrapolation)
                yield _Layer(curves, begin, end, strip.blend_type, strip)


def _reach(strips: list[Any], i: int, extrapolation: str) -> tuple[float, float]:
    """Frames from and up to which a strip of a track counts."""
    begin, end = strips[i].frame_start, float(np.nextafter(strips[i].frame_end, np.inf))
    if extrapolation != "NOTHING":
        end = strips[i + 1].frame_start if i + 1 < len(strips) else np.inf
    if extrapolation == "HOLD" and i == 0:
        begin = -np.inf
    return begin, end


def _mixed(
    blend: str, old: np.ndarray, new: np.ndarray, influence: np.ndarray, default: float
) -> np.ndarray:
    """As Blender's NLA mixes numbers."""
    added = {
        "REPLACE": lambda: new - old,
        "COMBINE": lambda: new - default,
        "ADD": lambda: new,
        "SUBTRACT": lambda: -new,
        "MULTIPLY": lambda: old * new - old,
    }[blend]()
    return np.asarray(old + influence * added)


def _dense(begin: float, end: float, *, origin: float, fps: float) -> np.ndarray:
    """Both ends and, between them, the frames at which the network is asked."""
    step = fps * STEP_SECONDS
    first, stop = np.ceil((begin - origin) / step), np.floor((end - origin) / step)
    return np.concatenate([[begin], origin + step * np.arange(first, stop + 1), [end]])


def _moments(
    curve: Any, first: float, last: float, *, fps: float, highest: float
) -> list[np.ndarray]:
    points = list(curve.keyframe_points)
    # What leaves the range of the property is cut off by Blender, where it crosses the border.
    leaves = any(not 0.0 <= point.co[1] <= highest for point in points)
    bent = any(not modifier.mute for modifier in curve.modifiers)
    if leaves or bent or curve.extrapolation == "LINEAR":
        return [_dense(first, last, origin=first, fps=fps)]
    found = [np.array([point.co[0] for point in points if first <= point.co[0] <= last])]
    for point, after in pairwise(points):
        begin, end = max(point.co[0], first), min(after.co[0], last)
        if begin >= end or point.interpolation == "LINEAR":
            continue
        if point.interpolation == "CONSTANT":
            found.append(np.array([max(begin, end - BEFORE_SECONDS * fps)]))
        elif not _level(point, after):
            found.append(_dense(begin, end, origin=first, fps=fps))
    return found


def _level(point: Any, after: Any) -> bool:
    if point.interpolation != "BEZIER":
        return bool(abs(point.co[1] - after.co[1]) < BEND)
    heights = (point.co[1], point.handle_right[1], after.handle_left[1], after.co[1])
    return bool(max(heights) - min(heights) < BEND)
