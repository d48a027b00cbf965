"""One performance in the making: a line surveyed, then performed window by window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from rigtalk.rigs import ControlSet, mapping

from .audio import Audio
from .channel import LongTermSpectrum
from .closures import REACH_SECONDS, STEP_RATE, closure_weight, rest_weight
from .direction import Direction
from .features import FEATURE_RATE, SAMPLE_RATE, log_mel_blocks, normalise, reference_level
from .interpolation import interpolate
from .layers import Layers
from .line import Line
from .lips import LIPS
from .network import Network
from .performance import Performance, frame_count
from .prosody import Prosody
from .steps import Steps, steps_of

__all__ = ["Cancelled", "Take", "survey"]

KEPT_SECONDS = 60.0
"""Of a line no longer than this the features are worked out once and kept (1.5 MB)."""
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
    """

    network: Network
    line: Line
    direction: Direction
    layers: Layers
    fps: float
    rig: str

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
        total = self.line.steps
        core = max(1, round(window * STEP_RATE))
        said = steps_of(self.network, self.line, audio, self.layers.emotion, self._played)
        context = int(np.ceil((REACH_SECONDS + said.context_seconds) * STEP_RATE)) + 1
        last_frame = frame_count(self.line.duration, self.fps)
        first = 0
        for begin in range(0, total, core):
            end = min(begin + core, total)
            left, right = max(0, begin - context), min(total, end + context)
            stop = last_frame if end == total else int(np.ceil(end / STEP_RATE * self.fps))
            times = np.arange(first, stop) / self.fps
            values = self._values(said.between(left, right), times, left)
            yield end / total, self._part(values, first)
            first = stop

    def _values(self, steps: Steps, times: np.ndarray, left: int) -> np.ndarray:
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
