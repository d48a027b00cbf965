"""The button that bakes a head."""

from __future__ import annotations

from types import SimpleNamespace

import bpy
import pytest

from rigtalk.blender_addon.gaussian import bake_operator, baking
from rigtalk.blender_addon.gaussian.bake_operator import BakeHeadOperator
from rigtalk.blender_addon.gaussian.baking import Running
from rigtalk.core.splat.files.head_file import read_head
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.head import SplatHead

pytestmark = pytest.mark.usefixtures("needs_drawing", "extension", "tiny")


def quick_fit(folder, options, **_):
    mesh, signature = folder.head.mesh, folder.head.signature
    return SplatHead.bind(Gaussians.empty(), mesh, signature=signature, facts={"psnr view": 30.0})


@pytest.fixture
def settings(ball, monkeypatch, tmp_path):
    monkeypatch.setattr(baking, "fit", quick_fit)
    found = ball.rigtalk_gaussian
    found.quality, found.engine = "draft", "WORKBENCH"
    found.filepath = str(tmp_path / "ball.splathead")
    return found


def test_scripts_get_the_head_at_once(settings, tmp_path) -> None:
    assert bpy.ops.rigtalk.bake_gaussian_head() == {"FINISHED"}
    read_head(tmp_path / "ball.splathead")
    assert settings.filepath == str(tmp_path / "ball.splathead")
    assert settings.progress < 0
    assert settings.status == ""


def test_without_a_file_the_head_goes_beside_the_scene(settings, tmp_path) -> None:
    settings.filepath = ""
    with pytest.raises(RuntimeError, match="save the scene first"):
        bpy.ops.rigtalk.bake_gaussian_head()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "hero.blend"))
    assert bpy.ops.rigtalk.bake_gaussian_head() == {"FINISHED"}
    assert (tmp_path / "Ball.splathead").is_file()
    assert settings.filepath == "//Ball.splathead"


def test_an_ending_is_added(settings, tmp_path) -> None:
    settings.filepath = str(tmp_path / "ball")
    assert bpy.ops.rigtalk.bake_gaussian_head() == {"FINISHED"}
    assert (tmp_path / "ball.splathead").is_file()
    assert settings.filepath == str(tmp_path / "ball.splathead")


def test_complaints_are_one_line(settings, ball) -> None:
    ball.hide_render = True
    with pytest.raises(RuntimeError) as fault:
        bpy.ops.rigtalk.bake_gaussian_head()
    assert "Ball is hidden" in str(fault.value)
    assert len(str(fault.value).strip().splitlines()) == 1


def test_when_the_button_is_grey(settings, ball) -> None:
    assert bpy.ops.rigtalk.bake_gaussian_head.poll()
    assert not bpy.ops.rigtalk.cancel_gaussian_bake.poll()
    bpy.ops.object.mode_set(mode="EDIT")
    assert not bpy.ops.rigtalk.bake_gaussian_head.poll()
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.context.view_layer.objects.active = None
    assert not bpy.ops.rigtalk.bake_gaussian_head.poll()


class Button:
    """What Blender would make of the operator in a window."""

    _timer = None
    _end = BakeHeadOperator._end
    _forget = BakeHeadOperator._forget
    modal = BakeHeadOperator.modal

    def __init__(self) -> None:
        self.told: list[tuple[set[str], str]] = []

    def report(self, kind: set[str], text: str) -> None:
        self.told.append((kind, text))

    def sees(self, kind: str, value: str = "NOTHING") -> set[str]:
        return self.modal(bpy.context, SimpleNamespace(type=kind, value=value))


@pytest.fixture
def button(settings):
    Running.bake = bake_operator._begun(bpy.context)
    yield Button()
    baking.stop()


def test_a_bake_goes_on_tick_by_tick(button, settings, tmp_path) -> None:
    assert button.sees("MOUSEMOVE") == {"PASS_THROUGH"}
    assert button.sees("TIMER") == {"PASS_THROUGH"}
    assert 0 < settings.progress < 1
    assert not bpy.ops.rigtalk.bake_gaussian_head.poll()
    answers = set()
    while Running.bake is not None:
        answers |= button.sees("TIMER")
    assert answers == {"PASS_THROUGH", "FINISHED"}
    assert (tmp_path / "ball.splathead").is_file()
    assert button.told[0][0] == {"INFO"}
    assert settings.progress < 0


def test_escape_and_the_cancel_button(button, settings) -> None:
    button.sees("TIMER")
    assert button.sees("ESC", "PRESS") == {"RUNNING_MODAL"}
    assert button.sees("TIMER") == {"CANCELLED"}
    assert Running.bake is None
    assert settings.status == ""
    Running.bake = bake_operator._begun(bpy.context)
    assert bpy.ops.rigtalk.cancel_gaussian_bake() == {"FINISHED"}
    assert button.sees("TIMER") == {"CANCELLED"}


def test_a_complaint_on_the_way(button, ball, settings) -> None:
    ball.modifiers.new("Smooth", "SUBSURF")
    assert button.sees("TIMER") == {"CANCELLED"}
    assert button.told[0][0] == {"ERROR"}
    assert Running.bake is None
    assert settings.status == ""


def test_another_file_ends_the_bake(button) -> None:
    bpy.ops.wm.read_homefile(use_empty=True)
    assert Running.bake is None
    assert button.sees("TIMER") == {"CANCELLED"}
