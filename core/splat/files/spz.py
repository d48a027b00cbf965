"""Gaussians as SPZ, Niantic's packed format.

Versions 1 to 3 are one gzip stream: 16 bytes of header, then all positions, opacities, colours,
scales, rotations and harmonics. Version 4 has a header in the clear and a Zstandard stream for
each, which nothing in Python's standard library reads yet. Usual axes are RUB.
"""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ...errors import RigtalkError
from ...files.replacing import replacing
from ..gaussians import Gaussians
from ..harmonics import BASIS_SIZES
from .reading import opened

__all__ = ["read_spz", "unpack_spz", "write_spz"]

_MAGIC = 0x5053474E  # "NGSP"
_HEADER = struct.Struct("<IIIBBBB")
_ANTIALIASED = 1
_MOST_RATIO = 1032
"""Deflate cannot make anything more than so many times smaller."""
_COLOUR = 0.15
"""Colours are kept a little beyond 0 to 1: byte / 255 = 0.5 + this * coefficient."""
_LEAST_OPACITY = 1e-6
"""The byte 0 stands for less than 1/510; its logit must be finite."""
_SQUARE_ROOT_HALF = np.sqrt(0.5)
_COEFFICIENTS = (*BASIS_SIZES, 25)


@dataclass(frozen=True)
class _Header:
    version: int
    count: int
    degree: int
    fraction: int
    flags: int

    @property
    def widths(self) -> dict[str, int]:
        """Bytes that a Gaussian has in each part, in the order of the file."""
        return {
            "positions": 6 if self.version == 1 else 9,
            "opacities": 1,
            "colours": 3,
            "scales": 3,
            "rotations": 4 if self.version >= 3 else 3,
            "harmonics": 3 * (_COEFFICIENTS[self.degree] - 1),
        }


def read_spz(path: Path) -> tuple[Gaussians, bool]:
    """Read Gaussians, in the file's axes, and whether they were trained antialiased.

    Degree 4 is cut to 3; extensions are passed over.

    Raises
    ------
    RigtalkError
        If it is no SPZ of version 1 to 3, truncated, damaged or lying.
    """
    with opened(path) as (file, size):
        return unpack_spz(file, size, str(path))


def unpack_spz(file: BinaryIO, size: int, name: str) -> tuple[Gaussians, bool]:
    """The same from an open file of so many bytes; `name` is for messages."""
    start = file.read(4)
    if start == struct.pack("<I", _MAGIC):
        raise RigtalkError(
            f"{name}: SPZ of version 4 (Zstandard) cannot be read yet; export version 3, or PLY"
        )
    if start[:2] != b"\x1f\x8b":
        raise RigtalkError(f"{name}: not an SPZ file")
    file.seek(0)
    try:
        with gzip.open(file) as stream:
            header = _header(stream.read(_HEADER.size), name)
            total = header.count * sum(header.widths.values())
            if total > size * _MOST_RATIO:
                raise RigtalkError(
                    f"{name}: lies about its size: {header.count} Gaussians cannot be in {size} "
                    "bytes"
                )
            parts = {}
            for part, width in header.widths.items():
                data = stream.read(header.count * width)
                if len(data) < header.count * width:
                    raise RigtalkError(
                        f"{name}: truncated: {header.count} Gaussians are promised, the {part} end "
                        "early; copy or export it again"
                    )
                parts[part] = np.frombuffer(data, np.uint8).reshape(header.count, width)
            while stream.read(1 << 16):  # to the end, where the checksum is
                pass
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise RigtalkError(f"{name}: truncated or damaged; copy or export it again") from None
    try:
        return _unpacked(header, parts), bool(header.flags & _ANTIALIASED)
    except RigtalkError as error:
        raise RigtalkError(f"{name}: {error}") from None


def _header(data: bytes, name: str) -> _Header:
    if len(data) < _HEADER.size:
        raise RigtalkError(f"{name}: not an SPZ file, or truncated")
    magic, version, count, degree, fraction, flags, _ = _HEADER.unpack(data)
    if magic != _MAGIC:
        raise RigtalkError(f"{name}: not an SPZ file: what is packed in it is something else")
    if version not in (1, 2, 3):
        raise RigtalkError(f"{name}: SPZ of version {version} is not known; versions 1 to 3 are")
    if degree >= len(_COEFFICIENTS) or fraction > 23:
        raise RigtalkError(
            f"{name}: damaged: harmonics of degree {degree}, {fraction} binary places"
        )
    return _Header(version, count, degree, fraction, flags)


