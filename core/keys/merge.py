"""New motion among keys that are there: what is kept, what is blended, what is replaced.

First it is decided what of the old keys stays (`Join`), which gives the motion that is wanted at
every frame: the new one, faded into the old one beside everything that stays. Then that motion is
made into keys, for all curves at once (`reduce_keys`), and last the two are put together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .curve import Keys, bezier_keys, join_keys
from .stamp import Stamp, stamp_of

__all__ = ["Join", "edit_count", "hand_edits", "plan_join"]

CLOSEST = 0.5
"""Frames between a new key and one that stays: a new one nearer than this is left out."""
REPAIRS = 12
"""Rounds of adding keys beside keys that stay, whose handles do not fit the new motion."""


@dataclass(frozen=True, eq=False)
class Join:
    """How new motion goes into the keys of one curve.

    Attributes
    ----------
    kept : Keys
        Old keys that stay as they are.
    stamp : Stamp
        What is remembered of keys before the new ones are added.
    target : ndarray, shape (frames,), float32
        The motion that is wanted.
    open : ndarray, shape (frames,), bool
        Frames at which new keys may be put.
    pinned : ndarray, shape (frames,), bool
        Frames beside what stays, where the motion has to be exact.
    edits : int
        Keys changed by hand that stay.
    replaced : int
        Keys changed by hand, or not written by us, that go.
    """

    kept: Keys
    stamp: Stamp
    target: np.ndarray
    open: np.ndarray
    pinned: np.ndarray
    edits: int = 0
    replaced: int = 0

    def finished(
        self, new: Keys, frames: np.ndarray, *, tolerance: float | None, take: int
    ) -> tuple[Keys, Stamp]:
        """The keys of the whole curve, and what to remember of them.

        Parameters
        ----------
        new : Keys
            Keys of `target` on any of the frames.
        frames : ndarray, shape (frames,)
            One apart.
        tolerance : float or None
            How far the curve may be off the target beside keys that stay; None to leave it.
        take : int
            Number of the take that the new keys belong to.
        """
        at = np.round(new.frames - frames[0]).astype(np.intp)
        new = new.chosen(self.open[at])
        if len(self.kept) and tolerance is not None:
            new = self._repaired(new, frames, tolerance)
        return _sorted(self.kept, new), self.stamp.joined(stamp_of(new, take))

    def _repaired(self, new: Keys, frames: np.ndarray, tolerance: float) -> Keys:
        """More new keys where the handles of a key that stays do not lead to the target.

        Wherever else, the new keys fit as they are.
        """
        slope = np.gradient(self.target) if len(self.target) > 1 else np.zeros(1)
        places = np.flatnonzero(self.open)
        frames, target, slope = frames[places], self.target[places], slope[places]
        for _ in range(REPAIRS):
            both = _sorted(self.kept, new)
            off = np.abs(both.evaluate(frames) - target)
            segment = np.searchsorted(both.frames, frames, side="right") - 1
            last = len(both) - 1
            inside = (segment >= 0) & (segment < last)
            left = np.clip(segment, 0, last)
            free = inside & (np.abs(frames - both.frames[left]) > CLOSEST)
            free &= np.abs(frames - both.frames[np.minimum(left + 1, last)]) > CLOSEST
            wrong = np.unique(left[free & (off > tolerance)])
            if len(wrong) == 0:
                return new
            middle = 0.5 * (both.frames[wrong] + both.frames[wrong + 1])
            candidates = np.flatnonzero(free & np.isin(left, wrong))
            added = [
                candidates[left[candidates] == w][
                    np.abs(frames[candidates[left[candidates] == w]] - m).argmin()
                ]
                for w, m in zip(wrong, middle, strict=True)
            ]
            pick = np.array(added)
            extra = bezier_keys(frames[pick], target[pick], slope[pick], slope[pick])
            new = _fitted(_sorted(new, extra), self.kept)
        return new


def _fitted(new: Keys, kept: Keys) -> Keys:
    """New keys with handles that reach a third of the way to keys that have come between."""
    both = np.sort(np.concatenate([new.frames, kept.frames]).astype(np.float64))
    at = np.searchsorted(both, new.frames)
    before = np.diff(both, prepend=both[0] - 1.0)[at]
    after = np.diff(both, append=both[-1] + 1.0)[at]
    sides = []
    for handle, room in ((new.handle_left, before), (new.handle_right, after)):
        arm = handle.astype(np.float64) - new.co
        long = np.maximum(np.abs(arm[:, 0]), 1e-9)
        factor = np.where(long > 0.85 * room, room / 3.0 / long, 1.0)
        sides.append((new.co + arm * factor[:, None]).astype(np.float32))
    fields = {**new.__dict__, "handle_left": sides[0], "handle_right": sides[1]}
    return Keys(**fields)


def _sorted(one: Keys, other: Keys) -> Keys:
    if len(other) == 0:
        return one
    if len(one) == 0:
        return other
    both = join_keys([one, other])
    return both.chosen(np.argsort(both.frames, kind="stable"))


def hand_edits(old: Keys, stamp: Stamp) -> tuple[np.ndarray, np.ndarray]:
    """What was changed by hand since keys were written.

    Returns
    -------
    ndarray, shape (k,), bool
        Keys that were added, moved or changed: within the frames of what was written, but not as
        it was written.
    ndarray, shape (j,), bool
        Entries of the stamp whose key is gone.
    """
    at = stamp.match(old)
    gone = np.ones(len(stamp), dtype=bool)
    gone[at[at >= 0]] = False
    ours = at >= 0
    within = np.zeros(len(old), dtype=bool)
    for take in np.unique(stamp.takes):
        frames = stamp.frames[stamp.takes == take]
        within |= (old.frames >= frames[0] - CLOSEST) & (old.frames <= frames[-1] + CLOSEST)
    return within & ~ours, gone


def edit_count(edited: np.ndarray, gone: np.ndarray) -> int:
    """How many edits `hand_edits` has found: a key that was changed or moved counts once."""
    return int(max(edited.sum(), gone.sum()))


def plan_join(
    old: Keys,
    stamp: Stamp,
    frames: np.ndarray,
    values: np.ndarray,
    *,
    take: int,
    line: tuple[float, float],
    span: tuple[float, float] | None = None,
    keep_edits: bool = True,
    blend: float = 4.0,
) -> Join:
    """Decide how new motion goes into the keys of a curve.

    Parameters
    ----------
    old : Keys
        All keys that are there.
    stamp : Stamp
        What was remembered of them.
    frames, values : ndarray, shape (n,)
        The new motion, frames one apart; where it does not reach, any values.
    take : int
        Number of the take: its earlier keys that are outside `line` go.
    line : tuple of float
        First and last frame of the new motion.
    span : tuple of float, optional
        Only keys in these frames are replaced, and the new motion fades into what is around; None
        for the whole line.
    keep_edits : bool
        Whether keys changed by hand stay, with the curve up to the keys beside them.
    blend : float
        Frames in which new motion fades into old motion.
    """
    edited, gone = hand_edits(old, stamp)
    begin, end = line if span is None else (max(line[0], span[0]), min(line[1], span[1]))
    islands = _islands(old, stamp, edited, gone) if keep_edits and len(old) else []
    safe = _within(old.frames, islands)

    at = stamp.match(old)
    mine = (at >= 0) & (stamp.takes[at] == take) if len(stamp) else np.zeros(len(old), bool)
    reach = mine if span is None else mine & _between(old.frames, span)
    removed = (_between(old.frames, (begin, end)) | reach) & ~safe
    kept = old.chosen(~removed)

    # Frames at which what is there goes on beside a span; None at the open end of a line.
    before, after = kept.frames[kept.frames <= begin], kept.frames[kept.frames >= end]
    left = float(before[-1]) if span is not None and len(before) else None
    right = float(after[0]) if span is not None and len(after) else None
    first, last = (begin if left is None else left), (end if right is None else right)

    room = _between(frames, (first, last))
    far = np.full(len(frames), np.inf)
    if left is not None:
        far = np.minimum(far, frames - begin)
    if right is not None:
        far = np.minimum(far, end - frames)
    for low, high in islands:
        far = np.minimum(far, np.maximum(low - frames, frames - high))
    share = np.clip(far / blend, 0.0, 1.0) if blend > 0.0 else (far > 0.0).astype(float)
    share = share * share * (3.0 - 2.0 * share)
    target = np.asarray(values, dtype=np.float64)
    if (share < 1.0).any():
        faded = share < 1.0
        target = target.copy()
        past = old.evaluate(frames[faded])
        target[faded] = past + share[faded] * (target[faded] - past)
    free = room & ~_within(frames, islands) & ~_near(frames, kept.frames)
    pinned = np.zeros(len(frames), dtype=bool)
    edges = [first, last, *(edge for island in islands for edge in island)]
    if len(frames):
        pinned[np.clip(np.round(np.array(edges) - frames[0]), 0, len(frames) - 1).astype(int)] = 1
    outside = _between(stamp.frames, (begin, end))
    if len(stamp):
        wide = (stamp.takes == take) if span is None else _between(stamp.frames, span)
        outside |= (stamp.takes == take) & wide
    left_over = stamp.chosen(~outside | _within(stamp.frames, islands))
    return Join(
        kept,
        left_over,
        target.astype(np.float32),
        free,
        pinned & room,
        edits=edit_count(edited & ~removed, gone & _within(stamp.frames, islands)),
        replaced=int(((at < 0) & removed).sum()),
    )


def _islands(
    old: Keys, stamp: Stamp, edited: np.ndarray, gone: np.ndarray
) -> list[tuple[float, float]]:
    """Stretches that were changed by hand: from the key before a change to the key after it."""
    frames = old.frames.astype(np.float64)
    places = np.sort(np.concatenate([frames[edited], stamp.frames[gone].astype(np.float64)]))
    before = np.searchsorted(frames, places - 1e-3) - 1
    after = np.searchsorted(frames, places + 1e-3)
    low = np.where(before >= 0, frames[np.maximum(before, 0)], places)
    high = np.where(after < len(frames), frames[np.minimum(after, len(frames) - 1)], places)
    merged: list[tuple[float, float]] = []
    for begin, end in zip(low, high, strict=True):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((float(begin), float(end)))
    return merged


def _between(frames: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    return (frames >= ends[0] - 1e-3) & (frames <= ends[1] + 1e-3)


def _within(frames: np.ndarray, islands: list[tuple[float, float]]) -> np.ndarray:
    inside = np.zeros(len(frames), dtype=bool)
    for island in islands:
        inside |= _between(frames, island)
    return inside


def _near(frames: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which frames are closer to one of some others than new keys may be."""
    if len(others) == 0:
        return np.zeros(len(frames), dtype=bool)
    at = np.searchsorted(others, frames)
    after = np.abs(others[np.minimum(at, len(others) - 1)] - frames)
    before = np.abs(others[np.maximum(at - 1, 0)] - frames)
    return np.minimum(after, before) < CLOSEST
