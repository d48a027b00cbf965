"""One worker process, as seen by who started it."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess  # runs workers with a list of words, never a shell
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from ..errors import RigtalkError
from .protocol import parse, read_lines
from .tasks import Task

__all__ = ["ONE_THREAD", "Event", "WorkerProcess"]

START_SECONDS = 300.0
"""Even a Blender from a slow disk has started by then."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""There are as many workers as cores; a thread for each core in each of them is no help."""

Event = tuple["WorkerProcess", dict[str, Any] | None]
"""Who says something, and what; None is the end of the process."""


class WorkerProcess:
    """A worker that was started.

    Parameters
    ----------
    command : sequence of str
    events : queue
        What it says comes here.
    """

    def __init__(self, command: Sequence[str], events: queue.SimpleQueue[Event]) -> None:
        self.command = tuple(command)
        self.task: Task | None = None
        self.at = 0
        self.ready = False
        self.scenes = 0
        self._deadline = time.monotonic() + START_SECONDS
        self._events = events
        self._said: deque[str] = deque(maxlen=12)
        options: dict[str, Any] = {}
        if os.name == "nt":
            options["creationflags"] = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        else:  # away from the terminal: its Ctrl-C is for us
            options["start_new_session"] = True
        env = {**dict.fromkeys(ONE_THREAD, "1"), **os.environ}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the host says how it is started
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=env,
                **options,
            )
        except OSError as error:
            raise RigtalkError(
                f"a worker cannot be started ({command[0]}: {error.strerror})"
            ) from None
        self._threads = [
            threading.Thread(target=target, daemon=True)
            for target in (self._listen, self._overhear)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def overdue(self) -> bool:
        """Whether it has taken longer than it may."""
        return self._deadline < time.monotonic()

    @property
    def deadline(self) -> float:
        """When it will be overdue, by the monotonic clock."""
        return self._deadline

    def give(self, task: Task) -> None:
        """Hand it a task; it must be idle."""
        self.task, self.at = task, 0
        self._allow()
        self._send(task.wire())

    def heard(self, message: dict[str, Any]) -> dict[str, Any] | None:
        """Take note of a message; returns it if it is what came of the task."""
        if "ready" in message:
            self.ready = True
            self._allow()
        elif "at" in message:
            self.at = int(message["at"])
        elif "errors" in message:
            self.scenes += self.task is not None and self.task.kind == "scene"
            self.task = None
            self._deadline = float("inf")
            return message
        return None

    def end(self, *, patience: float = 10.0) -> None:
        """Let it go in peace, or else not."""
        self._send({"end": True})
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        self.kill()

    def kill(self) -> None:
        """End it at once."""
        with suppress(OSError):
            self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join(5.0)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with suppress(OSError):
                if pipe:
                    pipe.close()

    def epitaph(self) -> str:
        """How it ended, in words."""
        status = self._process.wait()
        if status < 0:
            with suppress(ValueError):
                how = signal.Signals(-status).name
                return f"the worker was ended by {how}{self._last_words()}"
        return f"the worker ended with status {status}{self._last_words()}"

    def _last_words(self) -> str:
        words = next((line for line in reversed(self._said) if line), "")
        return f" after saying {words!r}" if words else ""

    def _allow(self) -> None:
        if not self.ready:
            return
        limit = self.task.timeout if self.task else None
        self._deadline = float("inf") if limit is None else time.monotonic() + limit

    def _send(self, message: dict[str, Any]) -> None:
        with suppress(OSError, ValueError):  # if it has died, its end comes as an event
            if self._process.stdin:
                self._process.stdin.write(json.dumps(message).encode() + b"\n")
                self._process.stdin.flush()

    def _listen(self) -> None:
        with suppress(OSError, ValueError):
            for line in read_lines(self._process.stdout):  # type: ignore[arg-type]
                message = parse(line)
                if message is not None:
                    self._events.put((self, message))
        self._events.put((self, None))

    def _overhear(self) -> None:
        with suppress(OSError, ValueError):
            for line in read_lines(self._process.stderr):  # type: ignore[arg-type]
                self._said.append(line.decode("utf-8", "replace").strip()[:300])
