"""What the verbs of ``rigtalk head`` say: results, notes, and how far they are."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from ...batch.progress import duration

__all__ = ["Progress", "note", "tell"]

_SHOW_EVERY = 0.2


def tell(line: object) -> None:
    """A line of results."""
    sys.stdout.write(f"{line}\n")


def note(text: object) -> None:
    """A line that somebody should know and no program reads."""
    words = " ".join(str(text).split())
    sys.stderr.write(f"rigtalk: note: {words}\n")


class Progress:
    """One line on a terminal; nothing where nobody watches.

    Use it in a ``with``: the line goes when the block ends.
    """

    def __init__(self) -> None:
        self._watched = sys.stderr.isatty()
        self._what = ""
        self._begin = self._shown = 0.0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def of(self, what: str) -> Callable[[float], None]:
        """What to call with the fraction done, 0-1, of one part of the work."""
        return lambda fraction: self.show(what, fraction)

    def show(self, what: str, fraction: float, detail: str = "") -> None:
        """Write the line again: a part of the work, how far it is, and more about it."""
        now = time.monotonic()
        if what != self._what:
            self._what, self._begin, self._shown = what, now, 0.0
        if not self._watched or (now - self._shown < _SHOW_EVERY and fraction < 1.0):
            return
        self._shown = now
        parts = [f"{what} {fraction:4.0%}", *([detail] if detail else [])]
        passed = now - self._begin
        if passed > 2.0 and fraction > 0.01:
            parts.append(f"{duration(passed * (1 - fraction) / fraction)} left")
        sys.stderr.write(f"\r\033[K{' · '.join(parts)}")
        sys.stderr.flush()

    def note(self, text: object) -> None:
        """A note; the line is there again at the next step."""
        self.clear()
        note(text)

    def clear(self) -> None:
        """Take the line away."""
        if self._watched:
            self._shown = 0.0
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
