"""Playing changes nothing that lasts; what needs a window is in tests/blender_addon/window."""

from __future__ import annotations

from dataclasses import replace

import bpy
import pytest

from rigtalk.blender_addon import compat
from rigtalk.blender_addon.preview import playing
from rigtalk.blender_addon.preview.line import PreviewLine
from rigtalk.core.errors import RigtalkError

needs_sound = pytest.mark.skipif(
    not bpy.app.build_options.audaspace, reason="this Blender was built without sound"
)


@pytest.fixture
def preview(line) -> PreviewLine:
    return PreviewLine("A", line, 5.0, 5.0, 200.0)


def settings(scene) -> tuple:
    return (
        scene.use_preview_range,
        scene.frame_preview_start,
        scene.frame_preview_end,
        scene.sync_mode,
        scene.use_audio,
        len(compat.scene_sounds(scene)),
        len(bpy.data.sounds),
    )


@pytest.fixture
def before(scene) -> tuple:
    scene.frame_preview_start, scene.frame_preview_end = 30, 40
    scene.sync_mode, scene.use_audio = "FRAME_DROP", False
    return settings(scene)


@needs_sound
def test_a_line_plays_with_its_sound_and_everything_is_put_back(scene, preview, before):
    assert playing.begin(bpy.context, preview, first=5.25, last=199.5) == ""
    assert playing.is_playing(bpy.context)
    assert scene.use_preview_range
    assert (scene.frame_preview_start, scene.frame_preview_end) == (5, 200)
    assert scene.sync_mode == "AUDIO_SYNC"
    assert scene.use_audio
    assert scene.frame_current == 5
    (strip,) = compat.scene_sounds(scene)
    assert compat.strip_span(strip)[0] == 5
    playing.stop(bpy.context)
    assert not playing.is_playing(bpy.context)
    assert settings(scene) == before
    assert not bpy.app.handlers.animation_playback_post


def test_however_it_is_stopped(scene, preview, before):
    playing.begin(bpy.context, preview, first=5, last=200)
    bpy.ops.screen.animation_cancel()
    assert settings(scene) == before
    assert not bpy.app.handlers.animation_playback_post


def test_what_the_user_changed_meanwhile_is_kept(scene, preview, before):
    playing.begin(bpy.context, preview, first=5, last=200)
    scene.sync_mode = "NONE"
    playing.stop(bpy.context)
    assert scene.sync_mode == "NONE"
    assert not scene.use_preview_range


@needs_sound
def test_sound_that_is_there_is_used(scene, preview):
    compat.add_sound(scene, audio=preview.audio, frame=5, name="mine")
    playing.begin(bpy.context, preview, first=5, last=200)
    assert len(compat.scene_sounds(scene)) == 1
    playing.stop(bpy.context)
    assert [strip.name for strip in compat.scene_sounds(scene)] == ["mine"]


def test_without_sound_it_plays_and_says_why(scene, preview, before, tmp_path):
    silent = replace(preview, audio=tmp_path / "gone.wav")
    assert "gone.wav" in playing.begin(bpy.context, silent, first=5, last=200)
    assert playing.is_playing(bpy.context)
    playing.stop(bpy.context)
    assert settings(scene) == before


def test_the_second_line_replaces_the_first(scene, preview, before):
    playing.begin(bpy.context, preview, first=5, last=200)
    playing.begin(bpy.context, preview, first=50, last=90)
    assert (scene.frame_preview_start, scene.frame_preview_end) == (50, 90)
    playing.stop(bpy.context)
    assert settings(scene) == before


def test_a_scene_deleted_meanwhile_does_no_harm(scene, preview):
    playing.begin(bpy.context, preview, first=5, last=200)
    bpy.data.scenes.new("Other")
    bpy.context.window.scene = bpy.data.scenes["Other"]
    bpy.data.scenes.remove(scene)
    playing.forget()
    assert not bpy.app.handlers.animation_playback_post


def test_an_empty_range_is_refused(scene, preview):
    with pytest.raises(RigtalkError, match="no frames"):
        playing.begin(bpy.context, preview, first=5, last=5)
