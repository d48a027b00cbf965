"""Tasks over worker processes that may crash, hang or grow."""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..errors import RigtalkError
from .places import remove_parts
from .process import Event, WorkerProcess
from .tasks import SCENE, Task

__all__ = ["Outcome", "Pool"]

SCENES_EACH = 40
"""Scenes that one process opens before a new one takes over: Blender does not give back all."""
FALSE_STARTS = 3
"""Processes in a row that end before they are ready; the next one would, too."""
PATIENCE = 0.5
"""Seconds between looks at the clock."""


@dataclass(frozen=True)
class Outcome:
    """What came of a task.

    Attributes
    ----------
    errors : list of str
        For each line why it failed, or empty.
    notes : list of list of str
        For each line.
    inputs, outputs : dict
        Stamps by path.
    seconds : float
    fault : str
        A traceback, if the fault is ours.
    lost : bool
        Whether the worker did not come to an end with it.
    """

    errors: list[str]
    notes: list[list[str]]
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    fault: str = ""
    lost: bool = False

    @property
    def final(self) -> bool:
        """Whether the same would come of the same, so that trying again is of no use."""
        return not (self.lost or self.fault)


class Pool:
    """Workers and what they are to do.

    Parameters
    ----------
    processes : int
        How many run at once.
    command : callable
        Says, by kind of task, how a worker is started.
    begins, ends : callable
        Told of each task when it is handed out, and with its `Outcome` when it is over.
    scenes_each : int
        Scenes that one process opens.
    """

    def __init__(
        self,
        processes: int,
        command: Callable[[str], list[str]],
        *,
        begins: Callable[[Task], None],
        ends: Callable[[Task, Outcome], None],
        scenes_each: int = SCENES_EACH,
    ) -> None:
        self._processes, self._command = processes, command
        self._begins, self._ends = begins, ends
        self._scenes_each = scenes_each
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._workers: list[WorkerProcess] = []
        self._false_starts = 0
        self._left: deque[Task] = deque()
        self.peak_memory = 0.0

    def run(self, tasks: Iterable[Task]) -> None:
        """Do all; returns when the last is over.

        Raises
        ------
        RigtalkError
            If no worker can be started.
        """
        self._left.extend(tasks)
        try:
            while self._left or any(worker.task for worker in self._workers):
                while self._left and self._hand_out(self._left[0]):
                    self._left.popleft()
                self._wait()
            for worker in self._workers:
                worker.end()
            self._workers.clear()
        finally:
            self._stop()

    def _hand_out(self, task: Task) -> bool:
        """Give a task to a worker that has none; false if all are busy."""
        command = tuple(self._command(task.kind))
        idle = [worker for worker in self._workers if worker.task is None]
        worker = next((each for each in idle if each.command == command), None)
        if worker is None:
            if len(self._workers) >= self._processes:
                if not idle:
                    return False
                self._workers.remove(idle[0])  # of the other kind
                idle[0].end()
            worker = WorkerProcess(command, self._events)
            self._workers.append(worker)
        self._begins(task)
        worker.give(task)
        return True

    def _wait(self) -> None:
        """Until somebody says something, or has said nothing for too long."""
        nearest = min((worker.deadline for worker in self._workers), default=float("inf"))
        patience = min(max(nearest - time.monotonic(), 0.0), PATIENCE)
        try:
            worker, message = self._events.get(timeout=patience)
        except queue.Empty:
            for worker in [each for each in self._workers if each.overdue]:
                self._give_up(worker)
            return
        if worker not in self._workers:  # the last words of one that has gone
            return
        if message is None:
            self._bury(worker)
            return
        task = worker.task
        answer = worker.heard(message)
        if worker.ready:
            self._false_starts = 0
        if answer is None or task is None:
            return
        self.peak_memory = max(self.peak_memory, float(answer.pop("memory", 0.0)))
        outcome = Outcome(**answer)
        if outcome.fault or (task.kind == SCENE and worker.scenes >= self._scenes_each):
            self._workers.remove(worker)
            worker.end()
            remove_parts(task.outputs, pid=worker.pid)
        self._ends(task, outcome)

    def _give_up(self, worker: WorkerProcess) -> None:
        task = worker.task
        self._workers.remove(worker)
        worker.kill()
        if not worker.ready:
            self._note_false_start(task, "a worker does not get ready")
        elif task is not None:
            self._fail(worker, task, f"given up: took longer than {task.timeout or 0:g} s")

    def _bury(self, worker: WorkerProcess) -> None:
        task = worker.task
        self._workers.remove(worker)
        how = worker.epitaph()
        worker.kill()
        if not worker.ready:
            self._note_false_start(task, how)
        elif task is not None:
            self._fail(worker, task, how)

    def _note_false_start(self, task: Task | None, why: str) -> None:
        """A process that was never ready says nothing about its task: another one takes that."""
        if task is not None:
            self._left.appendleft(task)
        self._false_starts += 1
        if self._false_starts >= FALSE_STARTS:
            raise RigtalkError(f"workers cannot be started: {why}")

    def _fail(self, worker: WorkerProcess, task: Task, why: str) -> None:
        """The line that it was at is to blame; the others of the scene fell with it."""
        remove_parts(task.outputs, pid=worker.pid)
        at = min(worker.at, len(task.lines) - 1)
        blamed = task.lines[at].label
        errors = [
            why if index == at else f"not written: at {blamed}, of the same scene, {why}"
            for index in range(len(task.lines))
        ]
        self._ends(task, Outcome(errors, [[] for _ in task.lines], lost=True))

    def _stop(self) -> None:
        """End whoever still runs, and sweep up what they had begun."""
        for worker in self._workers:
            worker.kill()
            if worker.task is not None:
                remove_parts(worker.task.outputs, pid=worker.pid)
        self._workers.clear()
