"""The outer parts of a glTF file: its JSON, its buffers, and arrays out of them."""

from __future__ import annotations

import base64
import binascii
import json
import struct
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import RigtalkError
from .reading import opened

__all__ = ["GltfFile", "open_gltf"]

_GLB = b"glTF"
_JSON, _BIN = 0x4E4F534A, 0x004E4942
_KINDS = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
_LONGEST_JSON = 1 << 28


@dataclass(frozen=True)
class GltfFile:
    """A glTF file whose parts are looked up with care: any of them may lie."""

    path: Path
    data: dict[str, Any]
    embedded: bytes | None  # of a .glb
    loaded: dict[int, bytes] = field(default_factory=dict)

    def wrong(self, what: str) -> RigtalkError:
        """An error that names the file."""
        return RigtalkError(f"{self.path}: {what}")

    def item(self, kind: str, index: object) -> dict[str, Any]:
        """An entry of a list at the top, such as ``accessors``."""
        items = self.data.get(kind, [])
        if (
            not isinstance(index, int)
            or not isinstance(items, list)
            or not 0 <= index < len(items)
            or not isinstance(items[index], dict)
        ):
            raise self.wrong(f"damaged glTF: there is no {index!r} among its {kind}")
        return items[index]

    def number(self, item: dict[str, Any], name: str, default: int | None = None) -> int:
        """A whole number of an entry, 0 or more."""
        value = item.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.wrong(f"damaged glTF: {name} is {value!r}")
        return value

    def view(self, index: object) -> bytes | memoryview:
        """The bytes of a buffer view."""
        item = self.item("bufferViews", index)
        data = self._buffer(self.number(item, "buffer"))
        begin, length = self.number(item, "byteOffset", 0), self.number(item, "byteLength")
        if begin + length > len(data):
            raise self.wrong(
                f"truncated or lying glTF: a view of {length} bytes from {begin} is beyond its "
                f"buffer of {len(data)}"
            )
        return memoryview(data)[begin : begin + length]

    def array(self, index: object, kind: str) -> np.ndarray:
        """The numbers of an accessor of a kind (``VEC3``) as (count, width) float32."""
        item = self.item("accessors", index)
        stored = _KINDS.get(self.number(item, "componentType"))
        if stored is None or item.get("type") != kind:
            raise self.wrong(f"glTF: an attribute is {item.get('type')!r}, not {kind} of numbers")
        if "sparse" in item:
            raise self.wrong("glTF: sparse accessors are not read; export it without them")
        count, width = self.number(item, "count"), _WIDTHS[kind]
        dtype = np.dtype(stored)
        if "bufferView" not in item:
            raise self.wrong("glTF: its numbers are compressed in a way that is not read")
        data = self.view(item["bufferView"])
        row = width * dtype.itemsize
        step = self.number(self.item("bufferViews", item["bufferView"]), "byteStride", row)
        begin = self.number(item, "byteOffset", 0)
        if step < row or begin + step * max(0, count - 1) + row * (count > 0) > len(data):
            raise self.wrong(
                f"truncated or lying glTF: {count} items of {row} bytes are beyond a view of "
                f"{len(data)} bytes"
            )
        numbers: np.ndarray = np.ndarray((count, width), dtype, data, begin, (step, dtype.itemsize))
        values = numbers.astype(np.float32)
        if item.get("normalized") and dtype.kind in "iu":
            values = np.maximum(values / np.float32(np.iinfo(dtype).max), -1)
        return values

    def _buffer(self, index: int) -> bytes:
        if index not in self.loaded:
            item = self.item("buffers", index)
            length = self.number(item, "byteLength")
            data = self._load(item.get("uri"))
            if len(data) < length:
                raise self.wrong(
                    f"truncated glTF: a buffer should have {length} bytes, it has {len(data)}"
                )
            self.loaded[index] = data[:length]
        return self.loaded[index]

    def _load(self, uri: object) -> bytes:
        if uri is None and self.embedded is not None:
            return self.embedded
        if not isinstance(uri, str):
            raise self.wrong("damaged glTF: a buffer is nowhere")
        if uri.startswith("data:"):
            try:
                return base64.b64decode(uri.partition(",")[2], validate=True)
            except binascii.Error:
                raise self.wrong("damaged glTF: the data within are not base64") from None
        name = urllib.parse.unquote(uri)
        if "://" in uri or Path(name).is_absolute() or ".." in Path(name).parts:
            raise self.wrong(f"glTF: its numbers lie elsewhere ({uri[:60]}); export it as .glb")
        with opened(self.path.parent / name) as (file, _):
            return file.read()


def open_gltf(path: Path) -> GltfFile:
    """Open a ``.gltf`` or ``.glb`` file, told apart by what is in it.

    Raises
    ------
    RigtalkError
        If it is neither, truncated, or lies about its size.
    """
    with opened(path) as (file, size):
        head = file.read(12)
        embedded = None
        if head[:4] == _GLB:
            text, embedded = _chunks(file.read(), head, size, path)
        elif size > _LONGEST_JSON:
            raise RigtalkError(f"{path}: not a glTF file, or one too large to read")
        else:
            text = head + file.read()
    try:
        data = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # numbers of thousands of digits among them
        raise RigtalkError(f"{path}: not a glTF file, or damaged") from None
    version = data.get("asset", {}) if isinstance(data, dict) else None
    if not isinstance(version, dict) or not str(version.get("version", "")).startswith("2."):
        raise RigtalkError(f"{path}: not a glTF file of version 2")
    return GltfFile(path, data, embedded)


def _chunks(rest: bytes, head: bytes, size: int, path: Path) -> tuple[bytes, bytes | None]:
    """The JSON and the numbers of a .glb."""
    damaged = RigtalkError(f"{path}: truncated or damaged .glb; copy or export it again")
    if len(head) < 12:
        raise damaged
    version, length = struct.unpack_from("<II", head, 4)
    if version != 2:
        raise RigtalkError(f"{path}: a .glb of version {version}; version 2 is read")
    if length > size:
        raise RigtalkError(
            f"{path}: truncated: the header promises {length} bytes, the file has {size}"
        )
    found: dict[int, bytes] = {}
    at = 0
    while at + 8 <= length - 12:
        long, kind = struct.unpack_from("<II", rest, at)
        if at + 8 + long > length - 12:
            raise damaged
        found.setdefault(kind, rest[at + 8 : at + 8 + long])
        at += 8 + long
    if _JSON not in found:
        raise damaged
    return found[_JSON], found.get(_BIN)
