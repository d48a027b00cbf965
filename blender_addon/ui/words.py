"""Text that fits into a sidebar."""

from __future__ import annotations

__all__ = ["wrapped"]


def wrapped(text: str, width: int = 38) -> list[str]:
    """A sentence in lines of fewer than `width` characters, where its words allow it."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
