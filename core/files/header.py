"""What JSON and NPZ curves say about themselves, beside their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import RigtalkError
from ..performance import Performance
from .columns import control_set_of

__all__ = ["header_of", "performance_of"]

FORMAT = "rigtalk-performance"
VERSION = 1


def header_of(part: Performance) -> dict[str, object]:
    """Everything but the values, in the order in which it is written."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "fps": part.fps,
        "start": part.start,
        "control_set": part.controls.name,
        "control_set_version": part.controls.version,
        "names": list(part.controls.names),
    }


def performance_of(
    facts: Mapping[str, Any], path: Path, *, kind: str, rows: Callable[[Any, int], np.ndarray]
) -> Performance:
    """The performance that a file holds.

    Parameters
    ----------
    facts : mapping of str to object
        A header as `header_of` gives it, and ``values``.
    path : Path
        The file, for messages.
    kind : str
        What the file is if it does not hold curves.
    rows : callable
        Makes an array (frames, controls) of ``values`` and the number of controls.

    Raises
    ------
    RigtalkError
        If it is not this format and version, something is missing or a value has the wrong type.
    """
    if facts.get("format") != FORMAT:
        raise RigtalkError(f"{path}: {kind}, but not curves of rigtalk")
    if facts.get("version") != VERSION:
        raise RigtalkError(
            f"{path}: version {facts.get('version')} of the format; this rigtalk reads {VERSION}"
        )
    try:
        controls = control_set_of(
            facts["control_set"], facts["control_set_version"], facts["names"], str(path)
        )
        values = rows(facts["values"], len(controls))
        return Performance(values, float(facts["fps"]), controls, float(facts["start"]))
    except KeyError as error:
        raise RigtalkError(f"{path}: {error.args[0]!r} is missing") from None
    except (TypeError, ValueError):
        raise RigtalkError(f"{path}: a value has the wrong type; write the curves again") from None
