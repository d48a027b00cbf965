"""A head that is ready to be drawn."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

from rigtalk.blender_addon.gaussian import open_head
from rigtalk.blender_addon.gaussian.open_head import OpenHead, head_path
from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat import renderer
from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.correctives import Correctives
from rigtalk.core.splat.files.head_file import read_head, write_head
from rigtalk.core.splat.head import SplatHead

pytestmark = pytest.mark.usefixtures("extension")


@pytest.fixture
def corrected(with_head) -> bpy.types.Object:
    """The ball, whose Gaussians vanish as the jaw opens."""
    path = head_path(with_head)
    head = read_head(path)
    mix = np.zeros((len(head.shape_names), 1), np.float32)
    mix[head.shape_names.index("jawOpen")] = 1.0
    bases = {"opacity_logits": np.full((1, len(head)), -20.0)}
    write_head(
        path,
        SplatHead(
            head.gaussians,
            head.triangle,
            head.barycentric,
            head.mesh,
            head.signature,
            head.shape_names,
            head.shape_deltas,
            Correctives.of_dense(mix, bases),
            facts=head.facts,
        ),
    )
    return with_head


def alpha(head: OpenHead) -> float:
    head.follow(bpy.context.evaluated_depsgraph_get())
    camera = Camera.look_at(
        (0, -1, 0), (0, 0, 0), (0, 0, 1), field_of_view=0.3, width=40, height=40
    )
    return float(head.picture(camera)[0][..., 3].mean())


def test_correctives_follow_the_controls(corrected) -> None:
    head = OpenHead(corrected, head_path(corrected))
    before = alpha(head)
    seen = head.revision
    corrected.data.shape_keys.key_blocks["jawOpen"].value = 1.0
    assert alpha(head) < 0.01 < before
    assert head.revision > seen
    corrected.data.shape_keys.key_blocks["jawOpen"].value = 0.0
    assert alpha(head) == pytest.approx(before, abs=1e-3)
    head.close()


def test_correctives_can_wait(corrected) -> None:
    head = OpenHead(corrected, head_path(corrected))
    assert head.follow(bpy.context.evaluated_depsgraph_get(), correct=False)
    corrected.data.shape_keys.key_blocks["jawOpen"].value = 1.0
    depsgraph = bpy.context.evaluated_depsgraph_get()
    assert not head.follow(depsgraph, correct=False)
    assert head.follow(depsgraph)
    head.close()


def test_numpy_draws_few_in_previews_alone(with_head, monkeypatch) -> None:
    monkeypatch.setattr(renderer, "BACKENDS", ("numpy",))
    monkeypatch.setattr(open_head, "_FEW", 40)
    whole = OpenHead(with_head, head_path(with_head))
    quick = OpenHead(with_head, head_path(with_head), quick=True)
    assert whole.renderer.backend == quick.renderer.backend == "numpy"
    assert len(quick.follower.head) <= 40 < len(whole.follower.head)
    assert alpha(quick) > 0.3 * alpha(whole)


def test_paths_of_heads(ball, tmp_path) -> None:
    settings = ball.rigtalk_gaussian
    with pytest.raises(RigtalkError, match="bake one"):
        head_path(ball)
    settings.filepath = "//ball.splathead"
    with pytest.raises(RigtalkError, match="never saved"):
        head_path(ball)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    assert head_path(bpy.data.objects["Ball"]) == Path(tmp_path / "ball.splathead")
