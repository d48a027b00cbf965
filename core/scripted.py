"""A direction with the words of one recording."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from .audio import read_clip
from .direction import Direction
from .script import Script
from .script_files import read_script
from .speech.recognise import recognise

__all__ = ["as_asked", "scripted"]


def scripted(
    direction: Direction,
    audio: Path,
    said: str | None,
    *,
    recognised: bool = False,
    progress: Callable[[float], None] = lambda share: None,
) -> Direction:
    """The same direction for somebody who knows what is said.

    Parameters
    ----------
    direction : Direction
    audio : Path
        The recording.
    said : str, optional
        The words or where they are, see `script_files.read_script`.
    recognised : bool
        Whether to have the words recognised where none are given. Where nobody says a word that is
        recognised, the direction stays as it is.
    progress : callable
        Called with the share done, 0-1, while words are recognised.

    Raises
    ------
    RigtalkError
        If the script or the recording cannot be read, or a recogniser is needed and missing.
    """
    if said is not None:
        return replace(direction, script=read_script(said, audio))
    if recognised:
        words = recognise(read_clip(audio).samples, progress=progress)
        if words:
            return replace(direction, script=Script(words))
    return direction


def as_asked(
    direction: Direction,
    audio: Path,
    arguments: argparse.Namespace,
    progress: Callable[[float], None],
) -> Direction:
    """`scripted` as the command line's ``--script`` and ``--recognise`` say."""
    return scripted(
        direction,
        audio,
        arguments.script,
        recognised=arguments.recognise,
        progress=progress,
    )
