"""Characters small enough to be baked in a test."""

from __future__ import annotations

import ctypes.util
import sys

import bpy
import numpy as np
import pytest

from rigtalk import rigs
from rigtalk.core.splat.fitting import plan
from rigtalk.core.splat.fitting.plan import Quality

ARKIT = rigs.control_set("arkit").names[:52]
TINY = Quality(pictures=4, judges=1, size=48, gaussians=200, steps=4, samples=1)


@pytest.fixture
def needs_drawing() -> None:
    """For tests that render."""
    if sys.platform == "linux" and ctypes.util.find_library("EGL") is None:
        pytest.skip("needs libegl1 and libgl1-mesa-dri to draw: python build.py test installs them")


@pytest.fixture
def ball(scene: bpy.types.Scene) -> bpy.types.Object:
    """A ball with the 52 ARKit shape keys, each of which moves a part of its front."""
    bpy.ops.mesh.primitive_uv_sphere_add(segments=16, ring_count=10, radius=0.1)
    thing = bpy.context.object
    thing.name = "Ball"
    rest = np.array([vertex.co for vertex in thing.data.vertices], np.float32)
    front = np.flatnonzero(rest[:, 1] < -0.05)
    thing.shape_key_add(name="Basis")
    for i, name in enumerate(ARKIT):
        block = thing.shape_key_add(name=name)
        block.value = 0.0
        moved = rest.copy()
        moved[front[i % len(front)]] += (0.0, -0.02, 0.001 * i)
        block.data.foreach_set("co", moved.ravel())
    return thing


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Quality:
    """A quality of a few small pictures, under the name of ``"draft"``."""
    monkeypatch.setitem(plan.QUALITIES, "draft", TINY)
    return TINY
