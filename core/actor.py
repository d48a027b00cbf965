"""The actor: sound and direction in, performance out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rigtalk.rigs import control_set_names

from .audio import Audio, open_audio
from .direction import Direction
from .errors import RigtalkError
from .layers import Layers
from .network import EMBEDDED, Network, load_network
from .performance import Performance, check_fps, concatenate
from .take import Cancelled, Take, survey

__all__ = ["Actor", "Cancelled", "check_rig"]

WINDOW_SECONDS = 20.0
"""What is performed at a time, context apart."""
FIRST_PASS = 0.15
"""Share of the work that going through a line for its level is, for progress."""


@dataclass(frozen=True)
class Actor:
    """A trained network that speaks a recording with a face.

    Attributes
    ----------
    network : Network
    """

    network: Network

    @classmethod
    def load(cls, path: str | Path | None = None, *, threads: int = 1) -> Actor:
        """Load an actor.

        Parameters
        ----------
        path : str or Path, optional
            An ONNX file made by ``rigtalk train``; the embedded one if absent.
        threads : int
            Cores to use.

        Raises
        ------
        RigtalkError
            If the file is missing, damaged, or made for another version.
        """
        return cls(load_network(Path(path) if path else EMBEDDED, threads=threads))

    def perform(
        self,
        audio: str | Path | Audio,
        direction: Direction | None = None,
        *,
        fps: float = 60.0,
        rig: str = "arkit",
        progress: Callable[[float], None] = lambda fraction: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Performance:
        """Speak a recording.

        Parameters
        ----------
        audio : str, Path, Clip or AudioSource
        direction : Direction, optional
            Neutral, with seed 0, if absent.
        fps : float
            Frames in a second. The motion is the same at every rate.
        rig : str
            Name of a control set: ``"arkit"``, ``"metahuman"`` or ``"metahuman-board"``.
        progress : callable
            Called with the fraction done, 0-1.
        cancelled : callable
            Asked now and then; true ends the work with `Cancelled`.

        Returns
        -------
        Performance
            From 0 s to the first frame at or after the end of the sound.

        Raises
        ------
        RigtalkError
            If the audio cannot be read, or the rig or fps is unknown.
        Cancelled
            If `cancelled` said so.
        """
        return concatenate(
            self.stream(audio, direction, fps=fps, rig=rig, progress=progress, cancelled=cancelled)
        )

    def stream(
        self,
        audio: str | Path | Audio,
        direction: Direction | None = None,
        *,
        fps: float = 60.0,
        rig: str = "arkit",
        window: float = WINDOW_SECONDS,
        progress: Callable[[float], None] = lambda fraction: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[Performance]:
        """Speak a recording part by part, in memory that does not grow with its length.

        The sound is gone through twice: once for its level and pauses, once to be performed in
        windows with enough context on both sides that no seam shows. Parameters, result (cut into
        consecutive parts) and errors are those of `perform`.

        Parameters
        ----------
        window : float
            Seconds to perform at a time, context apart.
        """
        check_fps(fps)
        check_rig(rig)
        direction = direction or Direction()
        audio = open_audio(audio) if isinstance(audio, str | Path) else audio
        line = survey(audio, progress=lambda done: progress(FIRST_PASS * done), cancelled=cancelled)
        take = Take(
            network=self.network,
            line=line,
            direction=direction,
            layers=Layers(line.prosody, direction),
            fps=fps,
            rig=rig,
        )
        for done, part in take.parts(audio, window):
            progress(FIRST_PASS + (1.0 - FIRST_PASS) * done)
            if cancelled():
                raise Cancelled
            yield part


def check_rig(rig: str) -> None:
    """Raise RigtalkError unless there is a control set of that name."""
    if rig not in control_set_names():
        raise RigtalkError(f"unknown rig {rig!r}: choose from {', '.join(control_set_names())}")
