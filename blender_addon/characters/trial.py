"""The test slider: moves the target of a row, without keys, and puts it back."""

from __future__ import annotations

import json
from typing import Any

import bpy

from rigtalk.core.errors import RigtalkError
from rigtalk.rigs import control_set

from .places import Place, find_place

__all__ = ["move", "put_back", "put_back_of", "row_place"]

_PLACE = ("kind", "target", "bone", "channel")


def row_place(row: Any) -> Place:
    """The place that a row moves.

    Raises
    ------
    RigtalkError
        If it is not there.
    """
    return find_place(row.thing, kind=row.kind, name=row.target, bone=row.bone, channel=row.channel)


def move(mapping: Any, _context: bpy.types.Context) -> None:
    """Called by Blender when the slider is moved."""
    row = mapping.rows[mapping.active] if 0 <= mapping.active < len(mapping.rows) else None
    if row is None or mapping.trial == 0.0:
        put_back(mapping)
        return
    try:
        place = row_place(row)
    except RigtalkError:
        return  # the panel says so beside the slider
    described = [getattr(row, name) for name in _PLACE]
    if mapping.tried and json.loads(mapping.tried)[:-1] != described:
        put_back(mapping)
    if not mapping.tried:
        mapping.tried_thing = row.thing
        mapping.tried = json.dumps([*described, place.read()])
    place.write(_shown(mapping, row))


def _shown(mapping: Any, row: Any) -> float:
    """Value of the target when the row's control alone is moved by the slider."""
    from .rows import response_of

    controls = control_set(mapping.controls)
    values = controls.rests[None].copy()
    if row.control in controls.names:
        column = controls.index(row.control)
        way = controls.highs[column] if mapping.trial > 0 else -controls.lows[column]
        values[0, column] = mapping.trial * way
    return float(response_of([row], controls).apply(controls, controls.clip(values))[0])


def put_back(mapping: Any) -> None:
    """Give what the slider has moved the value that it had before."""
    if not mapping.tried:
        return
    kind, target, bone, channel, before = json.loads(mapping.tried)
    thing = mapping.tried_thing
    mapping.tried, mapping.tried_thing = "", None
    try:
        find_place(thing, kind=kind, name=target, bone=bone, channel=channel).write(before)
    except RigtalkError:
        return  # deleted meanwhile: there is nothing to put back


def put_back_of(mapping: Any, _context: bpy.types.Context) -> None:
    """Called by Blender when another row is chosen."""
    put_back(mapping)
    if mapping.trial != 0.0:
        mapping.trial = 0.0
