"""Binary glTF: one long animation cut into takes, at times that are right.

Blender's exporter multiplies by the base of a frame rate where it should divide, so that at
29.97 fps it is wrong by two thousandths, and it makes of takes that share a time line what each of
its versions thinks best. So the stage is written as one animation at a whole rate, and cut here.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rigtalk.core.errors import RigtalkError

from .takes import Take

__all__ = ["read_glb", "split_takes", "stretch_times", "write_glb"]

_MAGIC = 0x46546C67
_JSON, _BIN = 0x4E4F534A, 0x004E4942
_FLOAT = 5126
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}


def read_glb(path: Path) -> tuple[dict[str, Any], bytes]:
    """The JSON of a binary glTF and the numbers that it points to."""
    data = path.read_bytes()
    chunks: dict[int, bytes] = {}
    at = 12
    while at < len(data):
        length, kind = struct.unpack_from("<II", data, at)
        chunks[kind] = data[at + 8 : at + 8 + length]
        at += 8 + length
    return json.loads(chunks[_JSON]), chunks.get(_BIN, b"")


def write_glb(path: Path, document: dict[str, Any], numbers: bytes) -> None:
    """The counterpart of `read_glb`."""
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    numbers += b"\0" * (-len(numbers) % 4)
    chunks = struct.pack("<II", len(text), _JSON) + text
    if numbers:
        chunks += struct.pack("<II", len(numbers), _BIN) + numbers
    path.write_bytes(struct.pack("<III", _MAGIC, 2, 12 + len(chunks)) + chunks)


def split_takes(
    path: Path, takes: Sequence[Take], *, first_frames: Sequence[int], rate: float, fps: float
) -> None:
    """Cut the animation of a file into one for each take, each from time 0.

    Parameters
    ----------
    path : Path
        Rewritten in place.
    takes : sequence of Take
    first_frames : sequence of int
        Frame of the file at which each take starts.
    rate : float
        Frames a second that the exporter counted with.
    fps : float
        Those there are.

    Raises
    ------
    RigtalkError
        If the file holds more than one animation.
    """
    document, numbers = read_glb(path)
    if not document.get("animations"):
        return
    if len(document["animations"]) > 1:
        raise RigtalkError(f"cannot write {path.name}: Blender's exporter split the animation")
    cutter = _Cutter(document, numbers, rate)
    whole = _meaningful(document)
    document["animations"] = [
        {
            "name": take.name,
            "channels": whole["channels"],
            "samplers": cutter.cut(whole["samplers"], first, len(take), fps),
        }
        for take, first in zip(takes, first_frames, strict=True)
    ]
    document["scenes"][0].pop("name", None)  # that of the stage
    write_glb(path, document, cutter.finished())


def stretch_times(path: Path, factor: float) -> None:
    """Multiply the times of all animations in a file."""
    document, numbers = read_glb(path)
    inputs = {
        sampler["input"]
        for animation in document.get("animations", ())
        for sampler in animation["samplers"]
    }
    changed, done = bytearray(numbers), set()
    for index in inputs:
        accessor = document["accessors"][index]
        for limit in ("min", "max"):
            accessor[limit] = [factor * value for value in accessor[limit]]
        view = document["bufferViews"][accessor["bufferView"]]
        begin = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        if begin in done:  # two accessors of the same numbers
            continue
        done.add(begin)
        count = accessor["count"]
        times = np.frombuffer(numbers, "<f4", count, begin) * np.float64(factor)
        changed[begin : begin + 4 * count] = times.astype("<f4").tobytes()
    write_glb(path, document, bytes(changed))


def _meaningful(document: dict[str, Any]) -> dict[str, Any]:
    """The animation without what moves a skinned mesh, which glTF says is to be ignored."""
    whole, nodes = document["animations"][0], document["nodes"]
    channels, samplers = [], []
    for channel in whole["channels"]:
        target = channel["target"]
        if target["path"] == "weights" or "skin" not in nodes[target["node"]]:
            samplers.append(whole["samplers"][channel["sampler"]])
            channels.append({**channel, "sampler": len(samplers) - 1})
    return {"channels": channels, "samplers": samplers}


class _Cutter:
    """Cuts samplers; what the long animation took up goes to the takes."""

    def __init__(self, document: dict[str, Any], numbers: bytes, rate: float) -> None:
        self._accessors, self._views = document["accessors"], document["bufferViews"]
        self._buffer = document["buffers"][0]
        self._rate = rate
        samplers = document["animations"][0]["samplers"]
        self._free = sorted({s[end] for s in samplers for end in ("input", "output")})
        self._free_views = sorted({self._accessors[index]["bufferView"] for index in self._free})
        # Each of Blender's accessors has a view of its own, so no one else needs those.
        self._old = {index: self._values(index, numbers) for index in self._free}
        self._kinds = {index: self._accessors[index]["type"] for index in self._free}
        self._numbers = bytearray()
        for index, view in enumerate(self._views):
            if index not in self._free_views:
                start = view.get("byteOffset", 0)
                view["byteOffset"] = self._append(numbers[start : start + view["byteLength"]])

    def cut(
        self, samplers: list[dict[str, Any]], first: int, count: int, fps: float
    ) -> list[dict[str, Any]]:
        times = (np.arange(count) / fps).astype("<f4")
        given = self._add(times, "SCALAR", min=[float(times[0])], max=[float(times[-1])])
        wanted = first + np.arange(count)
        return [
            {**sampler, "input": given, "output": self._output(sampler, wanted)}
            for sampler in samplers
        ]

    def _output(self, sampler: dict[str, Any], wanted: np.ndarray) -> int:
        at = np.round(self._old[sampler["input"]][:, 0] * self._rate)
        values = self._old[sampler["output"]]
        rows = values.reshape(len(at), -1)
        # What stands still has a key at either end only.
        held = rows[np.clip(np.searchsorted(at, wanted + 0.5) - 1, 0, len(at) - 1)]
        return self._add(held.reshape(-1, values.shape[1]), self._kinds[sampler["output"]])

    def _values(self, index: int, numbers: bytes) -> np.ndarray:
        accessor = self._accessors[index]
        if accessor["componentType"] != _FLOAT:
            raise RigtalkError("cannot cut an animation whose numbers are not floats")
        view = self._views[accessor["bufferView"]]
        start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        width = _WIDTHS[accessor["type"]]
        return np.frombuffer(numbers, "<f4", accessor["count"] * width, start).reshape(-1, width)

    def _add(self, values: np.ndarray, kind: str, **facts: Any) -> int:
        raw = np.ascontiguousarray(values, dtype="<f4").tobytes()
        view = {"buffer": 0, "byteOffset": self._append(raw), "byteLength": len(raw)}
        accessor = {
            "bufferView": _put(self._views, self._free_views, view),
            "componentType": _FLOAT,
            "count": len(raw) // (4 * _WIDTHS[kind]),
            "type": kind,
            **facts,
        }
        return _put(self._accessors, self._free, accessor)

    def _append(self, raw: bytes) -> int:
        start = len(self._numbers)
        self._numbers += raw + b"\0" * (-len(raw) % 4)
        return start

    def finished(self) -> bytes:
        """All numbers; call it last."""
        for items, free in ((self._accessors, self._free), (self._views, self._free_views)):
            kept = next(item for index, item in enumerate(items) if index not in free)
            for index in free:  # nothing points there; it must not point nowhere
                items[index] = dict(kept)
        self._buffer["byteLength"] = len(self._numbers)
        return bytes(self._numbers)


def _put(items: list[Any], free: list[int], item: Any) -> int:
    """Put an item where there is room in a list, or at its end; returns where."""
    if free:
        index = free.pop(0)
        items[index] = item
        return index
    items.append(item)
    return len(items) - 1
