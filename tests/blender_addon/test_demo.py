"""The demo leaves everything it promises, and says what it could not do."""

from __future__ import annotations

import ctypes.util
import sys
from importlib.util import find_spec

import bpy
import numpy as np
import pytest

from rigtalk.blender_addon import compat, demo, render
from rigtalk.core.files import read_performance
from rigtalk.core.splat.native.library import library_path

SPEAKS = find_spec("av") is not None and library_path("cpu").is_file()
DRAWS = sys.platform != "linux" or ctypes.util.find_library("EGL") is not None


@pytest.mark.skipif(not DRAWS, reason="needs libegl1 and libgl1-mesa-dri: python build.py test")
def test_every_file_is_there_and_tells_the_same_line(scene, line, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "VIDEO_SECONDS", 0.5)
    said: list[str] = []
    written = demo.make_demo(line, tmp_path / "out", say=said.append)
    assert [path.name for path in written] == [
        "line.csv",
        "line.blend",
        "line.fbx",
        "line.png",
        "line.mp4",
        *(["gaussians.mp4"] if SPEAKS else []),
    ]
    assert SPEAKS or any("no video of the head of Gaussians" in text for text in said)
    assert sorted(written) == sorted((tmp_path / "out").iterdir())
    assert any("first 0.5 s of 8 s" in text for text in said)

    curves = read_performance(written[0])
    bpy.ops.wm.open_mainfile(filepath=str(written[1]))
    opened = bpy.context.scene
    assert {item.type for item in opened.objects} >= {"MESH", "CAMERA", "LIGHT"}
    assert len(compat.scene_sounds(opened)) == 1
    assert opened.frame_end == len(curves)
    blocks = bpy.data.objects["Head"].data.shape_keys.key_blocks
    for frame in (1, 100, 400):
        opened.frame_set(frame)
        shown = [blocks[name].value for name in curves.controls.names[:52]]
        # A CSV rounds to ten decimals.
        np.testing.assert_allclose(shown, curves.values[frame - 1, :52], atol=1e-5)
    assert render._pixels(written[3]).shape[1] == 4 * 360
    movie = compat.strips_of(opened).new_movie(
        name="movie", filepath=str(written[4]), channel=9, frame_start=1
    )
    assert movie.frame_duration == 15


def test_without_a_way_to_draw_the_rest_is_done(scene, line, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "_missing_for_pictures", lambda: "no pictures: install libegl1")
    said: list[str] = []
    monkeypatch.setattr(demo, "VIDEO_SECONDS", 0.1)
    written = demo.make_demo(line, tmp_path, say=said.append)
    kinds = [".csv", ".blend", ".fbx", *([".mp4"] if SPEAKS else [])]
    assert [path.suffix for path in written] == kinds
    assert "no pictures: install libegl1" in said


def test_bad_recordings_get_one_line_and_status_2(scene, tmp_path, capsys):
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"not a recording")
    assert demo.main([str(bad), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.startswith(f"rigtalk: error: {bad}")
    assert not list((tmp_path / "out").iterdir())


def test_inside_blender_only_words_after_the_dashes_count(scene, tmp_path, monkeypatch, capsys):
    words = ["blender", "--background", "--", str(tmp_path / "no.wav"), "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", words)
    assert demo.main() == 2
    assert "no.wav" in capsys.readouterr().err
