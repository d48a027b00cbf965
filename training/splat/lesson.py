"""What there is to learn from some takes: windows of sound, weights, and targets of Gaussians."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.hearing import heard_at
from rigtalk.rigs.errors import RigtalkError

from .takes import HeadTake
from .targets import Truth, moving

__all__ = ["Lesson", "head_size", "make_lessons"]

HELD_OUT = 0.15
"""Share of each take, at its end, that is measured on and not learnt from."""
PROBED = 24
"""Frames in which it is looked up which Gaussians take part."""
MOST_BYTES = 1 << 29
"""Of targets that are kept; frames are left out beyond."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """Frames of takes.

    Attributes
    ----------
    heard : np.ndarray, shape (F, window, 64), float16
    weights : np.ndarray, shape (F, shapes), float32
    targets : np.ndarray, shape (F, m, 9), float16
        See `rigtalk.training.splat.targets`; positions in parts of the head's size.
    """

    heard: np.ndarray
    weights: np.ndarray
    targets: np.ndarray

    def __len__(self) -> int:
        return len(self.weights)


def head_size(head: SplatHead) -> float:
    """The longest side of the box about what its shapes move, or about all of it."""
    reach = np.abs(np.asarray(head.shape_deltas)).max(axis=(0, 2), initial=0.0)
    part = head.mesh.vertices[reach > 0.05 * reach.max(initial=0.0)]
    points = part if len(part) > 3 else head.mesh.vertices
    return float(np.ptp(points.astype(np.float64), axis=0).max())


def make_lessons(
    takes: Sequence[HeadTake],
    head: SplatHead,
    *,
    frames: int,
    window: int,
    seed: int,
    unseen: Sequence[HeadTake] = (),
    always: np.ndarray | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> tuple[np.ndarray, Lesson, Lesson]:
    """Find which Gaussians take part, and their targets.

    Parameters
    ----------
    takes : sequence of HeadTake
    head : SplatHead
    frames : int
        To learn from, at the most.
    window : int
        Frames of sound that the attention hears.
    seed : int
    unseen : sequence of HeadTake
        To measure on; the ends of `takes` if none.
    always : np.ndarray, shape (n,), bool, optional
        Gaussians that take part even if nothing moves them.
    progress : callable
        Called with the share done, 0-1.

    Returns
    -------
    index : np.ndarray, shape (m,)
        The Gaussians, rising.
    learnt, held : Lesson

    Raises
    ------
    RigtalkError
        If the shapes alone already do what the takes show.
    """
    rng = np.random.default_rng(seed)
    splits = [int(len(take) * (1.0 if unseen else 1.0 - HELD_OUT)) for take in takes]
    pool = [(take, i) for take, split in zip(takes, splits, strict=True) for i in range(split)]
    ends = [
        (take, i)
        for take, split in zip(takes, splits, strict=True)
        for i in range(split, len(take))
    ]
    ends += [(take, i) for take in unseen for i in range(len(take))]
    size = head_size(head)
    everyone = Truth.of(head)
    probed = [pool[i] for i in np.linspace(0, len(pool) - 1, PROBED).astype(int)]
    part = np.zeros(len(head), bool) if always is None else always.copy()
    for take, i in probed:
        part |= moving(everyone.targets(take.weights[i], take.vertices(i))[None], size)
    index = np.nonzero(part)[0]
    if not len(index):
        raise RigtalkError(
            "the shapes alone already move the face as these takes do: nothing to learn"
        )
    room = max(16, MOST_BYTES // (18 * len(index)))
    chosen = _some(pool, min(frames, room), rng)
    measured = _some(ends, min(max(frames // 4, 16), room), rng)
    truth = Truth.of(head, index)
    total = len(chosen) + len(measured)

    def lesson(pairs: list[tuple[HeadTake, int]], done: int) -> Lesson:
        targets = np.empty((len(pairs), len(index), 9), np.float16)
        heard = np.empty((len(pairs), window, 64), np.float16)
        for at, (take, i) in enumerate(pairs):
            found = truth.targets(take.weights[i], take.vertices(i))
            found[:, :3] /= size
            targets[at] = found
            heard[at] = heard_at(take.features, take.times[i], window)
            progress((done + at + 1) / total)
        return Lesson(heard, np.stack([take.weights[i] for take, i in pairs]), targets)

    return index, lesson(chosen, 0), lesson(measured, len(chosen))


def _some(
    pairs: list[tuple[HeadTake, int]], most: int, rng: np.random.Generator
) -> list[tuple[HeadTake, int]]:
    if len(pairs) <= most:
        return pairs
    return [pairs[i] for i in np.sort(rng.choice(len(pairs), most, replace=False))]
