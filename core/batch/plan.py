"""Rows become tasks; whatever cannot work is found here, before any work."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import RigtalkError
from .fields import Line, parse_line
from .jobs_file import Row
from .places import check_input, check_output, identity
from .tasks import BLEND, CURVES, SCENE, Task, kind_of

__all__ = ["Plan", "make_plan"]


@dataclass(frozen=True)
class Plan:
    """What is to be done.

    Attributes
    ----------
    labels : tuple of str
        What messages call each row.
    lines : tuple of Line or None
        None where a row has a problem.
    problems : dict of int to str
        By place of the row.
    tasks : tuple of Task
        Those of curves first: they need no Blender.
    """

    labels: tuple[str, ...]
    lines: tuple[Line | None, ...]
    problems: dict[int, str]
    tasks: tuple[Task, ...]


def make_plan(rows: Sequence[Row], *, base: Path, out: Path, kept: Iterable[Path]) -> Plan:
    """Decide what is made from what.

    Parameters
    ----------
    rows : sequence of Row
    base : Path
        Folder of the jobs file.
    out : Path
        Folder that outputs are relative to.
    kept : iterable of Path
        Files that no row may write: the jobs file, the ledger, the summaries.
    """
    planner = _Planner(kept)
    lines: list[Line | None] = []
    for asked in rows:
        try:
            if asked.problem:
                raise RigtalkError(asked.problem)
            lines.append(parse_line(asked.label, asked.values, base=base, out=out))
        except RigtalkError as error:
            planner.problems[len(lines)] = str(error)
            lines.append(None)
    planner.inputs = {
        identity(path): row
        for row, line in reversed(list(enumerate(lines)))
        if line
        for path in (line.audio, line.scene, line.actor)
        if path
    }
    planner.labels = [asked.label for asked in rows]
    for row, line in enumerate(lines):
        if line:
            try:
                planner.take(row, line)
            except RigtalkError as error:
                planner.problems[row] = str(error)
    return Plan(
        tuple(planner.labels),
        tuple(line if row not in planner.problems else None for row, line in enumerate(lines)),
        dict(sorted(planner.problems.items())),
        planner.tasks(),
    )


class _Planner:
    """Takes rows one after another; of two that collide the first one stays."""

    def __init__(self, kept: Iterable[Path]) -> None:
        self.kept = {identity(path): path.name for path in kept}
        self.inputs: dict[str, int] = {}
        self.labels: list[str] = []
        self.problems: dict[int, str] = {}
        self._curves: list[Task] = []
        self._scenes: dict[str, list[tuple[int, Line]]] = {}
        self._writers: dict[str, tuple[int, str]] = {}
        self._checked: set[str] = set()

    def take(self, row: int, line: Line) -> None:
        """Add a row, or raise RigtalkError and leave all as it was."""
        for path in (line.audio, line.scene, line.actor):
            if path is not None and identity(path) not in self._checked:
                check_input(path)
                self._checked.add(identity(path))
        for path in line.outputs:
            if not kind_of(path):
                raise RigtalkError(
                    f"{path}: unknown format {path.suffix!r}; use .csv .json .npz for curves, "
                    ".blend .fbx .glb .usd for scenes"
                )
        curves = [path for path in line.outputs if kind_of(path) == CURVES]
        scenes = [path for path in line.outputs if kind_of(path) == SCENE]
        # A scene and who speaks in it may be said for all lines, also where they do not matter.
        if line.preset is not None and not scenes:
            raise RigtalkError("preset is for exports of scenes: add an output such as {name}.fbx")
        if scenes and line.object is not None and line.scene is None:
            raise RigtalkError("object names a character in a scene: give the scene")
        group = self._group(scenes, line, row)
        for path in line.outputs:
            self._check_output(path, row, group if kind_of(path) == SCENE else "")
        for path in line.outputs:
            self._writers.setdefault(identity(path), (row, group if kind_of(path) == SCENE else ""))
        if curves:
            self._curves.append(Task(CURVES, (row,), (_for_curves(line, curves),)))
        if scenes:
            mine = replace(line, outputs=tuple(scenes))
            self._scenes.setdefault(group, []).append((row, mine))

    def tasks(self) -> tuple[Task, ...]:
        """What came of the rows."""
        groups = [
            Task(SCENE, tuple(row for row, _ in group), tuple(line for _, line in group))
            for group in self._scenes.values()
        ]
        return (*self._curves, *groups)

    def _group(self, scenes: list[Path], line: Line, row: int) -> str:
        """Lines with the same .blend as output are spoken in one scene."""
        blends = [path for path in scenes if path.suffix.lower() == BLEND]
        if len(blends) > 1:
            raise RigtalkError(f"two scenes for one line: {blends[0].name} and {blends[1].name}")
        if not blends:
            return f"row {row}"
        name = identity(blends[0])
        if name in self._scenes:
            other_row, other = self._scenes[name][0]
            for what, theirs, ours in (
                (
                    "scene",
                    other.scene and identity(other.scene),
                    line.scene and identity(line.scene),
                ),
                ("fps", other.fps, line.fps),
            ):
                if theirs != ours:
                    raise RigtalkError(
                        f"{blends[0]}: {self.labels[other_row]} writes it too, with another "
                        f"{what}; lines of one scene need the same"
                    )
        return name

    def _check_output(self, path: Path, row: int, group: str) -> None:
        name = identity(path)
        if name in self.kept:
            raise RigtalkError(f"{path}: is the batch's own {self.kept[name]}; name another output")
        if name in self.inputs:
            raise RigtalkError(
                f"{path}: is an input of {self.labels[self.inputs[name]]}; it is not written over, "
                "name another output"
            )
        other, their_group = self._writers.get(name, (row, group))
        if other != row and (not group or group != their_group):
            raise RigtalkError(
                f"{path}: {self.labels[other]} writes it already; put {{name}} into outputs, or "
                "give each line a name of its own"
            )
        folder = identity(path.parent) + os.sep
        if folder not in self._checked or path.exists():
            check_output(path)
            self._checked.add(folder)


def _for_curves(line: Line, outputs: list[Path]) -> Line:
    """A line without what matters to scenes only, so that changing that changes nothing."""
    return replace(
        line, outputs=tuple(outputs), object=None, scene=None, start=None, gap=0.0, preset=None
    )
