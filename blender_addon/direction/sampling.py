"""From the keys of a character to a direction for one of its lines."""

from __future__ import annotations

from dataclasses import dataclass, replace

import bpy
import numpy as np

from rigtalk.core.direction import EMOTIONS, STRENGTH_REGIONS, Direction

from .motion import Motion
from .polyline import corners
from .properties import (
    GROUP,
    INTENSITY,
    default_of,
    highest_of,
    path_of,
    settings_of,
    strength_property,
)

__all__ = ["direction_for", "driven_properties"]

TOLERANCE = 0.004
"""Of an intensity or a gain: straight lines between the keys of a direction stay this near."""
LEAST = 1e-4
"""An emotion below this is none."""
DIGITS = 4
"""Of seconds: a tenth of a millisecond."""


def direction_for(
    obj: bpy.types.Object,
    *,
    base: Direction,
    start_frame: float,
    fps: float,
    seconds: float,
    begin: float = 0.0,
) -> Direction:
    """What a line is to be performed with, given what its character is told over time.

    The keys of the character (`Object.rigtalk_direction`) and the settings of the line go together
    like this:

    - Emotions: where the character feels anything in the course of the line, or has a key of an
      emotion within it, the character's emotions take the place of the line's. What the graph
      editor shows is what is performed. Otherwise the line keeps its own.
    - Intensity multiplies the emotions, whichever they are; none goes beyond 1.
    - Strengths of the character multiply those of the line; none goes beyond 2.

    So a character without keys, with all at its default, leaves the line as it is. Curves are read
    where they are (actions, NLA strips, the strip that is tweaked); the frame is not changed.
    Properties with drivers count as if they were at their default.

    Parameters
    ----------
    obj : bpy.types.Object
        The character.
    base : Direction
        Settings of the line.
    start_frame : float
        Frame of the scene at which the recording is at 0 s.
    fps : float
        Frames a second of the scene.
    seconds : float
        How long the line lasts.
    begin : float
        Second of the recording at which the line begins, where it is cut from a longer one. Keys
        outside the line are none of its business.

    Returns
    -------
    Direction
        `base` itself where the character adds nothing. Times are seconds of the recording; straight
        lines between keys stay within `TOLERANCE` of the curves.
    """
    if not hasattr(obj, GROUP):  # the extension is being disabled
        return base
    end = begin + max(seconds, 1.0 / fps)
    told = _Told(obj, Motion(obj), float(start_frame), float(fps), float(begin), float(end))
    return _with_strengths(_with_emotions(base, told), told)


def driven_properties(obj: bpy.types.Object) -> tuple[str, ...]:
    """Names of properties that have drivers, which a direction does not follow."""
    motion = Motion(obj)
    names = (*EMOTIONS, INTENSITY, *(strength_property(region) for region in STRENGTH_REGIONS))
    return tuple(name for name in names if motion.driven(path_of(name)))


@dataclass(frozen=True)
class _Told:
    """What a character is told in the course of one line."""

    obj: bpy.types.Object
    motion: Motion
    start_frame: float
    fps: float
    begin: float
    end: float

    @property
    def span(self) -> tuple[float, float]:
        """First and last frame of the line."""
        return self.start_frame + self.begin * self.fps, self.start_frame + self.end * self.fps

    def inside(self, *times: float) -> np.ndarray:
        """Those of some seconds that are within the line."""
        return np.array([time for time in times if self.begin < time < self.end])

    def keyed(self, name: str) -> bool:
        """Whether anything happens to a property in the course of the line."""
        return self._follows(name) and self.motion.keyed(path_of(name), *self.span)

    def times(self, *names: str) -> np.ndarray:
        """Seconds between which all of some properties move in straight lines, rising."""
        found = [np.array(self.span)]
        for name in filter(self._follows, names):
            found.append(
                self.motion.moments(
                    path_of(name), *self.span, fps=self.fps, highest=highest_of(name)
                )
            )
        return self._rounded((np.concatenate(found) - self.start_frame) / self.fps)

    def values(self, name: str, times: np.ndarray) -> np.ndarray:
        """A property at some times, in its range."""
        path = path_of(name)
        if self._follows(name):
            frames = self.start_frame + times * self.fps
            values = self.motion.values(path, frames, default=default_of(name))
        else:
            driven = self.motion.driven(path)
            steady = default_of(name) if driven else getattr(settings_of(self.obj), name)
            values = np.full(len(times), float(steady))
        return np.clip(values, 0.0, highest_of(name))

    def _follows(self, name: str) -> bool:
        path = path_of(name)
        return self.motion.moves(path) and not self.motion.driven(path)

    def _rounded(self, times: np.ndarray) -> np.ndarray:
        return np.unique(np.round(np.clip(times, self.begin, self.end), DIGITS))


def _with_emotions(base: Direction, told: _Told) -> Direction:
    times = told.times(*EMOTIONS)
    felt = np.stack([told.values(name, times) for name in EMOTIONS], axis=1)
    rules = bool((felt > LEAST).any()) or any(told.keyed(name) for name in EMOTIONS)
    own = told.inside(*(time for time, _ in base.keys))
    more = told.times(INTENSITY)
    intensity = told.values(INTENSITY, more)
    if not rules and (intensity == 1.0).all():
        return base
    times = np.unique(np.concatenate([times if rules else own, more]).round(DIGITS))
    if rules:
        rows = np.stack([told.values(name, times) for name in EMOTIONS], axis=1)
    else:
        rows = base.emotion_at(times).astype(np.float64)
    rows = np.clip(rows * told.values(INTENSITY, times)[:, None], 0.0, 1.0)
    rows[rows < LEAST] = 0.0
    if (rows == rows[0]).all():
        return replace(base, emotions=_named(rows[0]), keys=())
    kept = corners(times, rows, tolerance=TOLERANCE)
    return replace(base, emotions={}, keys=tuple((float(times[i]), _named(rows[i])) for i in kept))


def _named(row: np.ndarray) -> dict[str, float]:
    return {name: float(value) for name, value in zip(EMOTIONS, row, strict=True) if value > 0.0}


def _with_strengths(base: Direction, told: _Told) -> Direction:
    strength = dict(base.strength)
    moving = {region for _, gains in base.strength_keys for region in gains}
    keys: dict[float, dict[str, float]] = {}
    changed = False
    for region in STRENGTH_REGIONS:
        times = told.times(strength_property(region))
        own = [time for time, gains in base.strength_keys if region in gains]
        if (told.values(strength_property(region), times) == 1.0).all():
            for time, gains in base.strength_keys:
                if region in gains:
                    keys.setdefault(time, {})[region] = gains[region]
            continue
        changed = True
        times = np.unique(np.concatenate([times, told.inside(*own)]).round(DIGITS))
        gains_told = told.values(strength_property(region), times)
        values = np.clip(gains_told * base.gain_over(region, times), 0.0, 2.0)
        if (values == values[0]).all() and region not in moving:
            strength[region] = float(values[0])
            continue
        strength.pop(region, None)
        for i in corners(times, values[:, None], tolerance=TOLERANCE):
            keys.setdefault(float(times[i]), {})[region] = float(values[i])
    if not changed:
        return base
    return replace(base, strength=strength, strength_keys=tuple(sorted(keys.items())))
