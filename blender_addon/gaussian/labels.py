"""What the panel shows of a head's file: read once, and again only when the file has changed."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import bpy

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.files.head_file import HeadLabel, read_head_label

from .open_head import head_path

__all__ = ["Label", "forget", "label_of", "parts_fault"]

_SECONDS = 2.0
"""Files are not asked for their date more often than this."""
_MOST = 64
"""Files kept; beyond it all are read anew."""


@dataclass(frozen=True)
class Label:
    """A head's file in words.

    Attributes
    ----------
    fault : str
        Why it cannot be used; empty if it can.
    head : HeadLabel or None
        What it holds.
    objects : tuple of str
        Names of the meshes that it was made on.
    """

    fault: str
    head: HeadLabel | None = None
    objects: tuple[str, ...] = ()


class _Read:
    """By path: when it was asked for last, its date and size then, and what it holds."""

    known: ClassVar[dict[Path, tuple[float, tuple[int, int], Label]]] = {}


def label_of(character: bpy.types.Object) -> Label:
    """What the file of a character's head holds; never raises."""
    try:
        path = head_path(character)
    except RigtalkError as fault:
        return Label(str(fault))
    now = time.monotonic()
    when, stamp, label = _Read.known.get(path, (-_SECONDS, (0, 0), Label("")))
    if now - when <= _SECONDS:
        return label
    found = _stamp(path)
    if found != stamp or label.head is None:
        label = _look(path)
    if len(_Read.known) >= _MOST:
        _Read.known.clear()
    _Read.known[path] = now, found, label
    return label


def parts_fault(label: Label, depsgraph: Any) -> str:
    """Why the meshes are not those that a head was made on, as far as counting shows; or nothing.

    Whoever draws the head compares them corner by corner.
    """
    if label.head is None or not label.objects:
        return ""
    vertices = triangles = 0
    for name in label.objects:
        thing = bpy.data.objects.get(name)
        if thing is None or thing.type != "MESH":
            return f"the mesh {name} is gone or renamed: undo that, or bake again"
        if _is_uncountable(thing):
            return ""
        mesh = thing.evaluated_get(depsgraph).data
        vertices += len(mesh.vertices)
        triangles += len(mesh.loops) - 2 * len(mesh.polygons)
    if (vertices, triangles) == (label.head.vertices, label.head.triangles):
        return ""
    return "the head was made for another mesh, or the mesh was edited since: bake again"


def forget() -> None:
    """Ask every file anew."""
    _Read.known.clear()


def _is_uncountable(thing: bpy.types.Object) -> bool:
    """Whether the evaluated mesh may be another one than is drawn: while it is edited, hidden, or
    subdivided by the graphics card."""
    if thing.mode == "EDIT" or not thing.visible_get():
        return True
    return any(modifier.type == "SUBSURF" for modifier in thing.modifiers)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:  # reading says what is wrong
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _look(path: Path) -> Label:
    try:
        head = read_head_label(path)
    except RigtalkError as fault:
        # The panel shows the path above.
        return Label(str(fault).removeprefix(f"{path}: "))
    try:
        listed = json.loads(str(head.facts.get("objects", "[]")))
    except ValueError:
        listed = []
    names = listed if isinstance(listed, list) else []
    return Label("", head, tuple(name for name in names if isinstance(name, str)))
