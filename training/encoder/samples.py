"""Sound of example shards, as an encoder hears it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from rigtalk.core.steps import SMALLEST_VARIANCE, STEP_SAMPLES
from rigtalk.rigs.errors import RigtalkError

if TYPE_CHECKING:  # examples draw from here
    from ..examples import ExampleShard

__all__ = ["check_samples", "fitted", "heard_samples", "stretches"]


def fitted(samples: np.ndarray, frames: int) -> np.ndarray:
    """Samples of a line, cut or filled with zeros to 320 a frame, float32."""
    whole = np.zeros(frames * STEP_SAMPLES, dtype=np.float32)
    kept = samples[: len(whole)]
    whole[: len(kept)] = kept
    return whole


def heard_samples(shard: ExampleShard, start: int, stop: int, *, normalised: bool) -> np.ndarray:
    """Samples of frames `start` to `stop`, shape (320·frames,), float32.

    Parameters
    ----------
    normalised : bool
        Bring each line to mean 0 and deviation 1, by the whole of it, as the actor does.
    """
    ends = [*shard.starts[1:], shard.frames]
    parts = []
    for first, end in zip(shard.starts, ends, strict=True):
        if first < stop and end > start:
            line = _floats(shard.arrays["samples"][first * STEP_SAMPLES : end * STEP_SAMPLES])
            if normalised:
                line = (line - line.mean()) / np.sqrt(line.var() + SMALLEST_VARIANCE)
            begin = max(start - first, 0) * STEP_SAMPLES
            parts.append(line[begin : (min(stop, end) - first) * STEP_SAMPLES])
    return np.concatenate(parts)


def stretches(shard: ExampleShard, longest: int) -> Iterator[tuple[int, int]]:
    """Begin and end of each line, or of its parts where it has more frames than `longest`."""
    for first, end in zip(shard.starts, [*shard.starts[1:], shard.frames], strict=True):
        for begin in range(int(first), int(end), longest):
            yield begin, min(begin + longest, int(end))


def check_samples(shards: Sequence[ExampleShard]) -> None:
    """Raise RigtalkError unless every shard keeps its sound."""
    for shard in shards:
        if "samples" not in shard.arrays:
            raise RigtalkError(
                f"the examples {shard.name} keep no sound for an encoder: run `rigtalk train "
                "corpus` with the same --encoder first"
            )


def _floats(stored: np.ndarray) -> np.ndarray:
    return stored.astype(np.float32) / np.float32(32768.0)
