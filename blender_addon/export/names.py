"""File names from whatever characters and lines are called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from rigtalk.core.errors import RigtalkError

__all__ = ["check_distinct", "file_name"]

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
"""What some file system does not take."""
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows keeps for itself."""
_MOST_BYTES = 180
"""Of 255: an ending and the mark of an unfinished file are put to it."""


def file_name(*words: str) -> str:
    """A name that every file system takes, from the words that are not empty.

    Raises
    ------
    RigtalkError
        If nothing is left of them.
    """
    name = "_".join(filter(None, (_FORBIDDEN.sub("_", word).strip(" ._") for word in words)))
    if not name:
        raise RigtalkError(f"{' '.join(words)!r} cannot name a file: give it letters or digits")
    if _DEVICES.fullmatch(name):
        name = f"{name}_"
    return name.encode()[:_MOST_BYTES].decode(errors="ignore").rstrip(" .")


def check_distinct(named: Iterable[tuple[str, Path]]) -> None:
    """Raise RigtalkError if two takes would be written to one file.

    Parameters
    ----------
    named : iterable of (str, Path)
        What the user calls it, and its file.
    """
    seen: dict[str, str] = {}
    for name, path in named:
        # Some file systems take Hero.csv and hero.csv for one.
        key = str(path).casefold()
        if key in seen:
            both = f"twice {name!r}" if seen[key] == name else f"{seen[key]!r} and {name!r}"
            raise RigtalkError(f"{both} would both be written to {path.name}: rename one of them")
        seen[key] = name
