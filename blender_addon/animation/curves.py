"""Keys of one F-curve, read and written in bulk."""

from __future__ import annotations

from typing import Any

import numpy as np

from rigtalk.core.keys.curve import Keys

__all__ = ["NO_KEYS", "read_keys", "read_points", "sample", "write_keys"]

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
NOUGHT = frozenset({"easing", "type", "amplitude", "back", "period"})
"""Fields that are 0 in a new key."""


def _empty() -> Keys:
    return Keys(
        *(np.zeros((0, width) if width > 1 else 0, dtype=kind) for _, width, kind in KEY_FIELDS)
    )


NO_KEYS = _empty()


def read_keys(curve: Any) -> Keys:
    """All keys of an F-curve (bpy.types.FCurve)."""
    return Keys(*(_read(curve.keyframe_points, *field) for field in KEY_FIELDS))


def read_points(curve: Any) -> np.ndarray:
    """Frame and value of every key, shape (k, 2), float32."""
    return _read(curve.keyframe_points, *KEY_FIELDS[0])


def write_keys(curve: Any, keys: Keys) -> None:
    """Give an F-curve these keys and no others."""
    points = curve.keyframe_points
    points.clear()
    points.add(len(keys))
    for name, _, _ in KEY_FIELDS:
        rows = getattr(keys, name)
        if name not in NOUGHT or rows.any():
            points.foreach_set(name, rows.ravel())
    curve.update()
    # The update aligns handles anew, a rounding error off, and again with every update; put back,
    # keys that were only read and written stay the same to the bit.
    points.foreach_set("handle_left", keys.handle_left.ravel())
    points.foreach_set("handle_right", keys.handle_right.ravel())


def _read(points: Any, name: str, width: int, kind: type) -> np.ndarray:
    rows: np.ndarray = np.empty(len(points) * width, dtype=kind)
    points.foreach_get(name, rows)
    return rows.reshape(-1, width) if width > 1 else rows


def sample(curve: Any, frames: np.ndarray) -> np.ndarray:
    """Values of a curve at frames, shape (n,), float32: exact where there are keys."""
    if len(curve.modifiers) or not len(curve.keyframe_points):
        return np.array([curve.evaluate(frame) for frame in frames], dtype=np.float32)
    co = read_points(curve)
    at = np.searchsorted(co[:, 0], frames - FRAME_EPSILON)
    keyed = at < len(co)
    keyed[keyed] = np.abs(co[at[keyed], 0] - frames[keyed]) < FRAME_EPSILON
    values = np.empty(len(frames), dtype=np.float32)
    values[keyed] = co[at[keyed], 1]
    values[~keyed] = [curve.evaluate(frame) for frame in frames[~keyed]]
    return values
