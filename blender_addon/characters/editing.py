"""Changes to a stored mapping: filled, mirrored, reset, read from a file and kept in one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import bpy

from rigtalk.core.errors import RigtalkError
from rigtalk.rigs import control_set
from rigtalk.rigs.controls import ControlSet

from . import trial
from .family import find_family
from .finding import Target, found_target
from .keeping import meant_by
from .mapping_file import StoredMapping
from .rows import RowData, copy_settings, fault_of, rows_of_channel, write_row

__all__ = ["add_row", "apply_stored", "faults", "fill", "mirror", "reset", "stored"]

_ROW = tuple(RowData.__dataclass_fields__)
_NAMES = ("kind", "target", "bone", "channel")


def fill(owner: bpy.types.Object, target: Target) -> int:
    """Replace the rows of an object's mapping by what was found; says how many there are."""
    mapping = owner.rigtalk_mapping
    trial.put_back(mapping)
    mapping.rows.clear()
    mapping.controls = target.controls.name
    mapping.enabled = True
    for data, thing in _found_rows(target):
        write_row(mapping.rows.add(), data, thing)
    mapping.active = 0
    return len(mapping.rows)


def _found_rows(target: Target) -> list[tuple[RowData, bpy.types.Object]]:
    things: dict[bpy.types.ID, bpy.types.Object] = {}
    for thing in target.objects:
        if thing.type == "MESH" and thing.data.shape_keys:
            things.setdefault(thing.data.shape_keys, thing)
        if thing.type == "ARMATURE":
            things.setdefault(thing.data, thing)
    rows = [row for channel in target.channels for row in rows_of_channel(channel, things)]
    order = {name: i for i, name in enumerate(target.controls.names)}
    return sorted(rows, key=lambda row: order.get(row[0].control, len(order)))


def reset(mapping: Any, rows: Iterable[Any]) -> int:
    """Give rows the settings with which they were found, or those of a new row; counts changes.

    A row that points at nothing is pointed at what its control was found at.
    """
    trial.put_back(mapping)
    try:
        found = _found_rows(found_target(meant_by(mapping.id_data), rig=mapping.controls))
    except RigtalkError:
        found = []
    controls = control_set(mapping.controls)
    changed = 0
    for row in rows:
        before = _fields(row)
        same = [f for f in found if (f[0].control, _place(*f)) == (row.control, _place(row))]
        alike = [f for f in found if f[0].control == row.control]
        if same:
            copy_settings(same[0][0], row)
        elif alike and fault_of(row, controls):
            write_row(row, *alike[0])
        else:
            copy_settings(RowData(row.control, row.kind, row.target), row)
        changed += _fields(row) != before
    return changed


def _fields(row: Any) -> list[Any]:
    return [getattr(row, name) for name in (*_ROW, "thing")]


def _place(row: Any, thing: Any = None) -> tuple[Any, ...]:
    """What tells where a row points; the fields that count depend on the kind."""
    bone = row.bone if row.kind == "PROPERTY" else ""
    channel = row.channel if row.kind == "BONE" else ""
    thing = row.thing if thing is None else thing
    return (thing, row.kind, row.target, bone, channel)


def mirror(mapping: Any) -> tuple[int, int]:
    """Copy the settings of the left side to the right; (rows changed, rows added).

    A row on the left whose counterpart is not listed gets one where the target's name says which
    side it is on and the other side is there.
    """
    trial.put_back(mapping)
    controls = control_set(mapping.controls)
    changed = added = 0
    for at in range(len(mapping.rows)):
        # Adding rows moves all of them, so that none may be kept over a turn.
        left = mapping.rows[at]
        if left.control not in controls.names:
            continue
        control = controls.controls[controls.index(left.control)]
        if control.side != "L" or control.mirror == control.name:
            continue
        right = _counterpart(mapping.rows, at, control.mirror)
        if right is not None:
            before = _fields(right)
            copy_settings(left, right)
            changed += _fields(right) != before
        elif _add_counterpart(mapping, at, control.mirror, controls):
            added += 1
    return changed, added


