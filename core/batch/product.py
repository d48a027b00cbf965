"""Lines × characters × scenes × exports: each table of a jobs file multiplies the lines."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from ..errors import RigtalkError
from .fields import FIELDS, SCENE_NAME, check_names

__all__ = ["TABLES", "check_tables", "combine"]

TABLES = ("export", "scene", "character")
"""Tables that multiply, weakest first: what a later one says holds against an earlier one."""

Axes = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""What each entry says, by table and name."""


def check_tables(tables: Mapping[str, Any]) -> Axes:
    """The tables that multiply, by name of their entries.

    Raises
    ------
    RigtalkError
        If one is no table, has no name, has the name of another, or says what nobody reads.
    """
    axes: dict[str, dict[str, Mapping[str, Any]]] = {}
    for axis in TABLES:
        entries = tables.get(axis, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise RigtalkError(f"{axis}: write each as a table, [[{axis}]]")
        named: dict[str, Mapping[str, Any]] = {}
        for number, entry in enumerate(entries, start=1):
            name = entry.get("name")
            if not isinstance(name, str) or not name.strip():
                raise RigtalkError(f"{axis} {number}: give it a name")
            if name in named:
                raise RigtalkError(f"{axis} {number}: there is another {axis} called {name!r}")
            named[name] = _said(axis, number, entry)
        if named:
            axes[axis] = named
    return axes


def _said(axis: str, number: int, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    others = [field for field in FIELDS if field not in ("name", *TABLES)]
    file = ("file",) if axis == "scene" else ()
    try:
        check_names(entry, ("name", *file, *others))
    except RigtalkError as error:
        raise RigtalkError(f"{axis} {number}: {error}") from None
    said = {field: value for field, value in entry.items() if field not in ("name", "file")}
    if axis == "scene":
        if "file" not in entry:
            raise RigtalkError(f"scene {number}: name its .blend with file = …")
        said |= {"scene": entry["file"], SCENE_NAME: entry["name"]}
    else:
        said[axis] = entry["name"]
    return said


def combine(line: Mapping[str, Any], axes: Axes) -> list[tuple[str, dict[str, Any]]]:
    """What a line says with every entry of every table, or with those that it names.

    Parameters
    ----------
    line : mapping
        ``character``, ``scene`` and ``export`` may name one entry or a list of them.
    axes : mapping

    Returns
    -------
    list of (str, dict)
        Which entries, in words for labels, and what is said.

    Raises
    ------
    RigtalkError
        If it names an entry that is not there.
    """
    own = dict(line)
    chosen: list[list[str]] = []
    used = [axis for axis in TABLES if axis in axes]
    for axis in TABLES:
        if axis not in axes:
            if axis == "export" and axis in own:
                raise RigtalkError(f"export is {own[axis]!r}, but there is no [[export]]")
            continue
        wanted = own.get(axis)
        if axis == "scene" and _is_file(wanted) and wanted not in axes[axis]:
            used.remove(axis)
            continue
        own.pop(axis, None)
        chosen.append(_names(axis, wanted, axes[axis]))
    rows = []
    for names in product(*chosen):
        values: dict[str, Any] = {}
        for axis, name in zip(used, names, strict=True):
            values |= axes[axis][name]
        rows.append(("".join(f" × {name}" for name in reversed(names)), {**values, **own}))
    return rows


def _names(axis: str, wanted: Any, entries: Mapping[str, Any]) -> list[str]:
    if wanted is None:
        return list(entries)
    names = wanted if isinstance(wanted, list) else [wanted]
    for name in names:
        if name not in entries:
            raise RigtalkError(f"{axis} {name!r} is not there: choose from {', '.join(entries)}")
    return names


def _is_file(scene: Any) -> bool:
    return isinstance(scene, str) and scene.lower().endswith(".blend")