def _unpacked(header: _Header, parts: dict[str, np.ndarray]) -> Gaussians:
    count = header.count
    if header.version == 1:
        positions = np.ascontiguousarray(parts["positions"]).view("<f2").astype(np.float32)
    else:
        low, middle, high = np.moveaxis(parts["positions"].reshape(count, 3, 3), 2, 0)
        fixed = low | middle.astype(np.int32) << 8 | high.view(np.int8).astype(np.int32) << 16
        positions = (fixed / (1 << header.fraction)).astype(np.float32)
    opacities = np.clip(parts["opacities"][:, 0] / 255, _LEAST_OPACITY, 1 - _LEAST_OPACITY)
    sh = np.zeros((count, min(_COEFFICIENTS[header.degree], BASIS_SIZES[-1]), 3), np.float32)
    sh[:, 0] = (parts["colours"] / 255 - 0.5) / _COLOUR
    rest = (parts["harmonics"].astype(np.float32) - 128) / 128
    sh[:, 1:] = rest.reshape(count, _COEFFICIENTS[header.degree] - 1, 3)[:, : sh.shape[1] - 1]
    smallest_three = header.version >= 3
    return Gaussians(
        positions,
        parts["scales"] / 16 - 10,
        (_from_smallest_three if smallest_three else _from_first_three)(parts["rotations"]),
        np.log(opacities / (1 - opacities)),
        sh,
    )


def _from_first_three(data: np.ndarray) -> np.ndarray:
    """Bytes of x, y, z; w is what is left, and not negative."""
    xyz = data / 127.5 - 1
    w = np.sqrt(np.maximum(0, 1 - (xyz * xyz).sum(axis=1)))
    return np.column_stack([w, xyz])


def _from_smallest_three(data: np.ndarray) -> np.ndarray:
    """Two bits say which of xyzw is largest; then ten bits each of the others, sign first."""
    word = np.ascontiguousarray(data).view("<u4")[:, 0]
    largest = word >> 30
    xyzw = np.zeros((len(word), 4))
    word = word & 0x3FFFFFFF
    for i in (3, 2, 1, 0):
        stored = largest != i
        value = (word & 511) / 511 * _SQUARE_ROOT_HALF
        xyzw[stored, i] = np.where(word & 512, -value, value)[stored]
        word = np.where(stored, word >> 10, word)
    left = np.sqrt(np.maximum(0, 1 - (xyzw * xyzw).sum(axis=1)))
    xyzw[np.arange(len(xyzw)), largest] = left
    return np.roll(xyzw, 1, axis=1)


def write_spz(path: Path, gaussians: Gaussians, *, antialiased: bool = False) -> None:
    """Write Gaussians in the axes that they are in, as version 3.

    Positions get as many binary places as their range leaves room for in 24 bits; harmonics keep
    eight bits. Log-scales are held between -10 and 5.9, harmonics between -1 and 1.

    Raises
    ------
    RigtalkError
        If a position is too far away for the format, or the file cannot be written.
    """
    most = float(np.abs(gaussians.positions).max(initial=0))
    if most >= 1 << 23:
        raise RigtalkError(f"{path}: SPZ cannot hold a Gaussian {most:g} away; scale the set down")
    fraction = int(np.clip(np.floor(np.log2(((1 << 23) - 1) / max(most, 1e-9))), 0, 20))
    fixed = np.rint(gaussians.positions.astype(np.float64) * (1 << fraction)).astype("<i4")
    header = _HEADER.pack(
        _MAGIC, 3, len(gaussians), gaussians.degree, fraction, antialiased * _ANTIALIASED, 0
    )
    packed = io.BytesIO()
    # No name and no time: the same Gaussians give the same file.
    with gzip.GzipFile(fileobj=packed, mode="wb", filename="", mtime=0) as stream:
        stream.write(header)
        stream.write(fixed[..., None].view(np.uint8)[..., :3].tobytes())
        stream.write(_bytes(gaussians.opacities() * 255))
        stream.write(_bytes(gaussians.sh[:, 0] * (_COLOUR * 255) + 127.5))
        stream.write(_bytes((gaussians.log_scales + 10) * 16))
        stream.write(_smallest_three(gaussians.rotations))
        stream.write(_bytes(gaussians.sh[:, 1:] * 128 + 128))
    with replacing(path) as file:
        file.write(packed.getbuffer())


def _bytes(values: np.ndarray) -> bytes:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8).tobytes()


def _smallest_three(rotations: np.ndarray) -> bytes:
    xyzw = np.roll(rotations.astype(np.float64), -1, axis=1)
    largest = np.argmax(np.abs(xyzw), axis=1)
    xyzw *= np.where(np.take_along_axis(xyzw, largest[:, None], 1) < 0, -1, 1)
    word = largest.astype("<u4")
    for i in range(4):
        size = np.minimum(511, np.rint(np.abs(xyzw[:, i]) / _SQUARE_ROOT_HALF * 511))
        bits = (xyzw[:, i] < 0).astype("<u4") << np.uint32(9) | size.astype("<u4")
        word = np.where(largest != i, word << np.uint32(10) | bits, word)
    return word.astype("<u4").tobytes()
