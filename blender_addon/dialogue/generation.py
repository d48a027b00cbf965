"""A performance in the making, on a thread that knows nothing of Blender."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from rigtalk.core.actor import Actor
from rigtalk.core.direction import Direction
from rigtalk.core.errors import RigtalkError
from rigtalk.core.performance import Performance

__all__ = ["Generation", "Request"]


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
    actor : Path or None
        An actor of the user's own; None for the embedded one.
    """

    audio: Path
    direction: Direction
    rig: str
    fps: float
    begin: float | None = None
    end: float | None = None
    actor: Path | None = None


class Generation:
    """One performance being made.

    Parameters
    ----------
    request : Request
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._cancelled = threading.Event()
        self._performance: Performance | None = None
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self.run, name="rigtalk", daemon=True)
        self.fraction = 0.0

    def start(self) -> None:
        """Make it on the thread."""
        self._thread.start()

    def run(self) -> None:
        """Make it here and now; whatever goes wrong is kept for `result`."""
        try:
            performance = Actor.load().perform(
                self._request.audio,
                self._request.direction,
                fps=self._request.fps,
                rig=self._request.rig,
                progress=self._set_fraction,
                cancelled=self._cancelled.is_set,
            )
            self._performance = _kept(performance, self._request)
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
        return self._performance is not None or self._fault is not None

    def result(self) -> Performance:
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
        if self._performance is None:
            raise RigtalkError("the performance is not ready yet: wait until it is done")
        return self._performance

    def _set_fraction(self, fraction: float) -> None:
        self.fraction = min(max(float(fraction), 0.0), 1.0)


def _kept(performance: Performance, request: Request) -> Performance:
    if request.begin is None and request.end is None:
        return performance
    begin = performance.start if request.begin is None else request.begin
    end = performance.end if request.end is None else request.end
    kept = performance.between(begin, end)
    if not len(kept):
        raise RigtalkError(f"the strip shows no part of {request.audio.name}: check its trimming")
    return kept
