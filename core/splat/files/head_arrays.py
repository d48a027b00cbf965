"""The arrays of a head's file: each at its place, as it is or deflated, against its hash."""

from __future__ import annotations

import hashlib
import math
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ...errors import RigtalkError

__all__ = ["damaged", "described", "read_array"]

_WORTH = 0.8
"""Deflated, an array is at most this much of itself, or it is kept as it is."""
_MOST_RATIO = 1100
"""Deflate makes nothing smaller than by 1032 times; what says so lies."""


def damaged(path: Path) -> RigtalkError:
    """What to say of a file that is not as it was written."""
    return RigtalkError(f"{path}: the head's file is damaged; copy it again, or bake again")


def described(values: np.ndarray, kind: str) -> tuple[bytes, dict[str, Any]]:
    """What stands in the file for an array of this type, and its entry, not yet with an offset."""
    plain = np.ascontiguousarray(values, dtype=kind).tobytes()
    entry: dict[str, Any] = {
        "type": kind,
        "shape": list(values.shape),
        "offset": 0,
        "sha256": hashlib.sha256(plain).hexdigest(),
    }
    small = zlib.compress(plain, 6)
    if len(small) >= _WORTH * len(plain):
        return plain, entry
    return small, {**entry, "encoding": "deflate", "bytes": len(small)}


def read_array(
    file: BinaryIO, size: int, name: str, kind: str, entry: Any, path: Path
) -> np.ndarray:
    """One array, after its place and size were held against the file's.

    Parameters
    ----------
    file : BinaryIO
    size : int
        Of the file, bytes.
    name, kind : str
        Of the array, and the type that it must have.
    entry : Any
        What the header says of it.
    path : Path
        For messages.

    Raises
    ------
    RigtalkError
        If the file ends before, or is damaged, or the entry lies.
    """
    if not isinstance(entry, dict) or entry.get("type") != kind:
        raise damaged(path)
    shape, offset = entry.get("shape"), entry.get("offset", -1)
    if not isinstance(shape, list) or not 1 <= len(shape) <= 4:
        raise damaged(path)
    deflated = entry.get("encoding")
    if deflated not in (None, "deflate") or not _whole(*shape, offset, entry.get("bytes", 0)):
        raise damaged(path)
    length = math.prod(shape) * np.dtype(kind).itemsize
    stored = entry.get("bytes", 0) if deflated else length
    if offset + stored > size:
        raise RigtalkError(
            f"{path}: truncated: {name} should end at byte {offset + stored} of {size}; "
            "copy it again, or bake again"
        )
    if length > stored * _MOST_RATIO:
        raise damaged(path)
    file.seek(offset)
    data = file.read(stored)
    if len(data) == stored and deflated:
        data = _inflated(data, length, path)
    if len(data) != length or hashlib.sha256(data).hexdigest() != entry.get("sha256"):
        raise damaged(path)
    return np.frombuffer(data, kind).reshape(shape)


def _whole(*numbers: Any) -> bool:
    return all(type(number) is int and 0 <= number < 1 << 48 for number in numbers)


def _inflated(data: bytes, length: int, path: Path) -> bytes:
    """So many bytes, no fewer and no more."""
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(data, length + 1)
    except zlib.error:
        raise damaged(path) from None
    if not stream.eof or stream.unused_data:
        raise damaged(path)
    return plain
