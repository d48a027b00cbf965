"""Lines waiting for their turn: one after another, each whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import bpy

from rigtalk.core.errors import RigtalkError

from ..translations.text import translated
from . import jobs
from .line import line_by_uid

__all__ = ["Entry", "Queue", "Running", "progress", "stop"]


@dataclass
class Entry:
    """A line that was asked for; knows it by number, so that undo and sorting do not matter."""

    scene_uid: int
    line_uid: int
    name: str
    fraction: float = 0.0
    done: bool = False
    fault: str = ""
    told: str = ""


@dataclass
class Queue:
    """Lines to be generated.

    Attributes
    ----------
    entries : list of Entry
    options : Options
    job : Job or None
        The line in the making.
    """

    entries: list[Entry]
    options: jobs.Options
    job: jobs.Job | None = None
    cancelled: bool = False
    _waiting: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._waiting = list(self.entries)

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return self.job is None and (self.cancelled or not self._waiting)

    @property
    def fraction(self) -> float:
        """Share of all lines that is done, 0-1."""
        return sum(entry.fraction for entry in self.entries) / max(1, len(self.entries))

    def entry(self, line_uid: int) -> Entry | None:
        """What waits for a line, or None."""
        return next((entry for entry in self.entries if entry.line_uid == line_uid), None)

    def step(self, *, threaded: bool) -> bool:
        """Begin the next line or finish the last one, if either can be done now.

        Parameters
        ----------
        threaded : bool
            Whether lines are made on a thread; else they are made in this call.

        Returns
        -------
        bool
            Whether anything changed that is worth a redraw.
        """
        if self.job is not None:
            return self._finish()
        if self.done:
            return False
        entry = self._waiting[0]
        try:
            self.job = jobs.prepare_line(_scene(entry), _line(entry), self.options)
        except RigtalkError as fault:
            self._settle(entry, fault=str(fault))
            return True
        if threaded:
            self.job.generation.start()
        else:
            self.job.generation.run()
        return True

    def cancel(self) -> None:
        """Begin no further line and give up the one in the making; finished ones stay."""
        self.cancelled = True
        if self.job is not None:
            self.job.generation.cancel()

    def stop(self) -> None:
        """Cancel and wait for the thread."""
        self.cancel()
        if self.job is not None:
            self.job.generation.stop()
            self.job = None

    def _finish(self) -> bool:
        job, entry = self.job, self._waiting[0]
        assert job is not None  # noqa: S101 - step() has asked
        fraction, entry.fraction = entry.fraction, job.generation.fraction
        if not job.generation.done:
            return entry.fraction != fraction
        self.job = None
        if job.generation.cancelled:
            self._waiting.clear()
            return True
        try:
            self._settle(entry, told=jobs.apply(job))
        except RigtalkError as fault:
            self._settle(entry, fault=str(fault))
        return True

    def _settle(self, entry: Entry, *, told: str = "", fault: str = "") -> None:
        entry.fraction, entry.done, entry.told, entry.fault = 1.0, True, told, fault
        self._waiting.pop(0)
        line = _found_line(entry)
        if line is not None:
            line.fault = fault

    def summary(self) -> tuple[str, str]:
        """What to report: kind (``"INFO"``, ``"WARNING"`` or ``"ERROR"``) and one line."""
        made = [entry for entry in self.entries if entry.done and not entry.fault]
        failed = [entry for entry in self.entries if entry.fault]
        if len(self.entries) == 1:
            (entry,) = self.entries
            if entry.fault:
                return "ERROR", entry.fault
            return "INFO", entry.told or translated("Cancelled: nothing was changed")
        parts = [translated("{} of {} lines generated", len(made), len(self.entries))]
        if self.cancelled:
            parts.append(translated("cancelled, the others are as they were"))
        if failed:
            parts.append(f"{failed[0].name}: {failed[0].fault}")
            if len(failed) > 1:
                parts.append(translated("{} more failed", len(failed) - 1))
        return ("WARNING" if failed else "INFO"), "; ".join(parts)


class Running:
    """The one queue that the user interface waits for."""

    queue: ClassVar[Queue | None] = None


def progress() -> float | None:
    """Share done of what is running, or None."""
    return Running.queue.fraction if Running.queue else None


def stop() -> None:
    """End what is running and wait for its thread."""
    queue, Running.queue = Running.queue, None
    if queue is not None:
        queue.stop()


def _scene(entry: Entry) -> bpy.types.Scene:
    return jobs.by_uid(bpy.data.scenes, entry.scene_uid, "scene")


def _line(entry: Entry) -> Any:
    line = _found_line(entry)
    if line is None:
        raise RigtalkError(f"{entry.name} was removed from the list before its turn: add it again")
    return line


def _found_line(entry: Entry) -> Any | None:
    scene = next((s for s in bpy.data.scenes if s.session_uid == entry.scene_uid), None)
    return None if scene is None else line_by_uid(scene, entry.line_uid)
