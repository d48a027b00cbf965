"""Curves of the mouth, read from keys wherever they are."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from rigtalk.blender_addon.preview.mouth import mouth_of

FRAMES = np.arange(1.0, 31.0)


def key(face, name: str, frame: float, value: float) -> None:
    block = face.data.shape_keys.key_blocks[name]
    block.value = value
    block.keyframe_insert("value", frame=frame)


@pytest.fixture
def speaking(face):
    for frame, jaw in ((1, 0.0), (10, 0.5), (20, 0.5), (30, 0.0)):
        key(face, "jawOpen", frame, jaw)
    for frame, close in ((12, 0.0), (14, 0.5), (16, 0.5), (18, 0.0)):
        key(face, "mouthClose", frame, close)
    key(face, "mouthPucker", 5, 0.25)
    return face


def test_jaw_lips_and_closures_are_read(extension, speaking):
    mouth = mouth_of(speaking)(FRAMES)
    assert mouth.jaw[[0, 9, 19, 29]] == pytest.approx([0.0, 0.5, 0.5, 0.0])
    assert (mouth.lips == 0.25).all()
    assert set(FRAMES[mouth.sealed]) == {14, 15, 16}


def test_layers_are_read_too(extension, speaking):
    data = speaking.data.shape_keys.animation_data
    before = mouth_of(speaking)(FRAMES)
    track = data.nla_tracks.new()
    track.strips.new("lips", 1, data.action)
    data.action = None
    assert mouth_of(speaking)(FRAMES).jaw == pytest.approx(before.jaw)
    track.mute = True
    assert len(mouth_of(speaking)(FRAMES).jaw) == 0


def test_no_keys_no_mouth_no_character(extension, face):
    assert len(mouth_of(face)(FRAMES).jaw) == 0
    assert len(mouth_of(None)(FRAMES).jaw) == 0
    curves = mouth_of(face)
    bpy.data.objects.remove(face)
    assert len(curves(FRAMES).jaw) == 0
