"""Rows of a mapping as channels, and channels as rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import bpy

from rigtalk.core.errors import RigtalkError
from rigtalk.rigs import Response, Term
from rigtalk.rigs.controls import ControlSet

from ..animation.keys import Channel
from .places import Place, channel_id
from .trial import row_place

__all__ = [
    "SETTINGS",
    "RowData",
    "channels_of",
    "copy_settings",
    "deleted",
    "fault_of",
    "response_of",
    "rows_of_channel",
    "write_row",
]

SETTINGS = ("enabled", "gain", "offset", "invert", "limited", "low", "high")
"""What an animator tunes; the rest says what is tuned."""

_NO_LIMIT = (-1000.0, 1000.0)

_KEY = re.compile(r'key_blocks\["(.*)"\]\.value', re.DOTALL)
_BONE = re.compile(r'pose\.bones\["(.*)"\]\.(\w+)', re.DOTALL)
_BONE_PROPERTY = re.compile(r'pose\.bones\["(.*)"\]\["(.*)"\]', re.DOTALL)
_PROPERTY = re.compile(r'\["(.*)"\]', re.DOTALL)


@dataclass(frozen=True)
class RowData:
    """A row without Blender: fields as in `RigTalkMappingRow`, but for the object."""

    control: str
    kind: str
    target: str
    bone: str = ""
    channel: str = "LOCATION_X"
    gain: float = 1.0
    offset: float = 0.0
    invert: bool = False
    limited: bool = False
    low: float = 0.0
    high: float = 1.0
    enabled: bool = True


def write_row(row: Any, data: RowData, thing: bpy.types.Object | None) -> None:
    """Fill a row in."""
    row.thing = thing
    for name, value in vars(data).items():
        setattr(row, name, value)


def copy_settings(source: Any, row: Any) -> None:
    """Give a row the settings of another, which may be a `RowData`."""
    for name in SETTINGS:
        setattr(row, name, getattr(source, name))


def fault_of(row: Any, controls: ControlSet) -> str:
    """What is wrong with a row, in one line; empty if nothing is.

    Whether its object is still in a scene takes long to find out and is left to `deleted`.
    """
    try:
        _check_control(row, controls)
        row_place(row)
        response_of([row], controls)
    except RigtalkError as fault:
        return str(fault)
    return ""


def deleted(rows: Iterable[Any]) -> set[bpy.types.Object]:
    """Objects of rows that no scene has any more: the rows alone keep them."""
    return {thing for thing in {row.thing for row in rows} if thing and not thing.users_scene}


def response_of(rows: Sequence[Any], controls: ControlSet) -> Response:
    """What the rows of one target make of the controls together.

    Offsets add up, and every row's limits hold.

    Raises
    ------
    RigtalkError
        If the limits leave nothing.
    """
    terms: list[Term] = []
    offset = 0.0
    for row in rows:
        offset += row.offset
        if not row.control:
            continue
        gain = row.gain
        if row.invert:
            control = controls.controls[controls.index(row.control)]
            offset += gain * (control.low + control.high)
            gain = -gain
        terms.append(Term(row.control, gain))
    lows = [row.low for row in rows if row.limited]
    highs = [row.high for row in rows if row.limited]
    return Response(
        tuple(terms),
        offset=offset,
        low=max(lows, default=None),
        high=min(highs, default=None),
    )


def channels_of(
    rows: Iterable[Any], controls: ControlSet
) -> tuple[tuple[Channel, ...], tuple[str, ...]]:
    """The channels that enabled rows make, and one line for each row that makes none."""
    together: dict[Place, list[Any]] = {}
    faults: list[str] = []
    counting = [row for row in rows if row.enabled]
    gone = deleted(counting)
    for row in counting:
        fault = fault_of(row, controls)
        if row.thing in gone:
            fault = f"{row.thing.name} was deleted from the scene: choose another object"
        if fault:
            faults.append(f"{row.control or 'a row without control'}: {fault}")
        else:
            together.setdefault(row_place(row), []).append(row)
    channels = []
    for place, sharing in together.items():
        try:
            response = response_of(sharing, controls)
        except RigtalkError as fault:
            faults.append(f"{sharing[0].control}: {fault}")
            continue
        channels.append(_channel(place, response))
    return tuple(channels), tuple(faults)


def _channel(place: Place, response: Response) -> Channel:
    main = response.controls[0] if response.terms else ""
    plain = response == Response.of(main)
    return Channel(
        main,
        place.owner,
        place.path,
        place.index,
        place.group,
        response=None if plain else response,
    )


def rows_of_channel(channel: Channel, things: dict[bpy.types.ID, Any]) -> list[tuple[RowData, Any]]:
    """A found channel as rows, each with its object.

    Parameters
    ----------
    things : mapping of bpy.types.ID to bpy.types.Object
        The object for each ``Key`` and each armature's data.
    """
    thing = things.get(channel.owner, channel.owner)
    place = _described(channel)
    response = channel.response or Response.of(channel.control)
    limited = response.low is not None or response.high is not None
    # A row has both limits or none: the one that is missing is put out of reach.
    low = _NO_LIMIT[0] if response.low is None else response.low
    high = _NO_LIMIT[1] if response.high is None else response.high
    limits: dict[str, Any] = {
        "limited": limited,
        "low": low if limited else 0.0,
        "high": high if limited else 1.0,
    }
    terms = response.terms or (Term("", 1.0),)
    return [
        (
            RowData(
                control=term.control,
                gain=term.gain,
                offset=response.offset if i == 0 else 0.0,
                **limits,
                **place,
            ),
            thing,
        )
        for i, term in enumerate(terms)
    ]


def _described(channel: Channel) -> dict[str, Any]:
    """Fields of a row that name the place of a channel."""
    plain = bpy.utils.unescape_identifier
    if found := _KEY.fullmatch(channel.path):
        return {"kind": "SHAPE_KEY", "target": plain(found[1])}
    if found := _BONE_PROPERTY.fullmatch(channel.path):
        return {"kind": "PROPERTY", "target": plain(found[2]), "bone": plain(found[1])}
    if found := _BONE.fullmatch(channel.path):
        return {
            "kind": "BONE",
            "target": plain(found[1]),
            "channel": channel_id(found[2], channel.index),
        }
    found = _PROPERTY.fullmatch(channel.path)
    if found is None:
        raise ValueError(f"no row can hold the path {channel.path}")
    kind = "PROPERTY" if channel.owner.id_type == "OBJECT" else "DATA"
    return {"kind": kind, "target": plain(found[1])}


def _check_control(row: Any, controls: ControlSet) -> None:
    if row.control and row.control not in controls.names:
        raise RigtalkError(
            f"the rig {controls.name} has no control {row.control!r}: choose another"
        )
