"""``rigtalk head export``: files of Gaussians, for each frame or at rest with their binding."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from ...arguments import parse_fps
from ...errors import RigtalkError
from ...performance import check_fps
from ..files.binding import write_binding
from ..files.formats import usual_axes, write_sequence, write_splats
from ..gaussians import Gaussians
from ..sequence import open_sequence
from .lines import Line, curves_line
from .places import check_folder, folder, open_head
from .talking import Progress, note, tell

__all__ = ["run_export"]

_SUFFIXES = {"ply": ".ply", "spz": ".spz", "gltf": ".glb"}


def run_export(arguments: argparse.Namespace) -> int:
    """Write the files and say their names; returns the exit status."""
    if arguments.rest and (arguments.line or arguments.fps or arguments.frames):
        raise RigtalkError("--rest writes the head without curves: leave them, --fps and --frames")
    if not arguments.rest and not arguments.line:
        raise RigtalkError("name the curves to export frames of, or say --rest")
    fps = None if arguments.fps is None else parse_fps(arguments.fps)
    if fps is not None:
        check_fps(fps)
    check_folder(arguments.output)
    written = _rest(arguments) if arguments.rest else _frames(arguments, fps)
    for path in written:
        tell(path)
    return 0


def _rest(arguments: argparse.Namespace) -> list[Path]:
    head = open_head(arguments.head)
    suffix = _SUFFIXES[arguments.format]
    with folder(arguments.output) as place:
        path = place / f"{arguments.head.stem}{suffix}"
        write_splats(path, head.gaussians, settings=head.settings)
        numbers, words = write_binding(
            place / f"{arguments.head.stem}.binding",
            head,
            gaussians_file=path.name,
            axes=usual_axes(path),
        )
    return [path, numbers, words]


def _frames(arguments: argparse.Namespace, fps: float | None) -> list[Path]:
    head = open_head(arguments.head)
    line = curves_line(arguments, head, fps=fps)
    name = arguments.output / f"{arguments.line.stem}{_SUFFIXES[arguments.format]}"
    with Progress() as progress, folder(arguments.output):
        written = write_sequence(
            name, _told(line, progress), first=line.first, settings=head.settings
        )
    _tell_of_others(name, len(written))
    return written


def _told(line: Line, progress: Progress) -> Iterator[Gaussians]:
    count = len(line.acting)
    for done, gaussians in enumerate(line.acting.gaussians()):
        yield gaussians
        progress.show("writing", (done + 1) / count)


def _tell_of_others(name: Path, count: int) -> None:
    """Frames of a longer line that was here before would be taken for frames of this one."""
    try:
        there = len(open_sequence(name))
    except RigtalkError:
        there = count + 1
    if there > count:
        note(f"{name.parent} also holds other frames of {name.stem}, from an earlier run")
