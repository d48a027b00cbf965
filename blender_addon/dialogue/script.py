"""What is said in a line: the words themselves, or a file of them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy

from rigtalk.core.script import Script
from rigtalk.core.script_files import SCRIPT_SUFFIXES, read_script

from .sources import Source

__all__ = ["script_file", "script_of", "script_stamp"]

MISSING = "missing"


def script_of(settings: Any, source: Source) -> Script | None:
    """The script that a line, or an operator's properties, give; None where they give none.

    Parameters
    ----------
    settings : RigTalkLine or AnimateOperator
    source : Source
        The recording. The words are those of the part of it that is used, the times in a file of
        phones those of all of it.

    Raises
    ------
    RigtalkError
        If the words are too long for a line, or their file is missing, cannot be read or says
        nothing.
    """
    if not settings.script.strip():
        return None
    path = script_file(settings.script)
    # Words that happen to be the name of some file are words all the same.
    script = Script(settings.script) if path is None else read_script(str(path), source.audio)
    if source.begin is None and source.end is None:
        return script
    end = float("inf") if source.end is None else source.end
    return replace(script, span=(source.begin or 0.0, end))


def script_file(words: str) -> Path | None:
    """The file that the words of a line name, whether or not it exists; None where they are words.

    Parameters
    ----------
    words : str
        A single line that ends like the name of a text or of phones with their times is a path; it
        may be relative to the .blend, and in the quotes in which Windows copies paths.
    """
    named = words.strip().strip('"')
    if "\n" in named or not named.lower().endswith(SCRIPT_SUFFIXES):
        return None
    return Path(bpy.path.abspath(named)).absolute()


def script_stamp(words: str) -> str:
    """What tells that the words of a line, or the file of them, are others than before.

    Returns
    -------
    str
        Empty without words. A file is taken to change with its size or date.
    """
    path = script_file(words)
    if path is None:
        said = " ".join(words.split())
        return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16] if said else ""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return MISSING
    return f"{found.st_size}:{found.st_mtime_ns}"
