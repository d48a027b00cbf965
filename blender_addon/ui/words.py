"""Text that fits into a sidebar."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["wrapped"]

_WIDE = "\u2e80-\u9fff\uff00-\uffef"
_PIECE = re.compile(rf" ?(?:[{_WIDE}][、。，：；）」]*|[^ {_WIDE}]+)")  # noqa: RUF001 - is meant
"""What may not be torn: a word, or a Chinese or Japanese character and what closes after it."""


def wrapped(text: str, width: int = 38) -> list[str]:
    """A sentence in lines narrower than `width` Latin characters, where its words allow it."""
    lines = [""]
    for piece in _PIECE.findall(" ".join(text.split())):
        if lines[-1] and _columns(lines[-1]) + _columns(piece.strip()) >= width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.strip()
    return lines


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
