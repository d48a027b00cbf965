"""What the network says of a line, step by step, whichever stretch of it is asked for.

A network that hears features depends on a known context, so a stretch with that context is the same
as the whole. One that hears samples listens to everything at once (wav2vec 2.0 and its kin attend
to the whole of what they are given), so there is no context after which a window equals the whole.
It is run in windows that are fixed for the line, and between two of them the one fades into the
other where both have context; what is asked for then never decides what is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .audio import Audio
from .closures import STEP_RATE
from .direction import EMOTIONS
from .features import HOP, MELS, QUIETEST_DB, log_mel_blocks, normalise
from .known import Known
from .line import Line
from .network import Network

__all__ = ["STEP_SAMPLES", "FeatureSteps", "LineSteps", "SampleSteps", "Steps", "calm", "steps_of"]

STEP_SAMPLES = 2 * HOP
"""Samples in a step: 20 ms."""
QUIET = 0.05
"""A frame with no band above this feature (57 dB below the loud frames) is silence for certain."""
SMALLEST_VARIANCE = 1e-7
"""Added to the variance of a line before dividing, as the encoders' own feature extractors do."""
Emotion = Callable[[np.ndarray], np.ndarray]
"""Intensities (n, 7) at some times in seconds (n,)."""
Steps = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Curves (n, controls), closure (n,) and silence (n,) of n steps."""


class LineSteps(Protocol):
    """The steps of one line."""

    context_seconds: float
    """How much more must be asked for on either side for steps to be right."""

    def between(self, left: int, right: int) -> Steps:
        """Steps `left` to `right`; neither ever moves back."""


@dataclass(eq=False)
class _Asked:
    """What the steps of a line are made of.

    Parameters
    ----------
    network : Network
    line : Line
    audio : Audio
        The sound that was surveyed.
    emotion : callable
        What is felt, see `Emotion`.
    control_set : str
        That the network plays, or ``"phones"``, see `Network.run`.
    known : Known, optional
        What is known of the lips beside what is heard.
    """

    network: Network
    line: Line
    audio: Audio
    emotion: Emotion
    control_set: str
    known: Known | None = None

    def _run(self, heard: np.ndarray, left: int, right: int) -> Steps:
        """What the network says of the sound of some steps."""
        felt = self.emotion(np.arange(left, right) / STEP_RATE)
        return self.network.run(heard, felt, control_set=self.control_set)

    def _told(
        self, left: int, curves: np.ndarray, closure: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Curves and closure of steps from `left` on, with what is known of them."""
        if self.known is None:
            return curves, closure
        bite = self.network.bites.get(self.control_set)
        if bite is not None:
            curves = self.known.bitten(curves, left, bite)
        return curves, self.known.closed(closure, left)


@dataclass(eq=False)
class FeatureSteps(_Asked):
    """Of a network that hears features: run on each stretch that is asked for."""

    def __post_init__(self) -> None:
        self.context_seconds = self.network.context_seconds
        self._features = _Rolling(self._blocks(self.audio))

    def between(self, left: int, right: int) -> Steps:
        """Steps `left` to `right`."""
        features = self._features.between(2 * left, 2 * right)
        curves, closure, silence = self._run(features, left, right)
        curves, closure = self._told(left, curves, closure)
        return curves, *_hushed(closure, silence, features.max(axis=1), self.line)

    def _blocks(self, audio: Audio) -> Iterator[np.ndarray]:
        """Blocks of features, of an even number of frames in all."""
        if self.line.mel is not None:
            blocks: Iterator[np.ndarray] = iter([self.line.mel])
        else:
            blocks = log_mel_blocks(audio.blocks())
        for mel in blocks:
            yield normalise(mel, self.line.level, self.line.channel)
        yield np.zeros((self.line.frames % 2, MELS), dtype=np.float32)


