"""Stamps of what was written, kept on the action that holds the keys.

One ID property for each set of curves: it is saved with the file, comes back with undo and goes
along when an action is copied. Its name holds the handle of the slot, where there are slots.
Blender cuts bytes at the first zero, so they are kept as text.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from rigtalk.core.keys.stamp import Stamp

__all__ = ["STAMPS", "Stamps", "decode", "encode"]

STAMPS = "rigtalk_keys"
"""Name of the ID property, or its beginning."""
_LENGTH = 4

Stamps = tuple[tuple[str, ...], dict[tuple[str, int], Stamp]]
"""Names of the takes, and what was written on each (path, index)."""


def encode(takes: tuple[str, ...], curves: Mapping[tuple[str, int], Stamp]) -> str:
    """Stamps as text."""
    rows = [[path, index, len(stamp)] for (path, index), stamp in curves.items() if len(stamp)]
    head = json.dumps({"version": 1, "takes": takes, "curves": rows}).encode()
    full = [stamp for stamp in curves.values() if len(stamp)]
    points = [np.ascontiguousarray(stamp.points, "<f4").tobytes() for stamp in full]
    kinds = [np.ascontiguousarray(stamp.kinds, "u1").tobytes() for stamp in full]
    owners = [np.ascontiguousarray(stamp.takes, "<u2").tobytes() for stamp in full]
    body = len(head).to_bytes(_LENGTH, "little") + head + b"".join(points + kinds + owners)
    return base64.b64encode(body + zlib.crc32(body).to_bytes(_LENGTH, "little")).decode()


def decode(data: Any) -> Stamps:
    """Stamps from text; nothing where there are none or they are damaged.

    A damaged record only means that no key counts as written by us.
    """
    if not isinstance(data, str):
        return (), {}
    try:
        whole = base64.b64decode(data, validate=True)
    except binascii.Error:
        return (), {}
    body = whole[:-_LENGTH]
    if zlib.crc32(body).to_bytes(_LENGTH, "little") != whole[-_LENGTH:] or len(body) < _LENGTH:
        return (), {}
    begin = _LENGTH + int.from_bytes(body[:_LENGTH], "little")
    head = json.loads(body[_LENGTH:begin])
    if head["version"] != 1:
        return (), {}
    total = sum(count for _, _, count in head["curves"])
    points = np.frombuffer(body, "<f4", 6 * total, begin).reshape(-1, 6)
    kinds = np.frombuffer(body, "u1", 3 * total, begin + 24 * total).reshape(-1, 3)
    takes = np.frombuffer(body, "<u2", total, begin + 27 * total)
    curves: dict[tuple[str, int], Stamp] = {}
    at = 0
    for path, index, count in head["curves"]:
        rows = slice(at, at + count)
        curves[path, index] = Stamp(points[rows], kinds[rows], takes[rows])
        at += count
    return tuple(head["takes"]), curves
