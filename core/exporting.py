"""The verb ``export``: takes of a character in a scene, as files for other programs."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import RigtalkError

if TYPE_CHECKING:
    from .scene_host import SceneHost

__all__ = ["ExportJob", "NamedSpan", "add_export", "parse_takes", "run_export"]

NamedSpan = tuple[str, int, int]
"""Name, first and last frame of a take."""
_TAKE = re.compile(r"(.+):(-?\d+)-(-?\d+)")


@dataclass(frozen=True)
class ExportJob:
    """A character of a scene that is to be written for another program.

    Attributes
    ----------
    scene : Path
        A .blend.
    object_name : str or None
        The character; None for the only one there is.
    preset : str
        Name of an export preset.
    folder : Path
        Where the files go; made if only the last part of it is missing.
    per : str
        ``"line"`` or ``"character"``: what gets a file of its own.
    takes : tuple of NamedSpan
        None for the generated lines of the scene, or else its frame range.
    progress : callable
        Called with the fraction done, 0-1.
    """

    scene: Path
    object_name: str | None
    preset: str
    folder: Path
    per: str = "line"
    takes: tuple[NamedSpan, ...] = ()
    progress: Callable[[float], None] = lambda fraction: None


def add_export(parser: argparse.ArgumentParser) -> None:
    """The words of the verb."""
    parser.add_argument("scene", type=Path, metavar="SCENE", help="a .blend")
    parser.add_argument("--object", metavar="NAME", help="the character, if there are several")
    parser.add_argument(
        "--preset",
        required=True,
        metavar="NAME",
        help="unreal-arkit, unreal-metahuman, metahuman-board, unity, godot, gltf, usd, "
        "live-link-face or json",
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FOLDER", help="where the files go"
    )
    parser.add_argument(
        "--per", choices=("line", "character"), default="line", help="a file for each (line)"
    )
    parser.add_argument(
        "--takes",
        default="",
        metavar="NAME:FIRST-LAST,…",
        help="frames (default: the generated lines of the character, or the frame range)",
    )


def parse_takes(text: str) -> tuple[NamedSpan, ...]:
    """Takes from words such as ``hello:1-240,goodbye:-20-60``.

    Raises
    ------
    RigtalkError
        If they are not understood.
    """
    takes = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        found = _TAKE.fullmatch(word)
        if not found:
            raise RigtalkError(
                f"the take {word!r} is not understood: write NAME:FIRST-LAST, as in hello:1-240"
            )
        takes.append((found[1].strip(), int(found[2]), int(found[3])))
    return tuple(takes)


def run_export(
    arguments: argparse.Namespace, host: SceneHost, progress: Callable[[float], None]
) -> int:
    """Write the files and say their names; returns the exit status."""
    job = ExportJob(
        scene=arguments.scene,
        object_name=arguments.object,
        preset=arguments.preset,
        folder=arguments.output,
        per=arguments.per,
        takes=parse_takes(arguments.takes),
        progress=progress,
    )
    for path in host.export(job):
        sys.stdout.write(f"{path}\n")
    return 0
