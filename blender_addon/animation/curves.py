"""Keys of one F-curve, read and written in bulk."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["replace_keys", "sample"]

LINEAR = 1
"""Value of the interpolation in bulk access. There is a key on every frame, so that between two of
them a straight line is as exact as any curve, and it cannot overshoot."""

FRAME_EPSILON = 1e-3
"""Keys closer than this, in frames, are on the same frame."""

KEY_FIELDS = (
    ("co", 2, np.float32),
    ("handle_left", 2, np.float32),
    ("handle_right", 2, np.float32),
    ("handle_left_type", 1, np.int32),
    ("handle_right_type", 1, np.int32),
    ("interpolation", 1, np.int32),
    ("easing", 1, np.int32),
    ("type", 1, np.int32),
    ("amplitude", 1, np.float32),
    ("back", 1, np.float32),
    ("period", 1, np.float32),
)
"""All there is to a key: (attribute, numbers, type)."""


def replace_keys(curve: Any, frames: np.ndarray, values: np.ndarray) -> None:
    """Replace the keys from the first to the last of some frames; others stay as they are.

    Parameters
    ----------
    curve : bpy.types.FCurve
    frames, values : ndarray, shape (n,)
        Frames in rising order.
    """
    points = curve.keyframe_points
    before, after = _kept(points, frames[0] - FRAME_EPSILON, frames[-1] + FRAME_EPSILON)
    kept_before, kept_after = len(before["co"]), len(after["co"])
    points.clear()
    points.add(kept_before + len(frames) + kept_after)
    new: dict[str, np.ndarray] = {}
    if kept_before or kept_after:
        new = {name: _read(points, name, width, kind) for name, width, kind in KEY_FIELDS}
        for name, rows in new.items():
            rows[:kept_before] = before[name]
            rows[len(rows) - kept_after :] = after[name]
    inside = slice(kept_before, kept_before + len(frames))
    count = kept_before + len(frames) + kept_after
    co = new.setdefault("co", np.empty((count, 2), dtype=np.float32))
    co[inside, 0] = frames
    co[inside, 1] = values
    new.setdefault("interpolation", np.empty((count, 1), dtype=np.int32))[inside] = LINEAR
    for name, rows in new.items():
        points.foreach_set(name, rows.ravel())
    curve.update()


def _kept(
    points: Any, first: float, last: float
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """All fields of the keys before and after a range of frames."""
    co = _read(points, "co", 2, np.float32)
    before, after = co[:, 0] < first, co[:, 0] > last
    if not (before.any() or after.any()):
        return {"co": co[:0]}, {"co": co[:0]}
    fields = {name: _read(points, name, width, kind) for name, width, kind in KEY_FIELDS}
    return (
        {name: rows[before] for name, rows in fields.items()},
        {name: rows[after] for name, rows in fields.items()},
    )


def _read(points: Any, name: str, width: int, kind: type) -> np.ndarray:
    rows: np.ndarray = np.empty(len(points) * width, dtype=kind)
    points.foreach_get(name, rows)
    return rows.reshape(-1, width)


def sample(curve: Any, frames: np.ndarray) -> np.ndarray:
    """Values of a curve at frames, shape (n,), float32: exact where there are keys."""
    co = _read(curve.keyframe_points, "co", 2, np.float32)
    at = np.searchsorted(co[:, 0], frames - FRAME_EPSILON)
    keyed = at < len(co)
    keyed[keyed] = np.abs(co[at[keyed], 0] - frames[keyed]) < FRAME_EPSILON
    values = np.empty(len(frames), dtype=np.float32)
    values[keyed] = co[at[keyed], 1]
    values[~keyed] = [curve.evaluate(frame) for frame in frames[~keyed]]
    return values
