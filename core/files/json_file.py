"""Curves as JSON.

One object::

    {"format": "rigtalk-performance", "version": 1,
     "fps": 60.0, "start": 0.0,                      frames a second; time of frame 0 in seconds
     "control_set": "arkit", "control_set_version": 1,
     "names": ["eyeBlinkLeft", ...],
     "values": [[0.1, ...], ...]}                    one row a frame, one number a name

Numbers have seven digits, which is what float32 holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ..errors import RigtalkError
from ..performance import Performance
from .columns import control_set_of
from .replacing import replacing

__all__ = ["FORMAT", "VERSION", "read_json", "write_json"]

FORMAT = "rigtalk-performance"
VERSION = 1


def read_json(path: Path) -> Performance:
    """Read curves from JSON.

    Raises
    ------
    RigtalkError
        If it is not this format and version, a row is ragged or a value is not a number.
    OSError
        If the file cannot be read.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, RecursionError) as error:
        raise RigtalkError(f"{path}: not JSON, or cut short ({error})") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise RigtalkError(f"{path}: JSON, but not curves of rigtalk")
    if data.get("version") != VERSION:
        raise RigtalkError(
            f"{path}: version {data.get('version')} of the format; this rigtalk reads {VERSION}"
        )
    try:
        controls = control_set_of(
            data["control_set"], data["control_set_version"], data["names"], str(path)
        )
        _check_rows(data["values"], len(controls), path)
        values = np.array(data["values"], dtype=np.float32).reshape(-1, len(controls))
        return Performance(values, float(data["fps"]), controls, float(data["start"]))
    except KeyError as error:
        raise RigtalkError(f"{path}: {error.args[0]!r} is missing") from None
    except (TypeError, ValueError):
        raise RigtalkError(f"{path}: a value has the wrong type; write the curves again") from None


def _check_rows(rows: list[list[float]], width: int, path: Path) -> None:
    for frame, row in enumerate(rows):
        if len(row) != width:
            raise RigtalkError(f"{path}: frame {frame} has {len(row)} values, not {width}")


def write_json(path: Path, parts: Iterable[Performance]) -> int:
    """Write consecutive performances, a row at a time; returns the number of frames."""
    frames = 0
    with replacing(path) as file:
        for part in parts:
            if not frames:
                file.write(_header(part).encode())
            pattern = "[" + ",".join(["%.7g"] * len(part.controls)) + "]"
            rows = [pattern % tuple(row) for row in (part.values + np.float32(0)).tolist()]
            file.write((",\n" if frames else "\n").encode() + ",\n".join(rows).encode())
            frames += len(part)
        if not frames:
            raise RigtalkError(f"{path}: there are no curves to write")
        file.write(b"\n]}\n")
    return frames


def _header(part: Performance) -> str:
    facts = {
        "format": FORMAT,
        "version": VERSION,
        "fps": part.fps,
        "start": part.start,
        "control_set": part.controls.name,
        "control_set_version": part.controls.version,
        "names": part.controls.names,
    }
    return json.dumps(facts)[:-1] + ', "values": ['
