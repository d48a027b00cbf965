"""Takes by preset in a file of a given name, for those who plan their files themselves."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import bpy

from rigtalk.core.errors import RigtalkError

from ..characters.targets import Target
from .delivery import export_takes
from .presets import find_preset
from .takes import Take

__all__ = ["check_preset", "write_takes"]


def check_preset(name: str, paths: Sequence[Path]) -> None:
    """Raise RigtalkError unless there is a preset of that name that writes files like these."""
    preset = find_preset(name)
    for path in paths:
        if path.suffix.lower() != f".{preset.format}":
            raise RigtalkError(
                f"{path}: the preset {name} writes .{preset.format}; name the output so"
            )


def write_takes(
    path: Path,
    *,
    part: Path,
    targets: Sequence[Target],
    preset: str,
    takes: Sequence[Take],
    scene: bpy.types.Scene,
) -> None:
    """Write takes of one character.

    Parameters
    ----------
    path : Path
        What errors call the file.
    part : Path
        The file to write.
    targets : sequence of Target
        The character, as each take found it.
    preset : str
        Its name.
    takes : sequence of Take
    scene : bpy.types.Scene

    Raises
    ------
    RigtalkError
        If they are of several characters, or cannot be exported so.
    """
    if len({target.object_name for target in targets}) > 1:
        raise RigtalkError(f"{path}: a preset writes one character to a file; use a file for each")
    with tempfile.TemporaryDirectory() as folder:
        files = export_takes(
            targets[0],
            preset=find_preset(preset),
            takes=takes,
            folder=Path(folder),
            scene=scene,
            per="character" if len(takes) > 1 else "line",
        )
        shutil.copyfile(files[0], part)
