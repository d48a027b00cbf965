"""Movements that happen at moments, evaluated at any times."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

__all__ = ["add_events", "ease"]


def ease(x: np.ndarray) -> np.ndarray:
    """0 up to 0, 1 from 1 on, and a smooth step without a corner in between."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def add_events(
    out: np.ndarray,
    times: np.ndarray,
    begins: np.ndarray,
    ends: np.ndarray,
    *,
    shape: Callable[[int, np.ndarray], np.ndarray],
) -> None:
    """Add every event to a curve.

    Parameters
    ----------
    out : ndarray, shape (n,)
        Changed in place.
    times : ndarray, shape (n,)
        Seconds, rising.
    begins, ends : ndarray, shape (events,)
        Seconds; begins rise.
    shape : callable
        ``shape(event, seconds since its begin) -> values``.
    """
    for event, part in _overlapping(times, begins, ends):
        out[part] += shape(event, times[part] - begins[event])


def _overlapping(
    times: np.ndarray, begins: np.ndarray, ends: np.ndarray
) -> Iterator[tuple[int, slice]]:
    if len(times) == 0 or len(begins) == 0:
        return
    longest = float(np.max(ends - begins))
    first = np.searchsorted(begins, times[0] - longest)
    stop = np.searchsorted(begins, times[-1], side="right")
    for event in range(first, stop):
        low, high = np.searchsorted(times, [begins[event], ends[event]])
        if high > low:
            yield event, slice(low, high)
