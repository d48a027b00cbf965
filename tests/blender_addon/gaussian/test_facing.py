"""Where a face looks is told from what its controls move."""

from __future__ import annotations

import numpy as np
import pytest

from rigtalk.blender_addon.gaussian.facing import facing

# A tetrahedron-like wedge: one large face that looks along -y, the others elsewhere.
VERTICES = np.array([(-1, 0, -1), (1, 0, -1), (1, 0, 1), (-1, 0, 1), (0, 1, 0)], np.float32)
TRIANGLES = np.array([(0, 1, 2), (0, 2, 3), (1, 0, 4), (2, 1, 4), (3, 2, 4), (0, 3, 4)])
UP = np.array([0.0, 0.0, 1.0])


def turned(angle: float) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return (VERTICES @ np.array([(c, s, 0), (-s, c, 0), (0, 0, 1)])).astype(np.float32)


FRONT = np.array([1.0, 1, 1, 1, 0])
"""How far each vertex of the wedge moves."""


def test_a_face_that_looks_forward() -> None:
    front, up = facing(VERTICES, TRIANGLES, FRONT, UP)
    assert front == (0.0, -1.0, 0.0)
    assert up == (0.0, 0.0, 1.0)


def test_small_slants_are_meant_to_be_straight_and_large_ones_are_not() -> None:
    front, _ = facing(turned(np.radians(10.0)), TRIANGLES, FRONT, UP)
    assert front == (0.0, -1.0, 0.0)
    front, _ = facing(turned(np.radians(40.0)), TRIANGLES, FRONT, UP)
    assert front == pytest.approx((np.sin(np.radians(40)), -np.cos(np.radians(40)), 0), abs=0.1)


@pytest.mark.parametrize("up", [(0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)])
def test_what_moves_all_around_still_has_a_front(up) -> None:
    front, top = facing(VERTICES, TRIANGLES, np.zeros(5), np.array(up))
    assert np.linalg.norm(front) == pytest.approx(1.0)
    assert np.dot(front, top) == pytest.approx(0.0, abs=1e-9)
