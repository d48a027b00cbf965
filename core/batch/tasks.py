"""What a worker is asked to do: plain values that go through a pipe as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ..files import CURVE_SUFFIXES
from ..scene_host import SCENE_SUFFIXES
from .fields import Line

__all__ = ["BLEND", "CURVES", "EMBEDDED", "SCENE", "Task", "kind_of", "relative", "task_from_wire"]

EMBEDDED = Path(__file__).resolve().parents[1] / "data" / "actor.onnx"
"""The actor of lines that name none; known here without loading what runs it."""
CURVES, SCENE = "curves", "scene"
"""Kinds of tasks; the second needs Blender."""
BLEND = SCENE_SUFFIXES[0]
_PATHS = ("audio", "script_file", "scene", "actor")
_FOR_PEOPLE = ("label", "name", "character", "timeout")
"""What changes nothing about the result."""


@dataclass(frozen=True)
class Task:
    """Files that are made together: the curves of one line, or a scene of one or more lines.

    Attributes
    ----------
    kind : str
        `CURVES` or `SCENE`.
    rows : tuple of int
        Places of its lines in the jobs file.
    lines : tuple of Line
        Their outputs are those of this task alone.
    """

    kind: str
    rows: tuple[int, ...]
    lines: tuple[Line, ...]

    @property
    def outputs(self) -> tuple[Path, ...]:
        """Every file that it makes, once."""
        return tuple(dict.fromkeys(path for line in self.lines for path in line.outputs))

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Every file that it reads."""
        paths = (
            path
            for line in self.lines
            for path in (line.audio, line.script_file, line.scene, line.actor or EMBEDDED)
        )
        return tuple(dict.fromkeys(path for path in paths if path is not None))

    @property
    def timeout(self) -> float | None:
        """Seconds after which it is given up; None if a line of it may last for ever."""
        limits = [line.timeout for line in self.lines if line.timeout is not None]
        return sum(limits) if len(limits) == len(self.lines) else None

    def wire(self) -> dict[str, Any]:
        """It as values of JSON, for `task_from_wire`."""
        lines = [
            {name: _plain(value) for name, value in asdict(line).items()} for line in self.lines
        ]
        return {"kind": self.kind, "rows": list(self.rows), "lines": lines}

    def settings(self, root: Path) -> str:
        """All that decides the result, but for the content of files; as canonical JSON.

        Paths are relative to `root`, so that a project may be moved.
        """
        said = []
        for line in self.lines:
            values = {k: v for k, v in asdict(line).items() if k not in _FOR_PEOPLE}
            if line.preset is not None:  # the name is that of the animation in the file
                values["name"] = line.name
            for name in _PATHS:
                values[name] = values[name] and relative(values[name], root)
            values["outputs"] = [relative(path, root) for path in line.outputs]
            said.append(values)
        return json.dumps([self.kind, said], sort_keys=True)


def task_from_wire(values: Mapping[str, Any]) -> Task:
    """The task that `Task.wire` wrote."""
    lines = []
    for each in values["lines"]:
        read = {field.name: each[field.name] for field in fields(Line)}
        for name in _PATHS:
            read[name] = read[name] and Path(read[name])
        read["outputs"] = tuple(Path(path) for path in read["outputs"])
        read["emotion"], read["strength"] = tuple(read["emotion"]), tuple(read["strength"])
        lines.append(Line(**read))
    return Task(values["kind"], tuple(values["rows"]), tuple(lines))


def kind_of(path: Path) -> str:
    """The kind of task that makes a file, by its suffix; empty if none does."""
    suffix = path.suffix.lower()
    return CURVES if suffix in CURVE_SUFFIXES else SCENE if suffix in SCENE_SUFFIXES else ""


def relative(path: Path, root: Path) -> str:
    """A path as seen from a folder, the same on every system."""
    try:
        return Path(os.path.relpath(path, root)).as_posix()
    except ValueError:  # on Windows: another drive
        return path.as_posix()


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value
