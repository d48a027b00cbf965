"""Outlines of recordings, made on a thread and kept within a bound of memory."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rigtalk.core.audio import open_audio
from rigtalk.core.errors import RigtalkError

from .peaks import Peaks, peaks_of

__all__ = ["Waveforms"]

STAT_SECONDS = 2.0
"""A file is not asked for its date more often than this."""
Stamp = tuple[int, int]


@dataclass
class _Known:
    stamp: Stamp
    looked: float
    peaks: Peaks | None = None
    fault: str = ""

    @property
    def settled(self) -> bool:
        return self.peaks is not None or bool(self.fault)

    @property
    def nbytes(self) -> int:
        return self.peaks.nbytes if self.peaks is not None else 0


class Waveforms:
    """Outlines by path; a file that changed is listened to again.

    Parameters
    ----------
    limit : callable
        Gives the most bytes to keep. What was asked for last is kept whatever its size.
    """

    def __init__(self, limit: Callable[[], int]) -> None:
        self._limit = limit
        self._bytes = limit()  # asked on the main thread only: it may need Blender
        self._known: OrderedDict[Path, _Known] = OrderedDict()
        self._waiting: list[Path] = []
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        self.revision = 0

    def get(self, path: Path) -> Peaks | None:
        """The outline of a recording, or None as long as, or because, there is none."""
        now = time.monotonic()
        with self._lock:
            known = self._known.get(path)
            if known is None or now - known.looked > STAT_SECONDS:
                known = self._looked_at(path, known, now)
            self._known.move_to_end(path)
            return known.peaks

    def fault(self, path: Path) -> str:
        """Why there is no outline; empty if there is one or will be."""
        with self._lock:
            known = self._known.get(path)
            return known.fault if known is not None else ""

    @property
    def pending(self) -> bool:
        """Whether the thread is at work."""
        with self._lock:
            return self._thread is not None

    @property
    def nbytes(self) -> int:
        """Memory of all that is kept."""
        with self._lock:
            return sum(known.nbytes for known in self._known.values())

    def clear(self) -> None:
        """Forget everything and wait for the thread."""
        self._cancelled.set()
        thread = self._thread
        if thread is not None:
            thread.join()
        self._cancelled.clear()
        with self._lock:
            self._known.clear()
            self._waiting.clear()

    def _looked_at(self, path: Path, known: _Known | None, now: float) -> _Known:
        """The entry of a path after asking for its date; queues the work where it is due."""
        self._bytes = self._limit()
        stamp = _stamp(path)
        if known is not None and known.stamp == stamp:
            known.looked = now
            if known.settled or path in self._waiting:
                return known
        else:
            known = self._known[path] = _Known(stamp, now)
        if path not in self._waiting:
            self._waiting.append(path)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="rigtalk peaks", daemon=True)
            self._thread.start()
        return known

    def _work(self) -> None:
        while True:
            with self._lock:
                if self._cancelled.is_set() or not self._waiting:
                    self._thread = None
                    return
                path = self._waiting[-1]  # what was asked for last is what is looked at
                stamp = self._known[path].stamp if path in self._known else _stamp(path)
            peaks, fault = _listened(path, self._cancelled.is_set)
            with self._lock:
                self._waiting.remove(path)
                known = self._known.get(path)
                if known is not None and known.stamp == stamp:
                    known.peaks, known.fault = peaks, fault
                self.revision += 1
                self._shrink(keep=path)

    def _shrink(self, keep: Path) -> None:
        total = sum(known.nbytes for known in self._known.values())
        for path in list(self._known):
            if total <= self._bytes:
                return
            if path != keep and self._known[path].settled:
                total -= self._known.pop(path).nbytes


def _listened(path: Path, cancelled: Callable[[], bool]) -> tuple[Peaks | None, str]:
    try:
        return peaks_of(open_audio(path), cancelled=cancelled), ""
    except RigtalkError as fault:
        return None, str(fault)


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns
