"""Where things go in the strip below the viewport, in pixels; knows nothing of Blender."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

__all__ = ["Box", "Span", "envelope", "free_box", "polyline", "runs", "ticks"]

STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000)
"""Frames between two ticks."""
SHORTEST = 2.0
"""Frames that are shown at least."""


@dataclass(frozen=True)
class Box:
    """A rectangle: its lower left corner and its size, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def top(self) -> float:
        """Its upper edge."""
        return self.y + self.height

    def part(self, low: float, high: float) -> Box:
        """The part between two heights over its lower edge."""
        return Box(self.x, self.y + low, self.width, high - low)

    def inset(self, by: float) -> Box:
        """The rectangle without a margin at its left and right."""
        return Box(self.x + by, self.y, self.width - 2 * by, self.height)


@dataclass(frozen=True)
class Span:
    """Frames from the left edge to the right one."""

    first: float
    last: float

    def x(self, frames: np.ndarray, box: Box) -> np.ndarray:
        """Places of frames in a box, shape as given."""
        share = (np.asarray(frames, dtype=np.float64) - self.first) / (self.last - self.first)
        return box.x + share * box.width

    def holds(self, frame: float) -> bool:
        """Whether a frame is inside."""
        return self.first <= frame <= self.last

    @staticmethod
    def around(first: float, last: float, margin: float = 0.04) -> Span:
        """Some frames, with a share of their number before and after."""
        length = max(last - first, SHORTEST)
        return Span(first - margin * length, first + (1.0 + margin) * length)


def free_box(region: Box, others: Iterable[Box]) -> Box:
    """What is left of a region between those that lie over its edges.

    Parameters
    ----------
    region : Box
    others : iterable of Box
        Tool bars, the sidebar, headers: each takes the edge that it touches.
    """
    left, right, low, high = region.x, region.right, region.y, region.top
    for other in others:
        outside = (
            other.right <= region.x
            or other.x >= region.right
            or other.top <= region.y
            or other.y >= region.top
        )
        if outside:
            continue
        if other.width >= other.height:
            if other.y - region.y <= region.top - other.top:
                low = max(low, other.top)
            else:
                high = min(high, other.y)
        elif other.x - region.x <= region.right - other.right:
            left = max(left, other.right)
        else:
            right = min(right, other.x)
    return Box(left, low, right - left, high - low)


def ticks(span: Span, width: float, apart: float) -> tuple[np.ndarray, int]:
    """Whole frames for ticks with labels.

    Parameters
    ----------
    width : float
        Pixels of the whole span.
    apart : float
        Pixels that two labels need.

    Returns
    -------
    ndarray, shape (n,), int64
    int
        Frames between two of them.
    """
    least = apart * (span.last - span.first) / max(width, 1.0)
    step = next((step for step in STEPS if step >= least), STEPS[-1])
    first, last = math.ceil(span.first / step), math.floor(span.last / step)
    return np.arange(first, last + 1, dtype=np.int64) * step, step


def envelope(lows: np.ndarray, highs: np.ndarray, box: Box) -> np.ndarray:
    """A strip of triangles from the lowest to the highest samples.

    Parameters
    ----------
    lows, highs : ndarray, shape (n,)
        One each for equal parts of the box; ±1 fills its height.

    Returns
    -------
    ndarray, shape (2 * n, 2), float32
    """
    count = len(lows)
    x = box.x + (np.arange(count) + 0.5) * box.width / max(count, 1)
    middle, half = box.y + box.height / 2, box.height / 2
    # Silence is a line of one pixel.
    low = middle + np.minimum(np.clip(lows, -1, 1) * half, -0.5)
    high = middle + np.maximum(np.clip(highs, -1, 1) * half, 0.5)
    points = np.empty((count, 2, 2), dtype=np.float32)
    points[:, :, 0] = x[:, None]
    points[:, 0, 1], points[:, 1, 1] = low, high
    return points.reshape(-1, 2)


def polyline(x: np.ndarray, values: np.ndarray, box: Box) -> np.ndarray:
    """A curve of values 0-1 over the height of a box, shape (n, 2), float32."""
    y = box.y + np.clip(values, 0.0, 1.0) * box.height
    return np.stack([x, y], axis=1).astype(np.float32)


def runs(mask: np.ndarray) -> np.ndarray:
    """First and last index of each stretch that is true, shape (k, 2)."""
    edges = np.diff(np.pad(mask.astype(np.int8), 1))
    return np.stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1], axis=1)
