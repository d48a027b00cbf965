"""Takes: named stretches of the time line that are exported, one for each line of dialogue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import bpy
import numpy as np

from rigtalk.core.errors import RigtalkError

from ..dialogue.takes import line_frames, made_lines

__all__ = [
    "MOST_FRAMES",
    "SOURCES",
    "Take",
    "check_takes",
    "find_takes",
    "takes_at_markers",
    "takes_of_lines",
    "whole_scene",
]

SOURCES = ("AUTO", "LINES", "MARKERS", "SCENE")
"""Where takes come from; of all that there are, lines come first."""

MOST_FRAMES = 216_000
"""An hour at 60 fps: more is a frame range that was left at its end stop, not a line."""


@dataclass(frozen=True)
class Take:
    """A stretch of the time line.

    Attributes
    ----------
    name : str
        Names the file, or the animation in a file of several.
    first, last : int
        Frames of the scene, both included; may be negative.
    """

    name: str
    first: int
    last: int

    def __len__(self) -> int:
        return max(0, self.last - self.first + 1)

    @property
    def frames(self) -> np.ndarray:
        """Frames of the scene, shape (n,), float64."""
        return np.arange(self.first, self.last + 1, dtype=np.float64)


def check_takes(takes: Sequence[Take]) -> None:
    """Raise RigtalkError unless there are takes, each has frames, and none is absurdly long."""
    if not takes:
        raise RigtalkError(
            "there is nothing to export: add lines or markers, or export the frame range"
        )
    for take in takes:
        if not take.name.strip():
            raise RigtalkError(f"a take of frames {take.first} to {take.last} has no name: name it")
        if not len(take):
            raise RigtalkError(
                f"the take {take.name} is empty: it ends at frame {take.last}, "
                f"before it starts at {take.first}"
            )
        if len(take) > MOST_FRAMES:
            raise RigtalkError(
                f"the take {take.name} has {len(take)} frames, more than the {MOST_FRAMES} that "
                "can be exported: shorten the range"
            )


def whole_scene(scene: bpy.types.Scene) -> tuple[Take, ...]:
    """One take over the frame range of a scene, named after it."""
    return (Take(scene.name, scene.frame_start, scene.frame_end),)


def takes_at_markers(scene: bpy.types.Scene) -> tuple[Take, ...]:
    """A take from each marker in the frame range to the next one, the last to the end.

    Of markers on one frame the last in the list counts.
    """
    inside = [m for m in scene.timeline_markers if scene.frame_start <= m.frame <= scene.frame_end]
    at = dict(sorted((marker.frame, marker.name) for marker in inside))
    ends = [*(frame - 1 for frame in list(at)[1:]), scene.frame_end][: len(at)]
    return tuple(
        Take(name, first, last) for (first, name), last in zip(at.items(), ends, strict=True)
    )


def takes_of_lines(
    scene: bpy.types.Scene, objects: Collection[bpy.types.Object]
) -> tuple[Take, ...]:
    """A take for each generated line whose character is one of some objects, in order of time."""
    lines = [line for line in made_lines(scene) if line.character in objects]
    return tuple(Take(line.name, *line_frames(line)) for line in lines)


def find_takes(
    source: str, scene: bpy.types.Scene, objects: Collection[bpy.types.Object]
) -> tuple[Take, ...]:
    """Takes of a character.

    Parameters
    ----------
    source : str
        One of `SOURCES`; ``"AUTO"`` is the lines, or the frame range where there is none.
    scene : bpy.types.Scene
    objects : collection of bpy.types.Object
        All that the character is made of.

    Raises
    ------
    RigtalkError
        If there is none, or one cannot be exported.
    """
    takes: tuple[Take, ...] = ()
    if source in ("AUTO", "LINES"):
        takes = takes_of_lines(scene, objects)
        if source == "LINES" and not takes:
            raise RigtalkError(
                "no line of this character has been generated: generate one, or choose other takes"
            )
    if source == "MARKERS":
        takes = takes_at_markers(scene)
        if not takes:
            raise RigtalkError(
                f"there is no marker from frame {scene.frame_start} to {scene.frame_end}: "
                "add one where each take starts, or choose other takes"
            )
    takes = takes or whole_scene(scene)
    check_takes(takes)
    return takes
