"""Reads the tables: control sets, mappings and naming conventions are TOML files, not code."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any

from .controls import REGIONS, Control, ControlSet
from .errors import RigtalkError

__all__ = ["control_set", "control_set_names", "read_table", "table_names"]


def table_names(kind: str) -> tuple[str, ...]:
    """File names, without ending, of the tables that start with `kind`, sorted."""
    folder = files(__package__) / "tables"
    names = (entry.name for entry in folder.iterdir())
    return tuple(
        sorted(
            name.removesuffix(".toml")
            for name in names
            if name.startswith(kind + "_") and name.endswith(".toml")
        )
    )


def read_table(name: str) -> dict[str, Any]:
    """A table as nested dictionaries, by file name without ending."""
    return tomllib.loads((files(__package__) / "tables" / f"{name}.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def _control_sets() -> dict[str, ControlSet]:
    sets = (_control_set(read_table(name)) for name in table_names("control_set"))
    return {controls.name: controls for controls in sets}


def control_set_names() -> tuple[str, ...]:
    """Names of the control sets there are, sorted."""
    return tuple(sorted(_control_sets()))


def control_set(name: str) -> ControlSet:
    """A control set by name.

    Parameters
    ----------
    name : str
        One of `control_set_names`, such as ``"arkit"`` or ``"metahuman-board"``.

    Returns
    -------
    ControlSet

    Raises
    ------
    RigtalkError
        If there is no such set.
    """
    try:
        return _control_sets()[name]
    except KeyError:
        known = ", ".join(control_set_names())
        raise RigtalkError(f"unknown rig {name!r}: choose from {known}") from None


def _control_set(table: dict[str, Any]) -> ControlSet:
    controls = tuple(_control(row) for row in table["controls"])
    by_name = {control.name: control for control in controls}
    if len(by_name) != len(controls):
        raise ValueError(f"a control appears twice in the table of {table['name']}")
    for control in controls:
        partner = by_name[control.mirror]
        if partner.mirror != control.name or partner.mirror_sign != control.mirror_sign:
            raise ValueError(f"{control.name} and {control.mirror} are not each other's mirror")
    return ControlSet(table["name"], table["version"], controls, table["title"])


def _control(row: dict[str, Any]) -> Control:
    control = Control(**{"low": 0, "high": 1, "mirror": row["name"], **row})
    if control.region not in REGIONS or control.side not in ("L", "R", "C"):
        raise ValueError(f"{control.name}: no region {control.region!r} or side {control.side!r}")
    return control
