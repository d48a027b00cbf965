"""The actor: sound and direction in, performance out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rigtalk.rigs import control_set_names

from .audio import Audio, open_audio
from .direction import Direction
from .errors import RigtalkError
from .following import follow
from .layers import Layers
from .network import EMBEDDED, Network, load_network
from .performance import Performance, check_fps, concatenate
from .take import Cancelled, Take, survey

__all__ = ["Actor", "Cancelled", "check_rig"]

WINDOW_SECONDS = 20.0
"""What is performed at a time, context apart."""
USELESS = "the script does not fit what is heard, so lips follow the sound alone"
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
        span: tuple[float, float] | None = None,
        progress: Callable[[float], None] = lambda fraction: None,
        cancelled: Callable[[], bool] = lambda: False,
        note: Callable[[str], None] = lambda text: None,
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
        span : (float, float), optional
            Begin and end in seconds. Only what is between is performed, as it is in the whole line
            to the last bit: the frames of ``perform(...).between(*span)``. The sound is still gone
            through once as a whole, for its level and pauses.
        progress : callable
            Called with the fraction done, 0-1.
        cancelled : callable
            Asked now and then; true ends the work with `Cancelled`.
        note : callable
            Told what the user should know, in one line: that a script is of no use.

        Returns
        -------
        Performance
            From 0 s, or the begin of the span, to the first frame at or after the end of the sound,
            or the last frame before the end of the span; its `start` says where it begins.

        Raises
        ------
        RigtalkError
            If the audio cannot be read, the rig or fps is unknown, or the span is empty or outside
            the sound.
        Cancelled
            If `cancelled` said so.
        """
        return concatenate(
            self.stream(
                audio,
                direction,
                fps=fps,
                rig=rig,
                span=span,
                progress=progress,
                cancelled=cancelled,
                note=note,
            )
        )

    def perform_layers(
        self,
        audio: str | Path | Audio,
        direction: Direction | None = None,
        *,
        fps: float = 60.0,
        rig: str = "arkit",
        span: tuple[float, float] | None = None,
        progress: Callable[[float], None] = lambda fraction: None,
        cancelled: Callable[[], bool] = lambda: False,
        note: Callable[[str], None] = lambda text: None,
    ) -> dict[str, Performance]:
        """Speak a recording, by layer.

        Where an emotion is asked for the network speaks the line twice, once without it. Parameters
        and errors are those of `perform`.

        Returns
        -------
        dict of str to Performance
            For each of `rigtalk.core.layered.LAYERS`, in this order. ``"lips"`` holds values; the
            others hold differences, so they may be negative. Their sum, brought into range, is what
            `perform` gives, within 1e-5.
        """
        take, audio = self._take(audio, direction, fps, rig, span, progress, cancelled, note)
        parts: dict[str, list[Performance]] = {}
        for done, layers in take.layered_parts(audio, WINDOW_SECONDS):
            _tell(done, progress, cancelled)
            for name, part in layers.items():
                parts.setdefault(name, []).append(part)
        return {name: concatenate(each) for name, each in parts.items()}

    def stream(
        self,
        audio: str | Path | Audio,
        direction: Direction | None = None,
        *,
        fps: float = 60.0,
        rig: str = "arkit",
        window: float = WINDOW_SECONDS,
        span: tuple[float, float] | None = None,
        progress: Callable[[float], None] = lambda fraction: None,
        cancelled: Callable[[], bool] = lambda: False,
        note: Callable[[str], None] = lambda text: None,
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
        take, audio = self._take(audio, direction, fps, rig, span, progress, cancelled, note)
        for done, part in take.parts(audio, window):
            _tell(done, progress, cancelled)
            yield part

    def _take(
        self,
        audio: str | Path | Audio,
        direction: Direction | None,
        fps: float,
        rig: str,
        span: tuple[float, float] | None,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
        note: Callable[[str], None],
    ) -> tuple[Take, Audio]:
        """What was asked for, checked, and its sound, surveyed."""
        check_fps(fps)
        check_rig(rig)
        direction = direction or Direction()
        audio = open_audio(audio) if isinstance(audio, str | Path) else audio
        line = survey(audio, progress=lambda done: progress(FIRST_PASS * done), cancelled=cancelled)
        known = None
        if direction.script is not None:
            known = follow(
                direction.script, self.network, line, audio, cancelled=lambda: _stop(cancelled)
            )
            if known.trust == 0.0:
                note(USELESS)
                known = None
        take = Take(
            network=self.network,
            line=line,
            direction=direction,
            layers=Layers(line.prosody, direction),
            fps=fps,
            rig=rig,
            span=span,
            known=known,
        )
        return take, audio


def _tell(done: float, progress: Callable[[float], None], cancelled: Callable[[], bool]) -> None:
    """Say how far the second pass is; ends the work where that is asked for."""
    progress(FIRST_PASS + (1.0 - FIRST_PASS) * done)
    _stop(cancelled)


def _stop(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Cancelled


def check_rig(rig: str) -> None:
    """Raise RigtalkError unless there is a control set of that name."""
    if rig not in control_set_names():
        raise RigtalkError(f"unknown rig {rig!r}: choose from {', '.join(control_set_names())}")
