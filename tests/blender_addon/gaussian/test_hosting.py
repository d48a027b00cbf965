"""The command line's host takes pictures of characters in files."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest

from rigtalk.blender_addon.gaussian import hosting
from rigtalk.blender_addon.host import BlenderHost
from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.fitting.job import HeadCaptureJob

pytestmark = pytest.mark.usefixtures("needs_drawing", "tiny")


@pytest.fixture
def file(ball, tmp_path) -> Path:
    path = tmp_path / "hero.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return path


def test_pictures_are_taken_and_gone_on_with(file, tmp_path) -> None:
    fractions: list[float] = []
    words = {"scene": file, "quality": "draft", "engine": "workbench", "progress": fractions.append}
    job = HeadCaptureJob(tmp_path / "bake", **words, cancelled=lambda: len(fractions) > 2)
    first = BlenderHost().capture_head(job)
    assert len(first.missing()) == len(first.shots) - 2
    second = BlenderHost().capture_head(HeadCaptureJob(tmp_path / "bake", **words))
    assert not second.missing()
    assert second.facts["engine"] == "workbench"
    assert fractions[0] == 0.0
    assert fractions[3] == pytest.approx(2 / len(first.shots))
    assert fractions[-1] == 1.0


def test_the_embedded_head_is_rendered_by_cycles(tmp_path, monkeypatch) -> None:
    begun = []

    def begin(character, context, path, **words):
        begun.append((character.name, len(context.scene.objects), words["engine"]))
        raise RigtalkError("enough")

    monkeypatch.setattr(hosting, "Capture", begin)
    with pytest.raises(RigtalkError, match="enough"):
        BlenderHost().capture_head(HeadCaptureJob(tmp_path / "bake"))
    # The head, its neck, the camera and three lights.
    assert begun == [("Head", 6, "cycles")]


def test_meshes_of_a_file(file) -> None:
    mesh = BlenderHost().head_mesh(file, "Ball")
    assert mesh.rig == "arkit"
    assert len(mesh.control_names) == 52
    with pytest.raises(RigtalkError, match="name one of Ball"):
        BlenderHost().head_mesh(file, "Nobody")
    with pytest.raises(RigtalkError, match="does not exist"):
        BlenderHost().head_mesh(file.with_name("other.blend"), None)
