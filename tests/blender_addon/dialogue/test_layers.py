"""Layers of a line: written, muted, scaled, made again alone, and made into one action."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from rigtalk.blender_addon import compat
from rigtalk.blender_addon.dialogue.layer_operators import LAYER_NAMES, strip_of_layer
from rigtalk.blender_addon.dialogue.status import Status, forget_edits, status_of

FRAMES = range(20, 460, 20)


def shown(face: bpy.types.Object, name: str) -> np.ndarray:
    values = []
    for frame in FRAMES:
        bpy.context.scene.frame_set(frame)
        values.append(face.data.shape_keys.key_blocks[name].value)
    return np.array(values)


@pytest.fixture
def layered(spoken, scene):
    """The embedded line in layers, furious."""
    settings = scene.rigtalk
    settings.result, settings.dense, settings.tolerance_mm = "LAYERS", False, 0.0
    spoken.emotion, spoken.intensity = "anger", 1.0
    assert bpy.ops.rigtalk.generate() == {"FINISHED"}
    return spoken


def test_layers_together_are_the_line(layered, face, scene):
    together = {name: shown(face, name) for name in ("jawOpen", "browDownLeft", "eyeBlinkLeft")}
    assert status_of(scene, layered) is Status.GENERATED
    bpy.ops.rigtalk.bake_layers()
    assert strip_of_layer(layered, "lips") is None
    for name, values in together.items():
        np.testing.assert_allclose(shown(face, name), values, atol=0.02)


def test_a_muted_layer_is_not_shown(layered, face):
    assert shown(face, "browDownLeft").max() > 0.2
    bpy.ops.rigtalk.set_layer(layer="emotion", mute=True)
    assert shown(face, "browDownLeft").max() < 0.05
    bpy.ops.rigtalk.set_layer(layer="emotion", mute=False, influence=0.5)
    half = shown(face, "browDownLeft")
    bpy.ops.rigtalk.set_layer(layer="emotion", influence=1.0)
    np.testing.assert_allclose(half, shown(face, "browDownLeft") / 2, atol=0.02)


def test_one_layer_is_made_again_and_the_others_stay(layered, face, scene):
    jaw, lids = shown(face, "jawOpen"), shown(face, "eyeBlinkLeft")
    layered.seed, scene.rigtalk.layer = 9, "blinks"
    bpy.ops.rigtalk.generate()
    np.testing.assert_array_equal(shown(face, "jawOpen"), jaw)
    assert np.abs(shown(face, "eyeBlinkLeft") - lids).max() > 0.1


def test_keys_moved_in_a_layer_are_noticed(layered, scene):
    strip = strip_of_layer(layered, "lips")
    holder = compat.strip_curves(strip)
    holder.fcurves[0].keyframe_points[0].co.y += 0.1
    forget_edits()
    assert status_of(scene, layered) is Status.EDITED


def test_without_layers_there_is_nothing_to_set(spoken):
    assert not bpy.ops.rigtalk.set_layer.poll()
    assert not bpy.ops.rigtalk.bake_layers.poll()
    assert all(strip_of_layer(spoken, layer) is None for layer in LAYER_NAMES)
