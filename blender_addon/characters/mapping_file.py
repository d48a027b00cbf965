"""Mappings as files: JSON with a format of its own, checked line by line."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from rigtalk.core.errors import RigtalkError
from rigtalk.rigs import control_set, control_set_names

from ..outputs import staged
from .places import BONE_CHANNELS, KINDS
from .rows import RowData

__all__ = ["FORMAT", "VERSION", "StoredMapping", "read_mapping", "write_mapping"]

FORMAT = "rigtalk mapping"
VERSION = 1
_MOST_BYTES = 16 << 20
_MOST = 1e30
_TYPES = {field.name: str(field.type) for field in fields(RowData)}
_CHOICES = {"kind": tuple(KINDS), "channel": tuple(BONE_CHANNELS)}


@dataclass(frozen=True)
class StoredMapping:
    """A mapping without a character.

    Attributes
    ----------
    controls : str
        Name of the control set.
    rows : tuple of (RowData, str)
        Rows, each with the name of its object.
    """

    controls: str
    rows: tuple[tuple[RowData, str], ...]


def write_mapping(path: Path, mapping: StoredMapping) -> None:
    """Write a file, whole or not at all.

    Raises
    ------
    RigtalkError
        If it cannot be written.
    """
    content = {
        "format": FORMAT,
        "version": VERSION,
        "controls": mapping.controls,
        "rows": [{"object": thing, **asdict(row)} for row, thing in mapping.rows],
    }
    with staged([path]) as parts:
        parts[path].write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def read_mapping(path: Path) -> StoredMapping:
    """Read a file that `write_mapping` made.

    Raises
    ------
    RigtalkError
        If it cannot be read, is no mapping, is of a newer version or has a wrong row.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise RigtalkError(f"{path} is too large for a mapping: choose another file")
        content = json.loads(path.read_text("utf-8"), parse_constant=float)
    except OSError as fault:
        raise RigtalkError(f"cannot read {path}: {fault.strerror or fault}") from None
    except (ValueError, RecursionError):
        raise RigtalkError(f"{path} is not a mapping: it is not JSON text") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise RigtalkError(f"{path} is not a mapping: save one with Save Mapping")
    version = content.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise RigtalkError(f"{path} has no proper version: save the mapping again")
    if version > VERSION:
        raise RigtalkError(f"{path} is of a newer version ({version}): update RigTalk")
    known = ", ".join(control_set_names())
    if content.get("controls") not in control_set_names():
        raise RigtalkError(f"{path} is for the rig {content.get('controls')!r}: known are {known}")
    rows = content.get("rows")
    if not isinstance(rows, list):
        raise RigtalkError(f"{path} has no list of rows: save the mapping again")
    controls = control_set(content["controls"])
    read = tuple(_row(f"{path}, row {i + 1}", row) for i, row in enumerate(rows))
    for i, (row, _) in enumerate(read):
        if row.control and row.control not in controls.names:
            raise RigtalkError(
                f"{path}, row {i + 1}: the rig {controls.name} has no control {row.control!r}"
            )
    return StoredMapping(controls.name, read)


def _row(where: str, row: Any) -> tuple[RowData, str]:
    if not isinstance(row, dict):
        raise RigtalkError(f"{where}: a row is a group of names and values, not {row!r}")
    given = dict(row)
    thing = given.pop("object", "")
    if not isinstance(thing, str):
        raise RigtalkError(f"{where}: object must be a name, not {thing!r}")
    for name in ("control", "kind", "target"):
        if name not in given:
            raise RigtalkError(f"{where}: {name} is missing")
    for name, value in given.items():
        if name not in _TYPES:
            raise RigtalkError(f"{where}: {name!r} is not known: remove it")
        given[name] = _value(where, name, value)
    return RowData(**given), thing


def _value(where: str, name: str, value: Any) -> Any:
    match _TYPES[name]:
        case "str" if isinstance(value, str):
            if name in _CHOICES and value not in _CHOICES[name]:
                raise RigtalkError(f"{where}: {name} {value!r} is none of {_CHOICES[name]}")
            return value
        case "bool" if isinstance(value, bool):
            return value
        case "float" if isinstance(value, int | float) and not isinstance(value, bool):
            if abs(value) < _MOST:  # not so for what is not a number
                return float(value)
    wanted = {"str": "a text", "bool": "true or false", "float": "a plain number"}
    raise RigtalkError(f"{where}: {name} must be {wanted[_TYPES[name]]}, not {value!r}")
