"""Keys of one F-curve as arrays, and the curve through them as Blender plays it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

__all__ = [
    "ALIGNED",
    "BEZIER",
    "CONSTANT",
    "FREE",
    "LINEAR",
    "Keys",
    "bezier_keys",
    "join_keys",
    "linear_keys",
    "solve_bezier",
]

CONSTANT, LINEAR, BEZIER = 0, 1, 2
"""Interpolations, by their number in Blender's bulk access."""
FREE, ALIGNED = 0, 3
"""Handle types, by their number in Blender's bulk access."""
BISECTIONS = 60
"""Halvings of [0, 1] after which a double does not change any more."""


@dataclass(frozen=True, eq=False)
class Keys:
    """All there is to the keys of one curve.

    Attributes
    ----------
    co, handle_left, handle_right : ndarray, shape (k, 2), float32
        Frame and value of each key and of its handles; frames rise.
    handle_left_type, handle_right_type, interpolation, easing, type : ndarray, shape (k,), int32
        Numbers of Blender's enumerations.
    amplitude, back, period : ndarray, shape (k,), float32
        For easing interpolations.
    """

    co: np.ndarray
    handle_left: np.ndarray
    handle_right: np.ndarray
    handle_left_type: np.ndarray
    handle_right_type: np.ndarray
    interpolation: np.ndarray
    easing: np.ndarray
    type: np.ndarray
    amplitude: np.ndarray
    back: np.ndarray
    period: np.ndarray

    def __len__(self) -> int:
        return len(self.co)

    @property
    def frames(self) -> np.ndarray:
        """Frame of each key, shape (k,), float32."""
        return self.co[:, 0]

    @property
    def values(self) -> np.ndarray:
        """Value of each key, shape (k,), float32."""
        return self.co[:, 1]

    def chosen(self, which: np.ndarray) -> Keys:
        """The keys that a mask or an index array chooses."""
        return Keys(*(getattr(self, field.name)[which] for field in fields(self)))

    def moved(self, frames: float) -> Keys:
        """The same keys, later by some frames."""
        if frames == 0.0:
            return self
        by = np.array([frames, 0.0])
        placed = ((rows + by).astype(np.float32) for rows in self._points)
        return replace(
            self, **dict(zip(("co", "handle_left", "handle_right"), placed, strict=True))
        )

    @property
    def _points(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self.co, self.handle_left, self.handle_right

    def evaluate(self, frames: np.ndarray) -> np.ndarray:
        """The curve at some frames, as Blender plays it.

        Bézier handles that reach beyond the next key are shortened as Blender does it. Easing
        interpolations (sine, bounce, ...) count as straight lines. Before the first and after the
        last key the curve holds.

        Parameters
        ----------
        frames : ndarray, shape (n,)

        Returns
        -------
        ndarray, shape (n,), float32
            0 where there are no keys at all.
        """
        frames = np.asarray(frames, dtype=np.float64)
        if len(self) == 0:
            return np.zeros(len(frames), dtype=np.float32)
        at = np.searchsorted(self.frames, frames, side="right") - 1
        left = np.clip(at, 0, len(self) - 1)
        right = np.minimum(left + 1, len(self) - 1)
        result = self.values[left].astype(np.float64)
        kind = self.interpolation[left]
        moving = (at >= 0) & (right > left) & (kind != CONSTANT) & (frames > self.frames[left])
        straight, curved = moving & (kind != BEZIER), moving & (kind == BEZIER)
        begin, end = self.co[left[straight]].T, self.co[right[straight]].T
        share = (frames[straight] - begin[0]) / (end[0] - begin[0])
        result[straight] = begin[1] + share * (end[1] - begin[1])
        result[curved] = self._bezier(left[curved], frames[curved])
        return result.astype(np.float32)

    def _bezier(self, left: np.ndarray, frames: np.ndarray) -> np.ndarray:
        """Values in the segments that begin at some keys."""
        begin, end = self.co[left].astype(np.float64), self.co[left + 1].astype(np.float64)
        length = end[:, 0] - begin[:, 0]
        out = _shortened(self.handle_right[left] - begin, length)
        back = _shortened(self.handle_left[left + 1] - end, length)
        x0, x1 = begin[:, 0], begin[:, 0] + out[:, 0]
        x2 = end[:, 0] + back[:, 0]
        u = solve_bezier((x1 - x0) / length, (x2 - x0) / length, (frames - x0) / length)
        y1, y2 = begin[:, 1] + out[:, 1], end[:, 1] + back[:, 1]
        v = 1.0 - u
        return (
            v * v * v * begin[:, 1]
            + 3 * v * v * u * y1
            + 3 * v * u * u * y2
            + u * u * u * end[:, 1]
        )


def _shortened(handle: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Handles, relative to their keys, no longer than the segment they are in."""
    reach = np.abs(handle[:, 0])
    factor = np.where(reach > length, length / np.maximum(reach, 1e-30), 1.0)
    return handle * factor[:, None]


def solve_bezier(x1: np.ndarray, x2: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Parameter at which a Bézier from 0 to 1 over two handles passes some places."""
    low, high = np.zeros_like(x), np.ones_like(x)
    u = x.copy()
    for _ in range(BISECTIONS):
        v = 1.0 - u
        here = 3 * v * v * u * x1 + 3 * v * u * u * x2 + u * u * u
        slope = 3 * v * v * x1 + 6 * v * u * (x2 - x1) + 3 * u * u * (1.0 - x2)
        low, high = np.where(here < x, u, low), np.where(here < x, high, u)
        with np.errstate(divide="ignore", invalid="ignore"):
            newton = u - (here - x) / slope
        inside = (newton > low) & (newton < high)
        following = np.where(inside, newton, 0.5 * (low + high))
        if np.array_equal(following, u) or np.abs(here - x).max(initial=0.0) < 1e-11:
            break
        u = following
    return u


def _plain(co: np.ndarray, left: np.ndarray, right: np.ndarray, interpolation: int) -> Keys:
    count = len(co)

    def whole(value: int) -> np.ndarray:
        return np.full(count, value, dtype=np.int32)

    def real(value: float) -> np.ndarray:
        return np.full(count, value, dtype=np.float32)

    return Keys(
        co, left, right, whole(ALIGNED), whole(ALIGNED), whole(interpolation), whole(0), whole(0),
        real(0.0), real(0.0), real(0.0),
    )  # fmt: skip


def linear_keys(frames: np.ndarray, values: np.ndarray) -> Keys:
    """Keys with straight lines between them; frames and values (k,)."""
    co = np.stack([frames, values], axis=1).astype(np.float32)
    reach = np.array([1.0 / 3.0, 0.0], dtype=np.float32)
    keys = _plain(co, co - reach, co + reach, LINEAR)
    free = np.full(len(co), FREE, dtype=np.int32)
    return replace(keys, handle_left_type=free, handle_right_type=free.copy())


def bezier_keys(
    frames: np.ndarray,
    values: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    *,
    reach: np.ndarray | None = None,
) -> Keys:
    """Bézier keys from slopes; handles reach a third of the way, or as far as is said.

    Parameters
    ----------
    frames, values : ndarray, shape (k,)
    left, right : ndarray, shape (k,)
        Slope at which the curve comes to each key and leaves it, in value a frame. Where they are
        equal the handles are aligned, else free.
    reach : ndarray, shape (k - 1, 2), optional
        Share of each segment, 0-1, that its first handle and its last handle reach.
    """
    frames, values = np.asarray(frames, np.float64), np.asarray(values, np.float64)
    length = np.diff(frames)
    shares = np.full((len(length), 2), 1.0 / 3.0) if reach is None else reach
    ends = length[:1] * shares[:1, 0], length[-1:] * shares[-1:, 1]
    if len(length) == 0:
        ends = np.ones(1) / 3.0, np.ones(1) / 3.0
    before = np.concatenate([ends[0], length * shares[:, 1]])
    after = np.concatenate([length * shares[:, 0], ends[1]])
    co = np.stack([frames, values], axis=1).astype(np.float32)
    handle_left = np.stack([frames - before, values - left * before], axis=1).astype(np.float32)
    handle_right = np.stack([frames + after, values + right * after], axis=1).astype(np.float32)
    kind = np.where(np.asarray(left) == np.asarray(right), ALIGNED, FREE).astype(np.int32)
    keys = _plain(co, handle_left, handle_right, BEZIER)
    return replace(keys, handle_left_type=kind, handle_right_type=kind.copy())


def join_keys(parts: Sequence[Keys]) -> Keys:
    """Keys that follow one another, as those of one curve."""
    return Keys(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Keys)))
