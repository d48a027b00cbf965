"""One performance in the making: a line surveyed, then performed window by window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from rigtalk.rigs import control_set, mapping

from .apart import in_layers
from .audio import Audio
from .channel import LongTermSpectrum
from .closures import REACH_SECONDS, STEP_RATE
from .direction import Direction
from .errors import RigtalkError
from .face import Face, Heard
from .features import FEATURE_RATE, SAMPLE_RATE, log_mel_blocks, normalise, reference_level
from .known import Known
from .layers import Layers
from .line import Line
from .lips import LIPS
from .network import Network
from .performance import Performance, frame_count
from .prosody import Prosody
from .steps import Emotion, LineSteps, calm, steps_of

__all__ = ["Cancelled", "Take", "survey"]

KEPT_SECONDS = 60.0
"""Of a line no longer than this the features are worked out once and kept (1.5 MB)."""


class Cancelled(Exception):  # noqa: N818 - an outcome that was asked for, not an error
    """The caller's `cancelled` said so; nothing was kept."""


def survey(
    audio: Audio, *, progress: Callable[[float], None], cancelled: Callable[[], bool]
) -> Line:
    """Go through a sound once.

    Parameters
    ----------
    audio : Audio
    progress : callable
        Called with the fraction done, 0-1, where the length is known beforehand.
    cancelled : callable
        Asked now and then.

    Raises
    ------
    RigtalkError
        If the sound turns out to be damaged.
    Cancelled
        If `cancelled` said so.
    """
    samples, total, squares = 0, 0.0, 0.0
    expected = getattr(audio, "duration", None)

    def counted() -> Iterator[np.ndarray]:
        nonlocal samples, total, squares
        for block in audio.blocks():
            if cancelled():
                raise Cancelled
            samples += len(block)
            total += float(block.sum(dtype=np.float64))
            squares += float(np.einsum("n,n->", block, block, dtype=np.float64))
            yield block

    peaks: list[np.ndarray] = []
    kept: list[np.ndarray] = []
    spectrum = LongTermSpectrum()
    frames = 0
    for mel in log_mel_blocks(counted()):
        peaks.append(mel.max(axis=1))
        spectrum.add(mel)
        frames += len(mel)
        if frames <= KEPT_SECONDS * FEATURE_RATE:
            kept.append(mel)
        if expected:
            progress(min(1.0, frames / FEATURE_RATE / expected))
    loudest = np.concatenate(peaks)
    level = reference_level(loudest)
    mean = total / max(samples, 1)
    return Line(
        level=level,
        channel=spectrum.channel(level),
        mean=mean,
        deviation=float(np.sqrt(max(squares / max(samples, 1) - mean**2, 0.0))),
        duration=samples / SAMPLE_RATE,
        frames=frames,
        prosody=Prosody(normalise(loudest, level)),
        mel=np.concatenate(kept) if frames <= KEPT_SECONDS * FEATURE_RATE else None,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Take:
    """One performance in the making.

    Attributes
    ----------
    network : Network
    line : Line
    direction : Direction
    layers : Layers
    fps : float
    rig : str
        Name of a control set.
    span : (float, float) or None
        Begin and end in seconds of what is wanted; None for the whole line.
    known : Known or None
        What its script says, from `following.follow`.

    Raises
    ------
    RigtalkError
        If the span holds no frame of the line.
    """

    network: Network
    line: Line
    direction: Direction
    layers: Layers
    fps: float
    rig: str
    span: tuple[float, float] | None = None
    known: Known | None = None

    def __post_init__(self) -> None:
        first, stop = self.frames
        if stop <= first:
            begin, end = self.span or (0.0, 0.0)
            raise RigtalkError(
                f"from {begin:g} to {end:g} s there is no frame of the line, which lasts "
                f"{self.line.duration:.2f} s: choose a span inside it"
            )

    @property
    def frames(self) -> tuple[int, int]:
        """First frame that is wanted, and the one after the last."""
        count = frame_count(self.line.duration, self.fps)
        if self.span is None:
            return 0, count
        # As Performance.between counts them; a time that is no number is outside.
        at = (np.array(self.span) - 1e-6) * self.fps
        first, stop = np.clip(np.ceil(np.where(np.isnan(at), 0.0, at)), 0, count)
        return int(first), int(stop)

    def parts(self, audio: Audio, window: float) -> Iterator[tuple[float, Performance]]:
        """Perform the line in windows.

        Parameters
        ----------
        audio : Audio
            The sound that was surveyed.
        window : float
            Seconds to perform at a time, context apart.

        Yields
        ------
        float
            Fraction done, 0-1.
        Performance
            The part that follows the last one.
        """
        face = self._face
        for stretch in self._stretches(audio, window, plain=face.needs_plain):
            values = stretch.cut(face.whole(stretch.heard, stretch.times))
            part = Performance(values, self.fps, face.controls, stretch.start)
            yield stretch.done, part.to(self.rig)

    def layered_parts(
        self, audio: Audio, window: float
    ) -> Iterator[tuple[float, dict[str, Performance]]]:
        """The same by layer, see `rigtalk.core.layered`; parameters as of `parts`."""
        controls = control_set(self.rig)
        for stretch in self._stretches(audio, window, plain=True):
            layers = in_layers(self._face, stretch.heard, stretch.times, self.rig)
            yield (
                stretch.done,
                {
                    name: Performance(stretch.cut(values), self.fps, controls, stretch.start)
                    for name, values in layers.items()
                },
            )

    def _stretches(self, audio: Audio, window: float, *, plain: bool) -> Iterator[_Stretch]:
        """The windows of the line in which something is wanted.

        They are those of the whole line whatever the span, so that a part of a line is what it
        would be in the whole, to the last bit.
        """
        total = self.line.steps
        core = max(1, round(window * STEP_RATE))
        felt = self._said(audio, self.layers.emotion)
        plainly = self._said(audio, calm) if plain and self.direction.emotional else None
        context = int(np.ceil((REACH_SECONDS + felt.context_seconds) * STEP_RATE)) + 1
        wanted, last = self.frames
        first = 0
        for begin in range(0, total, core):
            end = min(begin + core, total)
            left, right = max(0, begin - context), min(total, end + context)
            stop = int(np.ceil(end / STEP_RATE * self.fps))
            stop = frame_count(self.line.duration, self.fps) if end == total else stop
            if self.span is None or (first < last and stop > wanted):
                steps = felt.between(left, right)
                heard = Heard(steps, plainly.between(left, right)[0] if plainly else steps[0], left)
                yield _Stretch(
                    done=min(1.0, max(stop - wanted, 0) / (last - wanted)) if end < total else 1.0,
                    heard=heard,
                    times=np.arange(first, stop) / self.fps,
                    kept=slice(max(wanted - first, 0), max(min(last, stop) - first, 0)),
                    start=max(wanted, first) / self.fps,
                )
            first = stop

    def _said(self, audio: Audio, emotion: Emotion) -> LineSteps:
        return steps_of(self.network, self.line, audio, emotion, self._played, self.known)

    @property
    def _played(self) -> str:
        """The control set that the network gives and that is nearest; the rig maps from it."""
        return min(LIPS, key=lambda played: len(mapping(played, self.rig).steps))

    @property
    def _face(self) -> Face:
        return Face(
            direction=self.direction,
            layers=self.layers,
            threshold=self.network.closure_threshold,
            played=self._played,
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Stretch:
    """One window: what is heard in it, its frames, and which of them are wanted."""

    done: float
    heard: Heard
    times: np.ndarray
    kept: slice
    start: float

    def cut(self, values: np.ndarray) -> np.ndarray:
        return values[self.kept]
