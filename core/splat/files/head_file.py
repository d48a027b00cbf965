"""Heads of Gaussians in files: ``.splathead``.

All numbers are little-endian::

    0   8 bytes   b"SPLTHEAD"
    8   u32       version: 2 with an attention, 1 without
    12  u32       length of the header in bytes
    16  32 bytes  SHA-256 of the header
    48  header    JSON, UTF-8
    …   arrays    each at a multiple of 64 bytes; the file ends with the last

The header is one object::

    {"signature": "…",                       of the artist's mesh
     "shape_names": ["jawOpen", …],
     "settings": {"dilation": 0.3, "antialiased": false},
     "facts": {"made_by": "…", …},           text and numbers that its maker keeps
     "attention": {"channels": ["positions", …], "heads": 2},     version 2 only
     "arrays": {"positions": {"type": "<f4", "shape": [50000, 3], "offset": 4096,
                              "sha256": "…"},
                "triangles": {"type": "<i4", …, "encoding": "deflate", "bytes": 81234}, …}}

with the arrays ``positions``, ``log_scales``, ``rotations``, ``opacity_logits``, ``sh``,
``triangle``, ``barycentric`` of the Gaussians, ``vertices``, ``triangles`` and ``shape_deltas`` of
the mesh. ``sh_rest``, if it is there, is half floats: the harmonics (n, k - 1, 3) after the first,
which is then alone in ``sh``. If there are correctives, ``corrective_mix`` (shapes, bases),
``corrective_gaussian`` (rows), which never falls, ``corrective_basis`` (rows), and a
``corrective_…`` (rows, …) for each channel; see `rigtalk.core.splat.correctives`. An attention has
all the arrays of `rigtalk.core.splat.attention.ARRAYS`, as ``attention_…``.

A deflated array is a zlib stream (RFC 1950) of so many ``bytes``; ``sha256`` is that of the plain
array. The same head gives the same bytes, where zlib is the same.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ...errors import RigtalkError
from ...files.replacing import replacing
from ..attention import ARRAYS, Attention
from ..correctives import CHANNELS, Correctives
from ..gaussians import Gaussians
from ..head import SplatHead
from ..mesh import Mesh
from ..reference import Settings
from .head_arrays import damaged, described, read_array
from .reading import opened

__all__ = ["HeadLabel", "read_head", "read_head_label", "write_head"]

_MAGIC = b"SPLTHEAD"
_VERSION = 2
"""The newest that is known; a file has the lowest that can hold it."""
_START = struct.Struct("<8sII32s")
_ALIGNED = 64
_LONGEST_HEADER = 1 << 24
_MOST_HALF = 65504.0
_GAUSSIANS = ("positions", "log_scales", "rotations", "opacity_logits", "sh")
_TYPES = {
    **dict.fromkeys((*_GAUSSIANS, "barycentric", "vertices", "corrective_mix"), "<f4"),
    **dict.fromkeys(("triangle", "triangles", "corrective_gaussian", "corrective_basis"), "<i4"),
    **dict.fromkeys(
        ("shape_deltas", "sh_rest", *(f"corrective_{name}" for name in CHANNELS)), "<f2"
    ),
    **{f"attention_{name}": kind for name, (kind, _) in ARRAYS.items()},
}
_CORRECTIVE = ("mix", "gaussian", "basis")
_NEEDED = (*_GAUSSIANS, "triangle", "barycentric", "vertices", "triangles", "shape_deltas")


def write_head(path: Path, head: SplatHead) -> None:
    """Write a head.

    Raises
    ------
    RigtalkError
        If a fact is neither text nor a finite number, or the file cannot be written.
    """
    stored: dict[str, bytes] = {}
    entries: dict[str, dict[str, Any]] = {}
    for name, values in _arrays(head).items():
        stored[name], entries[name] = described(values, _TYPES[name])
    content: dict[str, Any] = {
        "signature": head.signature,
        "shape_names": list(head.shape_names),
        "settings": {
            "dilation": float(head.settings.dilation),
            "antialiased": head.settings.antialiased,
        },
        "facts": _facts(head.facts, path),
        "arrays": entries,
    }
    if head.attention:
        content["attention"] = {
            "channels": list(head.attention.channels),
            "heads": int(head.attention.heads),
        }
    # Offsets depend on the header's length; room for their digits is left as spaces.
    room = len(json.dumps(content).encode()) + 20 * len(entries)
    at = _START.size + room
    for name, data in stored.items():
        at += -at % _ALIGNED
        entries[name]["offset"] = at
        at += len(data)
    header = json.dumps(content).encode().ljust(room)
    with replacing(path) as file:
        version = 2 if head.attention else 1
        file.write(_START.pack(_MAGIC, version, room, hashlib.sha256(header).digest()))
        file.write(header)
        for data in stored.values():
            file.write(b"\0" * (-file.tell() % _ALIGNED))
            file.write(data)


def _arrays(head: SplatHead) -> dict[str, np.ndarray]:
    arrays = {name: getattr(head.gaussians, name) for name in _GAUSSIANS}
    arrays |= {"triangle": head.triangle, "barycentric": head.barycentric}
    arrays |= {"vertices": head.mesh.vertices, "triangles": head.mesh.triangles}
    arrays["shape_deltas"] = np.asarray(head.shape_deltas)
    if head.correctives:
        rows = head.correctives.rows
        arrays |= {f"corrective_{part}": getattr(head.correctives, part) for part in _CORRECTIVE}
        arrays |= {f"corrective_{name}": rows[name] for name in CHANNELS if name in rows}
    if head.attention:
        arrays |= {f"attention_{name}": array for name, array in head.attention.arrays.items()}
    shading = arrays["sh"][:, 1:]
    if shading.size and np.abs(shading).max() <= _MOST_HALF:
        arrays |= {"sh": arrays["sh"][:, :1], "sh_rest": shading}
    return arrays


def _facts(facts: Any, path: Path) -> dict[str, str | int | float]:
    for name, value in facts.items():
        number = isinstance(value, int | float) and math.isfinite(value)
        if not isinstance(name, str) or not (number or isinstance(value, str)):
            raise RigtalkError(f"{path}: the fact {name!r} is neither text nor a finite number")
    return dict(facts)


def read_head(path: Path) -> SplatHead:
    """Read a head; every part is checked against its hash and its limits.

    Raises
    ------
    RigtalkError
        If it is no head of a version that is known, truncated, damaged or lying.
    """
    with opened(path) as (file, size):
        header = _header(file, size, path)
        arrays = {
            name: read_array(file, size, name, _TYPES[name], entry, path)
            for name, entry in _entries(header, path).items()
        }
    try:
        return _head(header, arrays)
    except RigtalkError as error:
        raise RigtalkError(f"{path}: {error}") from None
    except (TypeError, ValueError, AttributeError, KeyError):
        raise damaged(path) from None


@dataclass(frozen=True)
class HeadLabel:
    """What a file says that it holds.

    Attributes
    ----------
    gaussians, vertices, triangles : int
    shape_names : tuple of str
    signature : str
    facts : mapping of str to str, int or float
    """

    gaussians: int
    vertices: int
    triangles: int
    shape_names: tuple[str, ...]
    signature: str
    facts: Mapping[str, str | int | float]


def read_head_label(path: Path) -> HeadLabel:
    """Read the first kilobytes of a file alone: quick, however large the head is.

    Raises
    ------
    RigtalkError
        If these are not those of a head.
    """
    with opened(path) as (file, size):
        header = _header(file, size, path)
    entries = _entries(header, path)
    try:
        counts = [entries[name]["shape"][0] for name in ("positions", "vertices", "triangles")]
        if not all(type(number) is int and number >= 0 for number in counts):
            raise TypeError
        return HeadLabel(
            gaussians=counts[0],
            vertices=counts[1],
            triangles=counts[2],
            shape_names=tuple(str(name) for name in header["shape_names"]),
            signature=str(header["signature"]),
            facts=dict(header["facts"]),
        )
    except (TypeError, ValueError, KeyError, IndexError):
        raise damaged(path) from None


def _header(file: BinaryIO, size: int, path: Path) -> dict[str, Any]:
    start = file.read(_START.size)
    if start[:8] != _MAGIC:
        raise RigtalkError(f"{path}: not a head of Gaussians (.splathead)")
    if len(start) < _START.size:
        raise RigtalkError(f"{path}: truncated; copy it again, or bake again")
    _, version, length, digest = _START.unpack(start)
    if not 1 <= version <= _VERSION:
        raise RigtalkError(
            f"{path}: a head of version {version}; this rigtalk reads up to version {_VERSION}: "
            "update rigtalk, or bake again"
        )
    if _START.size + length > size:
        raise RigtalkError(f"{path}: truncated; copy it again, or bake again")
    if length > _LONGEST_HEADER:
        raise damaged(path)
    data = file.read(length)
    if hashlib.sha256(data).digest() != digest:
        raise damaged(path)
    try:
        header = json.loads(data)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict):
        raise damaged(path)
    return header


def _entries(header: dict[str, Any], path: Path) -> dict[str, dict[str, Any]]:
    entries = header.get("arrays")
    if not isinstance(entries, dict) or not set(_NEEDED) <= set(entries) <= set(_TYPES):
        raise damaged(path)
    return entries


def _head(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> SplatHead:
    correctives = None
    if any(name.startswith("corrective_") for name in arrays):
        rows = {
            name: arrays[f"corrective_{name}"]
            for name in CHANNELS
            if f"corrective_{name}" in arrays
        }
        mix, gaussian, basis = (arrays[f"corrective_{part}"] for part in _CORRECTIVE)
        correctives = Correctives(mix, gaussian, basis, rows)
    settings, names, facts = header["settings"], header["shape_names"], header["facts"]
    if not all(isinstance(name, str) for name in (*names, header["signature"])):
        raise TypeError
    if "sh_rest" in arrays:
        arrays["sh"] = np.concatenate([arrays["sh"], arrays["sh_rest"].astype("<f4")], axis=1)
    return SplatHead(
        Gaussians(*(arrays[name] for name in _GAUSSIANS)),
        arrays["triangle"],
        arrays["barycentric"],
        Mesh(arrays["vertices"], arrays["triangles"]),
        header["signature"],
        tuple(names),
        arrays["shape_deltas"],
        correctives,
        Settings(float(settings["dilation"]), bool(settings["antialiased"])),
        dict(facts),
        _attention(header, arrays),
    )


def _attention(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> Attention | None:
    found = {name: arrays[f"attention_{name}"] for name in ARRAYS if f"attention_{name}" in arrays}
    if "attention" not in header and not found:
        return None
    channels, heads = header["attention"]["channels"], header["attention"]["heads"]
    if not isinstance(channels, list) or type(heads) is not int:
        raise TypeError
    return Attention(tuple(channels), heads, found)
