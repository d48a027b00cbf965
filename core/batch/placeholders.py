"""Names of outputs that depend on the line: ``{character}/{name}.csv``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import RigtalkError

__all__ = ["fill", "safe"]

_NAMED = re.compile(r"\{([^{}]*)\}")
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


def fill(pattern: str, values: Mapping[str, str]) -> str:
    """A pattern with every ``{word}`` in its place.

    Raises
    ------
    RigtalkError
        If a word is unknown, has no value for this line, or a brace is left open.
    """

    def value(match: re.Match[str]) -> str:
        word = match[1].strip()
        if word not in values:
            known = ", ".join(f"{{{name}}}" for name in values)
            raise RigtalkError(f"output {pattern!r}: unknown {match[0]}; there are {known}")
        if not values[word]:
            raise RigtalkError(f"output {pattern!r}: this line has no {word}")
        return values[word]

    filled = _NAMED.sub(value, pattern)
    if "{" in filled or "}" in filled:
        raise RigtalkError(f"output {pattern!r}: a brace is left open")
    return filled


def safe(text: str) -> str:
    """A name as a part of a path that every file system takes."""
    return _UNSAFE.sub("_", text).strip(" .")
