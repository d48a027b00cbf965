"""Pictures and videos hold what they should."""

from __future__ import annotations

import ctypes.util
import sys
from itertools import pairwise

import bpy
import numpy as np
import pytest

from rigtalk.blender_addon import compat, render
from rigtalk.blender_addon.head.scene import create_head, create_studio
from rigtalk.core.errors import RigtalkError

pytestmark = pytest.mark.skipif(
    sys.platform == "linux" and ctypes.util.find_library("EGL") is None,
    reason="needs libegl1 and libgl1-mesa-dri to draw: python build.py test installs them",
)


@pytest.fixture
def studio(scene, line):
    """The head opening its mouth over 30 frames, with sound."""
    head = create_head(scene)
    create_studio(scene, head)
    block = head.data.shape_keys.key_blocks["jawOpen"]
    for frame, value in ((1, 0.0), (30, 1.0)):
        block.value = value
        block.keyframe_insert("value", frame=frame)
    compat.add_sound(scene, audio=line, frame=1, name="line")
    return scene


def pixels(path) -> np.ndarray:
    return render._pixels(path)[..., :3]


def shown_in(video, frames: int, folder) -> list[np.ndarray]:
    """The pictures of a video, as Blender decodes them."""
    player = bpy.data.scenes.new("Player")
    player.view_settings.view_transform = "Standard"
    player.render.fps = 20
    player.render.resolution_x = player.render.resolution_y = 64
    player.frame_start, player.frame_end = 1, frames
    strips = compat.strips_of(player)
    strips.new_movie(name="movie", filepath=str(video), channel=1, frame_start=1)
    player.render.filepath = str(folder / "shown")
    bpy.ops.render.render(animation=True, scene=player.name)
    return [pixels(path) for path in sorted(folder.glob("shown*.png"))]


def test_contact_sheet_shows_other_frames_in_other_places(studio, tmp_path):
    sheet = tmp_path / "sheet.png"
    before = (studio.render.resolution_x, studio.camera.data.lens, studio.render.use_stamp)
    render.render_contact_sheet(
        sheet, scene=studio, frames=[1, 30, 1], labels=["a", "b", "c"], columns=2, size=96, zoom=1.5
    )
    picture = pixels(sheet)
    assert picture.shape == (192, 192, 3)
    # Row 0 is the lowest. The label is in the upper part of each picture.
    shut, opened, again = picture[96:, :96], picture[96:, 96:], picture[:96, :96]
    body = slice(0, 84)
    assert np.abs(shut[body] - opened[body]).max() > 0.1
    np.testing.assert_allclose(shut[body], again[body], atol=2 / 255)
    assert picture[:96, 96:].min() == 1.0
    assert np.abs(shut[84:] - again[84:]).max() > 0.1  # "a" is not "c"
    assert (studio.render.resolution_x, studio.camera.data.lens, studio.render.use_stamp) == before
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.png"]


def test_video_lasts_as_long_as_the_scene_and_is_heard(studio, tmp_path):
    path = tmp_path / "video.mp4"
    done: list[float] = []
    notes = render.render_video(
        path, scene=studio, first=1, last=30, step=3, size=64, progress=done.append
    )
    assert notes == ()
    assert done[-1] == 1.0
    assert bpy.data.scenes.keys() == [studio.name]
    strips = compat.strips_of(studio)
    movie = strips.new_movie(name="movie", filepath=str(path), channel=5, frame_start=1)
    assert movie.fps == pytest.approx(20.0)
    assert movie.frame_duration == 10
    pictures = shown_in(path, 10, tmp_path)
    assert len(pictures) == 10
    steps = [np.abs(b - a).max() for a, b in pairwise(pictures)]
    assert np.abs(pictures[9] - pictures[0]).max() > 0.1  # the mouth has opened
    assert min(steps) > 0  # and no picture is shown twice
    sound = bpy.data.sounds.load(str(path))
    assert sound.samplerate > 0


def test_a_scene_without_a_camera_is_refused(scene, face, tmp_path):
    with pytest.raises(RigtalkError, match="no camera"):
        render.render_contact_sheet(
            tmp_path / "sheet.png", scene=scene, frames=[1], labels=["a"], size=64
        )
    assert not list(tmp_path.iterdir())
