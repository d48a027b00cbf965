"""The actor: sound and direction in, performance out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rigtalk.rigs import ControlSet, control_set_names, mapping

from .audio import Audio, open_audio
from .direction import Direction
from .errors import RigtalkError
from .features import (
    FEATURE_RATE,
    MELS,
    QUIETEST_DB,
    SAMPLE_RATE,
    log_mel_blocks,
    normalise,
    reference_level,
)
from .interpolation import interpolate
from .layers import Layers
from .lips import LIPS, REACH_SECONDS, STEP_RATE, closure_weight, rest_weight
from .network import EMBEDDED, Network, load_network
from .performance import Performance, check_fps, concatenate, frame_count
from .prosody import Prosody

__all__ = ["Actor", "Cancelled"]

WINDOW_SECONDS = 20.0
"""What is performed at a time, context apart."""
KEPT_SECONDS = 60.0
"""Of a line no longer than this the features are worked out once and kept (1.5 MB)."""
QUIET = 0.05
"""A frame with no band above this feature (57 dB below the loud frames) is silence for certain."""
FIRST_PASS = 0.15
"""Share of the work that finding the level of a line is, for progress."""
GAIN_REGIONS = {
    "mouth": ("mouth", "tongue"),
    "jaw": ("jaw",),
    "brows": ("brows",),
    "eyes": ("eyes",),
    "cheeks": ("cheeks", "nose"),
}
"""Regions of controls that each strength of a direction scales; the others are layers."""


class Cancelled(Exception):  # noqa: N818 - an outcome that was asked for, not an error
    """The caller's `cancelled` said so; nothing was kept."""


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
        line = _survey(audio, progress, cancelled)
        take = _Take(self.network, line, direction, Layers(line.prosody, direction), fps, rig)
        for done, part in take.parts(audio, window):
            progress(FIRST_PASS + (1.0 - FIRST_PASS) * done)
            if cancelled():
                raise Cancelled
            yield part


def check_rig(rig: str) -> None:
    """Raise RigtalkError unless there is a control set of that name."""
    if rig not in control_set_names():
        raise RigtalkError(f"unknown rig {rig!r}: choose from {', '.join(control_set_names())}")


@dataclass(frozen=True, eq=False)
class _Line:
    """What must be known of the whole sound before any of it is performed."""

    level: float  # dB, of the loud frames
    duration: float  # seconds
    frames: int  # of features
    prosody: Prosody
    mel: np.ndarray | None  # (frames, 64) of a short line


def _survey(
    audio: Audio, progress: Callable[[float], None], cancelled: Callable[[], bool]
) -> _Line:
    samples = 0
    expected = getattr(audio, "duration", None)

    def counted() -> Iterator[np.ndarray]:
        nonlocal samples
        for block in audio.blocks():
            if cancelled():
                raise Cancelled
            samples += len(block)
            yield block

    peaks: list[np.ndarray] = []
    kept: list[np.ndarray] = []
    frames = 0
    for mel in log_mel_blocks(counted()):
        peaks.append(mel.max(axis=1))
        frames += len(mel)
        if frames <= KEPT_SECONDS * FEATURE_RATE:
            kept.append(mel)
        if expected:
            progress(FIRST_PASS * min(1.0, frames / FEATURE_RATE / expected))
    loudest = np.concatenate(peaks)
    level = reference_level(loudest)
    return _Line(
        level=level,
        duration=samples / SAMPLE_RATE,
        frames=frames,
        prosody=Prosody(normalise(loudest, level)),
        mel=np.concatenate(kept) if frames <= KEPT_SECONDS * FEATURE_RATE else None,
    )


