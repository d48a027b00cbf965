"""Matching the columns of a file to a control set."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rigtalk.rigs import ControlSet, control_set, control_set_names

from ..errors import RigtalkError

__all__ = ["control_set_of", "match_columns"]


def match_columns(names: Sequence[str], where: str) -> tuple[ControlSet, np.ndarray]:
    """The control set that some column names belong to, and which control each is.

    Parameters
    ----------
    names : sequence of str
        In any order; capitals do not count, as Live Link Face writes ``JawOpen`` for ``jawOpen``.
        Controls that are absent stay at rest.
    where : str
        The file, for messages.

    Returns
    -------
    controls : ControlSet
    columns : ndarray, shape (names,)

    Raises
    ------
    RigtalkError
        If a name is unknown or comes twice.
    """
    lowered = [name.strip().lower() for name in names]
    known = {
        name: {control.lower(): i for i, control in enumerate(control_set(name).names)}
        for name in control_set_names()
    }
    best = max(known, key=lambda name: sum(column in known[name] for column in lowered))
    for name, column in zip(names, lowered, strict=True):
        if column not in known[best]:
            raise RigtalkError(f"{where}: unknown column {name!r} (read as curves for {best!r})")
    columns = np.array([known[best][column] for column in lowered], dtype=np.intp)
    if len(set(columns.tolist())) < len(columns):
        twice = next(n for n in names if lowered.count(n.strip().lower()) > 1)
        raise RigtalkError(f"{where}: the column {twice!r} comes twice")
    return control_set(best), columns


def control_set_of(name: object, version: object, names: Sequence[str], where: str) -> ControlSet:
    """The control set that a file names, checked against its version and column names.

    Raises
    ------
    RigtalkError
        If it is unknown, of another version, or the columns are not its own.
    """
    if name not in control_set_names():
        raise RigtalkError(f"{where}: made for the unknown control set {name!r}")
    controls = control_set(str(name))
    if version != controls.version:
        raise RigtalkError(
            f"{where}: made for version {version} of the control set {name!r}; this rigtalk has "
            f"version {controls.version}; write the curves again"
        )
    if tuple(names) != controls.names:
        raise RigtalkError(f"{where}: its columns are not those of the control set {name!r}")
    return controls