def _counterpart(rows: Any, at: int, control: str) -> Any | None:
    """The row of the other side: the one at the mirrored name, else the one in the same order."""
    left = rows[at]
    others = [row for row in rows if row.control == control and row.thing == left.thing]
    wanted = _flipped(left)
    for row in others:
        if row.kind == left.kind and all(getattr(row, n) == v for n, v in wanted.items()):
            return row
    mine = [i for i, row in enumerate(rows) if _alike(row, left)]
    place = mine.index(at)
    return others[place] if len(mine) == len(others) else None


def _alike(row: Any, left: Any) -> bool:
    return bool(row.control == left.control and row.thing == left.thing)


def _flipped(row: Any) -> dict[str, str]:
    """Names of the place on the other side."""
    flip = bpy.utils.flip_name
    return {"target": flip(row.target), "bone": flip(row.bone), "channel": row.channel}


def _add_counterpart(mapping: Any, at: int, control: str, controls: ControlSet) -> bool:
    left = mapping.rows[at]
    names = _flipped(left)
    if names["target"] == left.target and names["bone"] == left.bone:
        return False
    thing, fields = left.thing, {name: getattr(left, name) for name in _ROW}
    row = mapping.rows.add()
    write_row(row, RowData(**{**fields, **names, "control": control}), thing)
    if fault_of(row, controls):
        mapping.rows.remove(len(mapping.rows) - 1)
        return False
    return True


def faults(mapping: Any) -> list[tuple[int, str]]:
    """What is wrong with a mapping: (row, one line)."""
    controls = control_set(mapping.controls)
    found = [(i, fault_of(row, controls)) for i, row in enumerate(mapping.rows)]
    return [(i, fault) for i, fault in found if fault]


def stored(mapping: Any) -> StoredMapping:
    """A mapping as it goes into a file."""
    rows = tuple(
        (
            RowData(**{name: getattr(row, name) for name in _ROW}),
            row.thing.name if row.thing else "",
        )
        for row in mapping.rows
    )
    return StoredMapping(mapping.controls, rows)


def apply_stored(
    owner: bpy.types.Object, character: bpy.types.Object, given: StoredMapping
) -> tuple[int, int]:
    """Replace the rows of an object's mapping by those of a file.

    An object is looked for in the character by its name, and where none has that name, by what it
    must have: the shape key, bone or property.

    Returns
    -------
    tuple of (int, int)
        Rows, and how many of them point at nothing on this character.
    """
    mapping = owner.rigtalk_mapping
    trial.put_back(mapping)
    family = find_family(character)
    members = tuple(dict.fromkeys([*family.members, *family.beside]))
    controls = control_set(given.controls)
    mapping.rows.clear()
    mapping.controls = given.controls
    mapping.enabled = True
    for data, name in given.rows:
        row = mapping.rows.add()
        write_row(row, data, None)
        row.thing = _member(row, name, members, controls)
    mapping.active = 0
    return len(mapping.rows), len(faults(mapping))


def _member(
    row: Any, name: str, members: Sequence[bpy.types.Object], controls: ControlSet
) -> bpy.types.Object | None:
    """The object that a row of a file means."""
    named = [thing for thing in members if thing.name == name]
    for thing in (*named, *members):
        row.thing = thing
        if not fault_of(row, controls):
            return thing
    return named[0] if named else None


def add_row(mapping: Any) -> None:
    """Add a row below the active one, with its control and target, and choose it."""
    rows = mapping.rows
    before = rows[mapping.active] if 0 <= mapping.active < len(rows) else None
    fields = {name: getattr(before, name) for name in ("control", *_NAMES)} if before else {}
    thing = before.thing if before else meant_by(mapping.id_data)
    data = RowData(**{"control": "", "kind": "SHAPE_KEY", "target": "", **fields})
    write_row(rows.add(), data, thing)
    place = min(mapping.active + 1, len(rows) - 1) if before else 0
    rows.move(len(rows) - 1, place)
    mapping.active = place
