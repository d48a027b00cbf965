"""Lines of text in a 3D viewport, above everything."""

from __future__ import annotations

from collections.abc import Sequence

import blf
import bpy

from ..preview.layout import Box, free_box

__all__ = ["draw_notes"]

_FLOATING = {"HUD", "TEMPORARY", "XR"}
"""Regions that come and go."""
_BELOW_TOP = 3.5
"""Lines of text between the upper edge and the first line."""
_LINE = 1.6
"""Height of a line, in heights of its letters."""
_SHADOW = (0.0, 0.0, 0.0, 0.8)
_COLOUR = (1.0, 0.75, 0.3, 1.0)


def draw_notes(lines: Sequence[str], context: bpy.types.Context) -> None:
    """Write lines into the middle of the free part of a region, near its top."""
    area, region = context.area, context.region
    scale = context.preferences.system.ui_scale
    points = context.preferences.ui_styles[0].widget.points * scale
    others = [
        Box(other.x - region.x, other.y - region.y, other.width, other.height)
        for other in area.regions
        if other.type != "WINDOW"
        and other.type not in _FLOATING
        and min(other.width, other.height) > 1
    ]
    box = free_box(Box(0, 0, region.width, region.height), others)
    if box.width < 1 or box.height < 1:
        return
    blf.size(0, points)
    blf.enable(0, blf.SHADOW)
    blf.shadow(0, 3, *_SHADOW)
    top = box.top - _BELOW_TOP * points
    for number, line in enumerate(_folded(lines, box.width - 2 * points)):
        width, _ = blf.dimensions(0, line)
        blf.position(
            0, round(box.x + (box.width - width) / 2), round(top - number * _LINE * points), 0
        )
        blf.color(0, *_COLOUR)
        blf.draw(0, line)
    blf.disable(0, blf.SHADOW)


def _folded(lines: Sequence[str], width: float) -> list[str]:
    """Lines that fit into a width, broken between words."""
    folded = []
    for line in lines:
        row = ""
        for word in line.split():
            longer = f"{row} {word}".strip()
            if row and blf.dimensions(0, longer)[0] > width:
                folded.append(row)
                longer = word
            row = longer
        folded.append(row)
    return folded