@dataclass(frozen=True, eq=False)
class _Take:
    """One performance in the making."""

    network: Network
    line: _Line
    direction: Direction
    layers: Layers
    fps: float
    rig: str

    def parts(self, audio: Audio, window: float) -> Iterator[tuple[float, Performance]]:
        """Consecutive parts, each with the fraction done after it."""
        total = (self.line.frames + 1) // 2  # steps of 20 ms
        core = max(1, round(window * STEP_RATE))
        reach = REACH_SECONDS + self.network.context_seconds
        context = int(np.ceil(reach * STEP_RATE)) + 1
        last_frame = frame_count(self.line.duration, self.fps)
        features = _Rolling(self._features(audio))
        first = 0
        for begin in range(0, total, core):
            end = min(begin + core, total)
            left, right = max(0, begin - context), min(total, end + context)
            steps = self._steps(features.between(2 * left, 2 * right), left)
            stop = last_frame if end == total else int(np.ceil(end / STEP_RATE * self.fps))
            times = np.arange(first, stop) / self.fps
            values = self._values(steps, times, left)
            yield end / total, self._part(values, first)
            first = stop

    def _features(self, audio: Audio) -> Iterator[np.ndarray]:
        """Blocks of features, of an even number of frames in all."""
        if self.line.mel is not None:
            blocks: Iterator[np.ndarray] = iter([self.line.mel])
        else:
            blocks = log_mel_blocks(audio.blocks())
        for mel in blocks:
            yield normalise(mel, self.line.level)
        yield np.zeros((self.line.frames % 2, MELS), dtype=np.float32)

    def _steps(self, features: np.ndarray, left: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Curves, closure and silence for a window of features whose first step is `left`."""
        times = (left + np.arange(len(features) // 2)) / STEP_RATE
        curves, closure, silence = self.network.run(
            features, self.direction.emotion_at(times), control_set=self._played
        )
        quiet = (features.max(axis=1).reshape(-1, 2) < QUIET).all(axis=1)
        if self.line.level <= QUIETEST_DB:  # noise of the recorder and nothing else
            quiet = np.ones_like(quiet)
        return curves, np.where(quiet, 0.0, closure), np.where(quiet, 1.0, silence)

    def _values(
        self, steps: tuple[np.ndarray, np.ndarray, np.ndarray], times: np.ndarray, left: int
    ) -> np.ndarray:
        """Finished values at some times, for the control set that the network plays."""
        curves, closure, silence = steps
        positions = times * STEP_RATE - left
        lips = LIPS[self._played]
        mouth = min(1.0, 4.0 * self.direction.gain("mouth"))  # a mouth turned off does not press
        values = lips.apply(
            lips.controls.clip(interpolate(curves, positions) * self._gains(lips.controls)),
            closed=mouth * closure_weight(closure, self.network.closure_threshold, positions),
            rest=rest_weight(silence, positions),
            breath=self.layers.jaw(times),
        )
        layers = mapping("arkit", self._played).apply(self.layers.at(times))
        return lips.controls.clip(values + layers)

    def _part(self, values: np.ndarray, first: int) -> Performance:
        controls = LIPS[self._played].controls
        return Performance(values, self.fps, controls, first / self.fps).to(self.rig)

    @property
    def _played(self) -> str:
        """The control set that the network itself gives; others are mapped from it."""
        return self.rig if self.rig in LIPS else "metahuman"

    def _gains(self, controls: ControlSet) -> np.ndarray:
        """Strength of each control, shape (controls,), float32."""
        gains = np.ones(len(controls), dtype=np.float32)
        for strength, regions in GAIN_REGIONS.items():
            gains[controls.in_region(*regions)] = self.direction.gain(strength)
        lips = LIPS[controls.name]
        together = controls.indices(*(lips.prefix + name for name in lips.together))
        # What closes a gap follows the jaw that opens it.
        gains[together] = 1.0 if lips.relative else self.direction.gain("jaw")
        return gains


class _Rolling:
    """A window that moves forward over blocks of rows."""

    def __init__(self, blocks: Iterator[np.ndarray]) -> None:
        self._blocks = blocks
        self._rows = np.zeros((0, MELS), dtype=np.float32)
        self._first = 0

    def between(self, begin: int, end: int) -> np.ndarray:
        """Rows `begin` to `end`, which never move back."""
        parts, count = [self._rows], self._first + len(self._rows)
        while count < end:
            block = next(self._blocks)
            parts.append(block)
            count += len(block)
        rows = np.concatenate(parts)[begin - self._first :]
        self._rows, self._first = rows, begin
        return rows[: end - begin]
