"""Characters small enough to be baked in a test."""

from __future__ import annotations

import ctypes.util
import sys
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np
import pytest

from rigtalk import rigs
from rigtalk.blender_addon.gaussian import labels
from rigtalk.blender_addon.gaussian.extraction import head_mesh_of
from rigtalk.core.splat.files.formats import write_splats
from rigtalk.core.splat.files.head_file import write_head
from rigtalk.core.splat.fitting import plan
from rigtalk.core.splat.fitting.plan import Quality
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.head import SplatHead

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


def cloud(positions: np.ndarray, colour: float = 0.0) -> Gaussians:
    """Small opaque Gaussians at some places."""
    count = len(positions)
    return Gaussians(
        positions,
        np.full((count, 3), -6.0),
        np.tile([1, 0, 0, 0], (count, 1)),
        np.full(count, 4.0),
        np.full((count, 1, 3), colour),
    )


@pytest.fixture
def capture_file(ball: bpy.types.Object, tmp_path: Path) -> Path:
    """A captured head that lies on the ball, but for one Gaussian far away."""
    mesh = ball.data
    places = np.array([polygon.center for polygon in mesh.polygons], np.float32)
    more = np.array([vertex.co for vertex in mesh.vertices], np.float32)
    path = tmp_path / "capture.ply"
    write_splats(path, cloud(np.concatenate([places, more, [[0.0, 0.0, 1.0]]])))
    return path


@pytest.fixture
def with_head(ball: bpy.types.Object, tmp_path: Path) -> bpy.types.Object:
    """The ball with a head of Gaussians: one on each of its vertices, of two sides' colours."""
    made = head_mesh_of(ball, bpy.context)
    gaussians = cloud(made.mesh.vertices)
    gaussians.sh[:, 0] = np.where(made.mesh.vertices[:, :1] > 0, 0.9, -0.9) * [1.0, 0.3, 0.1]
    head = SplatHead.bind(
        gaussians,
        made.mesh,
        signature=made.signature,
        shape_names=made.control_names,
        shape_deltas=made.control_deltas,
        facts={**made.facts(), "psnr view": 34.56},
    )
    write_head(tmp_path / "ball.splathead", head)
    ball.rigtalk_gaussian.filepath = str(tmp_path / "ball.splathead")
    labels.forget()
    return ball


def complaint(operator: Callable[..., object], **words: object) -> str:
    """The one line with which an operator refuses to do something."""
    with pytest.raises(RuntimeError) as caught:
        operator(**words)
    (line,) = str(caught.value).strip().splitlines()
    return line
