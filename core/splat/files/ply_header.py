"""The header of a PLY file: which elements, of which properties, in which encoding."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ...errors import RigtalkError

__all__ = ["PlyElement", "PlyHeader", "read_header"]

_LONGEST = 1 << 16
"""No header of Gaussians comes near so many bytes; a file that is no PLY may have no line end."""
_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2",
    "ushort": "u2", "uint16": "u2", "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4",
    "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip
_ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}


@dataclass(frozen=True)
class PlyElement:
    """One table of the file: its rows and, in order, its columns' names and types."""

    name: str
    count: int
    columns: tuple[tuple[str, str], ...]  # type "list" for one of varying length


@dataclass(frozen=True)
class PlyHeader:
    """What comes before the numbers."""

    order: str  # "<", ">" or "" for text
    elements: tuple[PlyElement, ...]
    end: int  # bytes

    def row(self, element: PlyElement) -> np.dtype:
        """The layout of one row of numbers."""
        return np.dtype([(name, self.order + kind) for name, kind in element.columns])


def read_header(file: BinaryIO, path: Path) -> PlyHeader:
    """Read the header; the file is then at the first number.

    Raises
    ------
    RigtalkError
        If it is no PLY, or its header says what cannot be.
    """
    head = file.read(_LONGEST)
    if head[:3] != b"ply" or head[3:4] not in (b"\n", b"\r"):
        raise RigtalkError(f"{path}: not a PLY file")
    lines, end = _lines(head, path)
    order: str | None = None
    elements: list[tuple[str, int, list[tuple[str, str]]]] = []
    for line in lines:
        match line.split():
            case ["format", name, _] if name in _ORDERS:
                order = _ORDERS[name]
            case ["element", name, count] if count.isdecimal() and len(count) < 19:
                elements.append((name, int(count), []))
            case ["property", "list", count, kind, name] if elements and kind in _TYPES:
                elements[-1][2].append((name, "list"))
            case ["property", kind, name] if elements and kind in _TYPES:
                elements[-1][2].append((name, _TYPES[kind]))
            case [] | ["comment" | "obj_info", *_]:
                pass
            case _:
                raise RigtalkError(f"{path}: the PLY header has a strange line {line[:60]!r}")
    if order is None:
        raise RigtalkError(f"{path}: the PLY header names no format that is known")
    for name, _, columns in elements:
        if len({column for column, _ in columns}) < len(columns):
            raise RigtalkError(f"{path}: two properties of {name!r} have the same name")
    file.seek(end)
    return PlyHeader(order, tuple(PlyElement(n, c, tuple(p)) for n, c, p in elements), end)


def _lines(head: bytes, path: Path) -> tuple[list[str], int]:
    """Lines between "ply" and "end_header", and where the numbers begin."""
    lines: list[str] = []
    at = 0
    while at < len(head):
        feed, carriage = head.find(b"\n", at), head.find(b"\r", at)
        # Lines end in \n, \r\n or, from old Macs, \r alone.
        ends = [place for place in (feed, carriage) if place >= 0]
        if not ends:
            break
        end = min(ends)
        line = head[at:end].decode("ascii", "replace").strip()
        at = end + (2 if head[end : end + 2] == b"\r\n" else 1)
        if line == "end_header":
            return lines[1:], at
        lines.append(line)
    raise RigtalkError(f"{path}: truncated or no PLY: the header has no end")
