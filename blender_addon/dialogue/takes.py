"""Where on the time line each line of dialogue lies, for exports and previews."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy

from .line import settings_of

__all__ = ["line_frames", "made_lines"]


def line_frames(line: Any) -> tuple[int, int]:
    """First and last frame of a generated line, whole frames that hold all of it."""
    return int(line.first // 1), int(-(-line.last // 1))


def made_lines(
    scene: bpy.types.Scene, character: bpy.types.Object | None = None
) -> tuple[Any, ...]:
    """The lines that have been generated, in the order of time; of one character if given."""
    lines: Iterable[Any] = (line for line in settings_of(scene).lines if line.made)
    if character is not None:
        lines = (line for line in lines if line.character == character)
    return tuple(sorted(lines, key=lambda line: line.first))
