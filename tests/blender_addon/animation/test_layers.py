"""Layers on NLA tracks: together they are the performance, and each can go alone."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from rigtalk import rigs
from rigtalk.blender_addon.animation import baking, layers
from rigtalk.blender_addon.animation.channel import Channel
from rigtalk.blender_addon.animation.homes import layer_strip
from rigtalk.blender_addon.animation.options import KeyOptions
from rigtalk.blender_addon.characters import targets
from rigtalk.core.errors import RigtalkError
from rigtalk.core.layered import LAYERS
from rigtalk.core.performance import Performance
from rigtalk.rigs.response import Response, Term

FRAMES = 48
TOLERANCE = 0.005 * 1.1  # half the tolerance for each of two layers, and rounding


def parts(rig: str = "arkit", seed: int = 0) -> dict[str, Performance]:
    """Smooth layers: lips on the mouth, emotion on mouth and brows, blinks on the lids."""
    controls = rigs.control_set(rig)
    time = np.arange(FRAMES)[:, None] / 24.0
    rng = np.random.default_rng(seed)
    found = {}
    for layer, regions in (
        ("lips", ("mouth", "jaw")),
        ("emotion", ("mouth", "brows")),
        ("blinks", ("eyes",)),
        ("gaze", ("eyes",)),
        ("head", ("head",)),
    ):
        values = np.zeros((FRAMES, len(controls)), dtype=np.float32)
        columns = controls.in_region(*regions)
        phase = rng.uniform(0, 6, len(columns))
        wave = 0.5 + 0.5 * np.sin(time * rng.uniform(1, 8, len(columns)) + phase)
        values[:, columns] = wave * (0.4 if layer == "lips" else 0.2)
        found[layer] = Performance(values, 24.0, controls)
    return found


def total(found: dict[str, Performance]) -> np.ndarray:
    controls = next(iter(found.values())).controls
    return controls.clip(sum(part.values for part in found.values()))


def shown(thing: bpy.types.Object, frame: int) -> np.ndarray:
    bpy.context.scene.frame_set(frame)
    return np.array([block.value for block in thing.data.shape_keys.key_blocks[1:]])


@pytest.fixture
def channels(scene, face):
    scene.render.fps, scene.render.fps_base = 24, 1.0
    return targets.find_target(face).channels


def write(scene, channels, found, **more):
    return layers.write_layers(
        found, channels, scene=scene, start_frame=10, options=KeyOptions(mm=1e6), take="a", **more
    )


def test_layers_together_are_the_performance(scene, face, channels):
    found = parts()
    write(scene, channels, found)
    data = face.data.shape_keys.animation_data
    assert data.action is None
    assert [track.name for track in data.nla_tracks] == [f"RigTalk {layer}" for layer in LAYERS]
    assert layer_strip(face.data.shape_keys, "lips").blend_type == "REPLACE"
    assert layer_strip(face.data.shape_keys, "emotion").blend_type == "ADD"
    expected = total(found)[:, :52]
    for frame in range(10, 10 + FRAMES, 5):
        np.testing.assert_allclose(shown(face, frame), expected[frame - 10], atol=TOLERANCE)


def test_a_muted_or_halved_layer_gives_that_much_less(scene, face, channels):
    found = parts()
    write(scene, channels, found)
    assert layers.set_layer(channels, "blinks", mute=True) == 1
    layers.set_layer(channels, "emotion", influence=0.5)
    arkit = found["lips"].controls
    expected = found["lips"].values + 0.5 * found["emotion"].values + found["gaze"].values
    lids = [c for c in arkit.in_region("eyes") if c < 52]
    without = arkit.clip(expected)
    mouth = [c for c in arkit.in_region("mouth", "brows") if c < 52]
    np.testing.assert_allclose(shown(face, 30)[mouth], without[20, mouth], atol=TOLERANCE)
    np.testing.assert_allclose(shown(face, 30)[lids], without[20, lids], atol=TOLERANCE)


def test_one_layer_is_made_again_and_the_others_stay_bit_identical(scene, face, channels):
    write(scene, channels, parts())
    keys = face.data.shape_keys
    before = {layer: keys_of(keys, layer) for layer in LAYERS if layer != "head"}
    changed = parts() | {"emotion": parts(seed=5)["emotion"]}
    write(scene, channels, changed, only="emotion")
    after = {layer: keys_of(keys, layer) for layer in before}
    for layer in before:
        assert (after[layer] == before[layer]) == (layer != "emotion")
    np.testing.assert_allclose(shown(face, 33), total(changed)[23, :52], atol=TOLERANCE)


def keys_of(owner: bpy.types.ID, layer: str) -> dict[str, bytes]:
    from rigtalk.blender_addon import compat
    from rigtalk.blender_addon.animation.curves import read_keys

    holder = compat.strip_curves(layer_strip(owner, layer))
    return {
        curve.data_path: b"".join(value.tobytes() for value in vars(read_keys(curve)).values())
        for curve in holder.fcurves
    }


def test_a_second_line_goes_into_the_same_strips(scene, face, channels):
    write(scene, channels, parts())
    late = layers.write_layers(
        parts(seed=3), channels, scene=scene, start_frame=200, options=KeyOptions(mm=1e6), take="b"
    )
    assert late.first == 200
    strip = layer_strip(face.data.shape_keys, "lips")
    assert (strip.frame_start, strip.frame_end, strip.scale) == (10, 200 + FRAMES - 1, 1.0)
    np.testing.assert_allclose(shown(face, 20), total(parts())[10, :52], atol=TOLERANCE)
    np.testing.assert_allclose(shown(face, 220), total(parts(seed=3))[20, :52], atol=TOLERANCE)


def test_baking_gives_one_action_that_shows_the_same(scene, face, channels):
    write(scene, channels, parts())
    layers.set_layer(channels, "emotion", influence=0.5)
    before = [shown(face, frame) for frame in range(10, 10 + FRAMES, 7)]
    controls = rigs.control_set("arkit")
    baking.bake_layers(channels, controls, scene=scene, options=KeyOptions(mm=1e6))
    data = face.data.shape_keys.animation_data
    assert data.action is not None
    assert not len(data.nla_tracks)
    assert [action.name for action in bpy.data.actions] == [data.action.name]
    after = [shown(face, frame) for frame in range(10, 10 + FRAMES, 7)]
    np.testing.assert_allclose(after, before, atol=0.005 * 1.01)
    with pytest.raises(RigtalkError, match="no layers"):
        baking.bake_layers(channels, controls, scene=scene)


def test_bones_and_properties_have_layers_too(scene, board):
    scene.render.fps, scene.render.fps_base = 24, 1.0
    target = targets.find_target(board)
    controls = rigs.control_set("metahuman-board")
    found = parts("metahuman-board")
    board["extra"] = 0.0
    extra = Channel("CTRL_C_jaw.Y", board, '["extra"]', response=Response(
        (Term("CTRL_C_jaw.Y", 0.5),), offset=0.25, high=0.4))  # fmt: skip
    layers.write_layers(
        found, [*target.channels, extra], scene=scene, start_frame=1, options=KeyOptions()
    )
    scene.frame_set(21)
    jaw = total(found)[20, controls.index("CTRL_C_jaw.Y")]
    assert board.pose.bones["CTRL_C_jaw"].location.y == pytest.approx(jaw, abs=TOLERANCE)
    assert board["extra"] == pytest.approx(min(0.25 + 0.5 * jaw, 0.4), abs=TOLERANCE)


def test_a_moved_strip_is_refused(scene, face, channels):
    write(scene, channels, parts())
    strip = layer_strip(face.data.shape_keys, "lips")
    strip.frame_start_raw, strip.frame_end_raw = 30, 30 + FRAMES
    with pytest.raises(RigtalkError, match="was moved"):
        write(scene, channels, parts())


def test_keys_in_the_active_action_are_named(scene, face, channels):
    face.data.shape_keys.key_blocks["jawOpen"].keyframe_insert("value", frame=1)
    written = write(scene, channels, parts())
    assert any("hide the layers" in note for note in written.notes)


def test_an_unknown_layer_is_refused(scene, channels):
    with pytest.raises(RigtalkError, match="unknown layer"):
        write(scene, channels, parts(), only="hair")


def test_a_failure_leaves_nothing_behind(scene, face, channels, monkeypatch):
    from rigtalk.blender_addon.animation import write as writing

    calls = []

    def failing(user, data, undo):
        calls.append(user)
        if len(calls) == 3:
            raise OSError("full")

    monkeypatch.setattr(writing, "_write_stamps", failing)
    with pytest.raises(OSError, match="full"):
        write(scene, channels, parts())
    data = face.data.shape_keys.animation_data
    assert not len(data.nla_tracks)
    assert not len(bpy.data.actions)
