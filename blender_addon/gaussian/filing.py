"""Where heads that are made from the panel are kept."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import bpy

from rigtalk.core.errors import RigtalkError

from .. import outputs
from .labels import forget

__all__ = ["SUFFIX", "chosen_file", "free_path", "keep"]

SUFFIX = ".splathead"


def chosen_file(filepath: str) -> Path:
    """The file that a browser or a script has named.

    Raises
    ------
    RigtalkError
        If none was named, or it is relative to a .blend that was never saved.
    """
    if not filepath.strip():
        raise RigtalkError("no file was chosen")
    if filepath.startswith("//") and not bpy.data.filepath:
        raise RigtalkError(f"{filepath} is relative to a file that was never saved: save it first")
    return Path(bpy.path.abspath(filepath)).absolute()


def free_path(wanted: Path) -> Path:
    """A name that no file has yet: a head is never written over another.

    Where its folder is read-only, as that of a library of captures may be, it is put beside the
    .blend.

    Raises
    ------
    RigtalkError
        If nothing can be written there either.
    """
    if not os.access(wanted.parent, os.W_OK) and bpy.data.filepath:
        wanted = Path(bpy.data.filepath).parent / wanted.name
    number, path = 1, wanted
    while path.exists():
        number += 1
        path = wanted.with_name(f"{wanted.stem} {number}{wanted.suffix}")
    outputs.check_writable([path])
    return path


def keep(character: bpy.types.Object, path: Path) -> None:
    """Give a character the head in a file, by a path relative to the .blend where that goes."""
    settings: Any = character.rigtalk_gaussian
    named = str(path)
    if bpy.data.filepath:
        with contextlib.suppress(ValueError):  # another drive
            named = bpy.path.relpath(named)
    settings.filepath = named
    forget()
