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
from functools import partial
from pathlib import Path

import numpy as np

from ..errors import RigtalkError
from ..performance import Performance
from .header import header_of, performance_of
from .replacing import replacing

__all__ = ["read_json", "write_json"]


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
    if not isinstance(data, dict):
        data = {}
    return performance_of(data, path, kind="JSON", rows=partial(_rows, path))


def _rows(path: Path, rows: list[list[float]], width: int) -> np.ndarray:
    for frame, row in enumerate(rows):
        if len(row) != width:
            raise RigtalkError(f"{path}: frame {frame} has {len(row)} values, not {width}")
    return np.array(rows, dtype=np.float32).reshape(-1, width)


def write_json(path: Path, parts: Iterable[Performance]) -> int:
    """Write consecutive performances, a row at a time; returns the number of frames."""
    frames = 0
    with replacing(path) as file:
        for part in parts:
            if not frames:
                header = json.dumps(header_of(part))[:-1] + ', "values": ['
                file.write(header.encode())
            pattern = "[" + ",".join(["%.7g"] * len(part.controls)) + "]"
            rows = [pattern % tuple(row) for row in (part.values + np.float32(0)).tolist()]
            file.write((",\n" if frames else "\n").encode() + ",\n".join(rows).encode())
            frames += len(part)
        if not frames:
            raise RigtalkError(f"{path}: there are no curves to write")
        file.write(b"\n]}\n")
    return frames
