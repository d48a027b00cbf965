"""How far a batch is: one line on a terminal, nothing where nobody watches."""

from __future__ import annotations

import sys
import time

__all__ = ["Progress", "duration"]

SHOW_EVERY = 0.2


class Progress:
    """The line on the terminal.

    Parameters
    ----------
    total : int
        Lines to be done.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = self._failed = 0
        self._begin = time.monotonic()
        self._shown = 0.0
        self._watched = sys.stderr.isatty()

    def step(self, *, failed: bool) -> None:
        """One more line is over."""
        self._done += 1
        self._failed += failed
        now = time.monotonic()
        if self._watched and (now - self._shown > SHOW_EVERY or self._done == self._total):
            self._shown = now
            self.show()

    def show(self) -> None:
        """Write the line again, as after something else was written."""
        if self._watched:
            sys.stderr.write(f"\r\033[K{self._text()}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._watched:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def _text(self) -> str:
        parts = [f"{self._done} of {self._total} lines"]
        if self._failed:
            parts.append(f"{self._failed} failed")
        passed = time.monotonic() - self._begin
        if self._done and passed > 1.0:
            rate = self._done / passed
            parts.append(f"{60 * rate:.0f} a minute")
            parts.append(f"{duration((self._total - self._done) / rate)} left")
        return " · ".join(parts)


def duration(seconds: float) -> str:
    """A time as people say it: ``42 s``, ``7 min 05 s``, ``2 h 10 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