@dataclass(eq=False)
class SampleSteps(_Asked):
    """Of a network that hears samples: run in windows, one fading into the next.

    All windows but that of a short line are of one length, so the last one begins early. Window
    ``k`` begins at ``k (window - 2 context)``; it fades in over the middle half of what it shares
    with the one before.
    """

    context_seconds = 0.0

    def __post_init__(self) -> None:
        self._window = round(self.network.window_seconds * STEP_RATE)
        self._context = max(1, round(self.network.context_seconds * STEP_RATE))
        self._samples = _Rolling(self._blocks(self.audio))
        self._said: _Rolling | None = None

    def between(self, left: int, right: int) -> Steps:
        """Steps `left` to `right`."""
        if self._said is None:
            first = self._window_of(left)
            self._said = _Rolling(self._rows(first), self._pure(first))
        rows = self._said.between(left, right)
        loudness = np.zeros(2 * (right - left), dtype=np.float32)
        known = self.line.prosody.loudness[2 * left : 2 * right]
        loudness[: len(known)] = known
        curves, closure = self._told(left, rows[:, :-2], rows[:, -2])
        return curves, *_hushed(closure, rows[:, -1], loudness, self.line)

    def _blocks(self, audio: Audio) -> Iterator[np.ndarray]:
        """Blocks of samples, as many in all as the line's steps have."""
        mean, scale = 0.0, 1.0
        if self.network.normalised:
            mean = self.line.mean
            scale = float(1.0 / np.sqrt(self.line.deviation**2 + SMALLEST_VARIANCE))
        count = 0
        for block in audio.blocks():
            count += len(block)
            yield ((block - np.float32(mean)) * np.float32(scale)).astype(np.float32, copy=False)
        yield np.zeros(self.line.steps * STEP_SAMPLES - count, dtype=np.float32)

    @property
    def _hop(self) -> int:
        """Steps from the begin of a window to that of the next."""
        return self._window - 2 * self._context

    def _pure(self, k: int) -> int:
        """Step from which window `k` is on its own, the one before having faded out."""
        return k * self._hop + self._context // 2 + self._context if k else 0

    def _window_of(self, step: int) -> int:
        """The last window that is on its own at a step, or was before it."""
        last = max(0, self.line.steps - self._window)
        return max(k for k in range(1 + -(-last // self._hop)) if self._pure(k) <= step)

    def _rows(self, first: int) -> Iterator[np.ndarray]:
        """Consecutive steps from `_pure`, (n, controls + 2): curves, closure, silence."""
        hop = self._hop
        last = max(0, self.line.steps - self._window)
        starts = [min(k * hop, last) for k in range(1 + -(-last // hop))]
        share = 0.5 - 0.5 * np.cos(np.pi * (np.arange(self._context) + 0.5) / self._context)
        fade = share.astype(np.float32)[:, None]
        done, start = self._pure(first), starts[first]
        rows = self._heard(start)
        for k, following in enumerate(starts[first + 1 :], start=first + 1):
            after = self._heard(following)
            begin = k * hop + self._context // 2
            end = begin + self._context
            yield rows[done - start : begin - start]
            before, now = rows[begin - start : end - start], after[begin - following :]
            yield before + fade * (now[: self._context] - before)
            rows, start, done = after, following, end
        yield rows[done - start :]

    def _heard(self, left: int) -> np.ndarray:
        """The window that begins at a step."""
        right = min(left + self._window, self.line.steps)
        heard = self._samples.between(left * STEP_SAMPLES, right * STEP_SAMPLES)
        curves, closure, silence = self._run(heard, left, right)
        return np.concatenate([curves, closure[:, None], silence[:, None]], axis=1)


_STEPS: dict[str, type[FeatureSteps] | type[SampleSteps]] = {
    "features": FeatureSteps,
    "samples": SampleSteps,
}


def steps_of(
    network: Network,
    line: Line,
    audio: Audio,
    emotion: Emotion,
    control_set: str,
    known: Known | None = None,
) -> LineSteps:
    """The steps of a line, from what the network hears; parameters as of `_Asked`."""
    return _STEPS[network.hears](network, line, audio, emotion, control_set, known)


def calm(times: np.ndarray) -> np.ndarray:
    """No emotion at all, shape (n, 7); see `Emotion`."""
    return np.zeros((len(times), len(EMOTIONS)), dtype=np.float32)


def _hushed(
    closure: np.ndarray, silence: np.ndarray, loudest: np.ndarray, line: Line
) -> tuple[np.ndarray, np.ndarray]:
    """Closure and silence, with certainty where hardly anything is heard.

    `loudest` has the loudest band of each feature frame, two for each step.
    """
    quiet = (loudest.reshape(-1, 2) < QUIET).all(axis=1)
    if line.level <= QUIETEST_DB:  # noise of the recorder and nothing else
        quiet = np.ones_like(quiet)
    return np.where(quiet, 0.0, closure), np.where(quiet, 1.0, silence)


class _Rolling:
    """A window that moves forward over blocks of rows.

    Parameters
    ----------
    blocks : iterator of ndarray
    first : int
        Number of the first row that the blocks give.
    """

    def __init__(self, blocks: Iterator[np.ndarray], first: int = 0) -> None:
        self._blocks = blocks
        self._rows = next(blocks)
        self._first = first

    def between(self, begin: int, end: int) -> np.ndarray:
        """Rows `begin` to `end`, which never move back."""
        parts, first = [self._rows], self._first
        count = first + len(self._rows)
        while count < end:
            block = next(self._blocks)
            if count <= begin:  # nothing so far is wanted: let it go
                parts, first = [], count
            parts.append(block)
            count += len(block)
        rows = np.concatenate(parts)[begin - first :]
        self._rows, self._first = rows, begin
        return rows[: end - begin]
