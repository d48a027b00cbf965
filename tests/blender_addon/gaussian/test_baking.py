"""A bake ends with a file or with all it has done so far."""

from __future__ import annotations

import threading

import bpy
import numpy as np
import pytest

from rigtalk.blender_addon.gaussian import baking, standing
from rigtalk.blender_addon.gaussian.baking import Bake, BakeOptions
from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.files.head_file import read_head
from rigtalk.core.splat.fitting.fit import FitState
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.head import SplatHead

pytestmark = pytest.mark.usefixtures("needs_drawing", "tiny")


def some_head(folder) -> SplatHead:
    """What a fit could give: a Gaussian on each vertex."""
    mesh = folder.head.mesh
    count = len(mesh.vertices)
    gaussians = Gaussians(
        mesh.vertices,
        np.full((count, 3), -4.0),
        np.tile([1.0, 0.0, 0.0, 0.0], (count, 1)),
        np.ones(count),
        np.zeros((count, 1, 3)),
    )
    facts = folder.head.facts() | {"psnr view": 33.3}
    return SplatHead.bind(gaussians, mesh, signature=folder.head.signature, facts=facts)


def quick_fit(folder, options, *, checkpoint, progress, cancelled):
    assert not folder.missing()
    progress(FitState(0.5, 1, 2, options.gaussians, 30.0, 1.0))
    return some_head(folder)


@pytest.fixture
def quick(monkeypatch) -> None:
    monkeypatch.setattr(baking, "fit", quick_fit)


def begin(ball, tmp_path, **words) -> Bake:
    options = BakeOptions(tmp_path / "ball.splathead", "draft", "workbench", **words)
    return Bake(ball, bpy.context, options)


def step(bake: Bake, times: int = 1) -> None:
    for _ in range(times):
        bake.step(bpy.context, threaded=False)


def finish(bake: Bake) -> None:
    while not bake.done:
        step(bake)


@pytest.mark.usefixtures("quick")
def test_a_bake_from_begin_to_end(ball, tmp_path) -> None:
    bake = begin(ball, tmp_path)
    fractions = [bake.fraction]
    while not bake.done:
        step(bake)
        fractions.append(bake.fraction)
        if not bake.done:
            assert standing.words_of(ball)
    assert fractions[0] == 0.0
    assert 0.4 < max(fractions) <= 1.0
    head = read_head(tmp_path / "ball.splathead")
    assert len(head) == len(ball.data.vertices)
    assert not (tmp_path / "ball.bake").exists()
    bake.hush()
    assert standing.words_of(ball) == ""


@pytest.mark.usefixtures("quick")
def test_a_cancelled_bake_is_gone_on_with(ball, tmp_path) -> None:
    bake = begin(ball, tmp_path)
    step(bake, 3)
    bake.cancel()
    assert bake.done
    assert bake.head is None
    assert not (tmp_path / "ball.splathead").exists()
    again = begin(ball, tmp_path)
    assert again.fraction == pytest.approx(bake.fraction)
    assert again.fraction > 0
    finish(again)
    assert (tmp_path / "ball.splathead").is_file()


def test_fitting_in_a_thread_can_be_cancelled(ball, tmp_path, monkeypatch) -> None:
    begun = threading.Event()

    def patient_fit(folder, options, *, checkpoint, progress, cancelled):
        begun.set()
        while not cancelled():
            threading.Event().wait(0.01)

    monkeypatch.setattr(baking, "fit", patient_fit)
    bake = begin(ball, tmp_path)
    while not begun.is_set():
        bake.step(bpy.context, threaded=True)
    assert not bake.done
    bake.cancel()
    while not bake.done:
        bake.step(bpy.context, threaded=True)
    assert bake.head is None
    assert (tmp_path / "ball.bake").is_dir()
    again = begin(ball, tmp_path)
    again.step(bpy.context, threaded=True)
    again.stop()
    assert again.done
    assert not [thread for thread in threading.enumerate() if thread.name == "rigtalk"]


def test_a_fit_that_fails_says_why_and_keeps_the_pictures(ball, tmp_path, monkeypatch) -> None:
    def poor_fit(*_: object, **__: object) -> None:
        raise RigtalkError("the disk is full")

    monkeypatch.setattr(baking, "fit", poor_fit)
    bake = begin(ball, tmp_path)
    with pytest.raises(RigtalkError, match="disk is full"):
        finish(bake)
    monkeypatch.setattr(baking, "fit", quick_fit)
    again = begin(ball, tmp_path)
    assert again.fraction == pytest.approx(0.5)
    finish(again)
    assert (tmp_path / "ball.splathead").is_file()


def test_pictures_wait_while_the_user_edits(ball, tmp_path) -> None:
    bake = begin(ball, tmp_path)
    bpy.ops.object.mode_set(mode="EDIT")
    step(bake, 2)
    assert bake.fraction == 0.0
    bpy.ops.object.mode_set(mode="OBJECT")
    scene = bpy.context.scene
    bpy.context.window.scene = bpy.data.scenes.new("Elsewhere")
    step(bake, 2)
    assert bake.fraction == 0.0
    bpy.context.window.scene = scene
    step(bake)
    assert bake.fraction > 0.0


def test_a_character_that_is_removed(ball, tmp_path) -> None:
    bake = begin(ball, tmp_path)
    step(bake)
    bpy.data.objects.remove(ball)
    with pytest.raises(RigtalkError, match="not in the scene"):
        step(bake)
    bake.stop()


def test_bad_places_and_options(ball, tmp_path) -> None:
    with pytest.raises(RigtalkError, match="no folder"):
        begin(ball, tmp_path / "nowhere")
    with pytest.raises(RigtalkError, match="gaussians of a bake"):
        begin(ball, tmp_path, gaussians=3)
    assert not list(tmp_path.iterdir())
