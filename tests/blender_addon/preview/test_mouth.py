"""Curves of the mouth, read from keys wherever they are."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from rigtalk.blender_addon.animation.layers import set_layer, write_layers
from rigtalk.blender_addon.characters import targets
from rigtalk.blender_addon.preview.mouth import mouth_of
from rigtalk.core.layered import LAYERS
from rigtalk.core.performance import Performance

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


def test_layers_of_ours_are_added_up(extension, face, scene):
    channels = targets.find_target(face).channels
    controls = targets.find_target(face).controls
    values = np.zeros((30, len(controls)), dtype=np.float32)
    values[5:20, controls.index("jawOpen")] = 0.4
    still = Performance(np.zeros_like(values), 60.0, controls)
    parts = dict.fromkeys(LAYERS, still) | {"lips": Performance(values, 60.0, controls)}
    parts["emotion"] = Performance(0.5 * values, 60.0, controls)
    write_layers(parts, channels, scene=scene, start_frame=1.0)
    jaw = mouth_of(face)(np.arange(1.0, 31.0)).jaw
    assert jaw == pytest.approx(1.5 * values[:, controls.index("jawOpen")], abs=0.02)
    set_layer(channels, "emotion", mute=True)
    jaw = mouth_of(face)(np.arange(1.0, 31.0)).jaw
    assert jaw.max() == pytest.approx(0.4, abs=0.02)


def test_no_keys_no_mouth_no_character(extension, face):
    assert len(mouth_of(face)(FRAMES).jaw) == 0
    assert len(mouth_of(None)(FRAMES).jaw) == 0
    curves = mouth_of(face)
    bpy.data.objects.remove(face)
    assert len(curves(FRAMES).jaw) == 0
