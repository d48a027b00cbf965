"""Which way a file's axes point.

Three letters say where +x, +y and +z go as one looks at the front of a face: Right or Left, Up or
Down, Forward (away) or Back (towards the one who looks). Inside rigtalk axes are Blender's.
"""

from __future__ import annotations

import numpy as np

from ...errors import RigtalkError
from ..gaussians import Gaussians

__all__ = ["BLENDER", "between", "converted"]

BLENDER = "RFU"
"""z is up and a face looks to -y, towards the one who looks at it."""

_WAYS = {
    "R": (1, 0, 0), "L": (-1, 0, 0), "U": (0, 1, 0), "D": (0, -1, 0), "F": (0, 0, -1),
    "B": (0, 0, 1),
}  # fmt: skip


def between(source: str, target: str) -> np.ndarray:
    """The orthogonal matrix (3, 3) that takes coordinates in `source` axes to `target` axes."""
    return _axes(target).T @ _axes(source)


def converted(gaussians: Gaussians, source: str, target: str) -> Gaussians:
    """Gaussians in other axes, colours and rotations included."""
    matrix = between(source, target)
    return gaussians if np.array_equal(matrix, np.eye(3)) else gaussians.transformed(matrix)


def _axes(code: str) -> np.ndarray:
    """Columns: where the axes point; RigtalkError if they are not three different ones."""
    ways = [_WAYS.get(letter) for letter in code.upper()]
    if len(ways) == 3 and None not in ways:
        columns = np.array(ways, dtype=np.float64).T
        if abs(np.linalg.det(columns)) == 1:
            return columns
    raise RigtalkError(
        f"axes {code!r} are not known: name where x, y and z point, as in RDF, RUB or RFU"
    )
