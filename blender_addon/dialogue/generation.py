"""A performance in the making, on a thread that knows nothing of Blender."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rigtalk.core.actor import Actor
from rigtalk.core.direction import Direction
from rigtalk.core.errors import RigtalkError
from rigtalk.core.performance import Performance

__all__ = ["Generation", "Made", "Request"]


@dataclass(frozen=True)
class Request:
    """What is to be performed.

    Attributes
    ----------
    audio : Path
        The recording.
    direction : Direction
    rig : str
        Name of the control set.
    fps : float
        Rate of the scene.
    begin, end : float or None
        Part of the recording to keep, in seconds; None for its ends.
    layered : bool
        Whether each layer is wanted apart.
    actor : Path or None
        An actor of the user's own; None for the embedded one.
    threads : int
        Cores for the network.
    finish : callable
        What else can be done with the result before Blender is needed; gets a performance, or the
        layers of one, and a function that tells whether to give up.
    """

    audio: Path
    direction: Direction
    rig: str
    fps: float
    begin: float | None = None
    end: float | None = None
    layered: bool = False
    actor: Path | None = None
    threads: int = 1
    finish: Callable[[Any, Callable[[], bool]], Any] = lambda given, cancelled: None


@dataclass(frozen=True)
class Made:
    """What came of a request.

    Attributes
    ----------
    given : Performance or dict of str to Performance
        What the actor gave; by layer, where they are wanted apart.
    finished : object
        What `Request.finish` gave.
    notes : tuple of str
        What the user should know.
    """

    given: Performance | dict[str, Performance]
    finished: Any
    notes: tuple[str, ...] = ()

    @property
    def performance(self) -> Performance:
        """A performance to know control set and frames by; of the first layer if there are many."""
        return next(iter(self.given.values())) if isinstance(self.given, dict) else self.given


class Generation:
    """One performance being made.

    Parameters
    ----------
    request : Request
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._cancelled = threading.Event()
        self._made: Made | None = None
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self.run, name="rigtalk", daemon=True)
        self.fraction = 0.0

    def start(self) -> None:
        """Make it on the thread."""
        self._thread.start()

    def run(self) -> None:
        """Make it here and now; whatever goes wrong is kept for `result`."""
        try:
            self._made = self._make()
        except BaseException as fault:
            self._fault = fault

    def cancel(self) -> None:
        """Ask the thread to stop; it does so within a window of the actor."""
        self._cancelled.set()

    def stop(self) -> None:
        """Cancel and wait until the thread has ended."""
        self.cancel()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to stop."""
        return self._cancelled.is_set()

    @property
    def done(self) -> bool:
        """Whether there is a result, or never will be."""
        return self._made is not None or self._fault is not None

    def result(self) -> Made:
        """The performance.

        Raises
        ------
        RigtalkError
            If the recording cannot be used, or the work was cancelled.
        """
        if self.cancelled:
            raise RigtalkError("cancelled: nothing was changed")
        if self._fault is not None:
            raise self._fault
        if self._made is None:
            raise RigtalkError("the performance is not ready yet: wait until it is done")
        return self._made

    def _make(self) -> Made:
        request = self._request
        actor = _actor(request.actor, _stamp(request.actor), request.threads)
        notes: list[str] = []
        perform: Callable[..., Any] = actor.perform_layers if request.layered else actor.perform
        given: Performance | dict[str, Performance] = perform(
            request.audio,
            request.direction,
            fps=request.fps,
            rig=request.rig,
            span=_span(request),
            progress=self._set_fraction,
            cancelled=self._cancelled.is_set,
            note=notes.append,
        )
        return Made(given, request.finish(given, self._cancelled.is_set), tuple(notes))

    def _set_fraction(self, fraction: float) -> None:
        self.fraction = min(max(float(fraction), 0.0), 1.0)


@lru_cache(maxsize=1)
def _actor(path: Path | None, _stamp: tuple[int, int], threads: int) -> Actor:
    """The last actor stays loaded; a file that changed is another actor."""
    return Actor.load(path, threads=threads)


def _stamp(path: Path | None) -> tuple[int, int]:
    try:
        found = path.stat() if path else None
    except OSError:  # loading says what is wrong
        found = None
    return (found.st_size, found.st_mtime_ns) if found else (0, 0)


def _span(request: Request) -> tuple[float, float] | None:
    if request.begin is None and request.end is None:
        return None
    begin = 0.0 if request.begin is None else request.begin
    return begin, float("inf") if request.end is None else request.end
