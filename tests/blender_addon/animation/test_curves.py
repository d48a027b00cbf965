"""Keys as arrays are what Blender has and plays."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from rigtalk.blender_addon import compat
from rigtalk.blender_addon.animation.curves import KEY_FIELDS, read_keys, sample, write_keys
from rigtalk.core.keys.curve import Keys, linear_keys
from rigtalk.core.keys.reduction import reduce_keys

PLAYED = 2e-5  # Blender solves a Bézier in float32; values of about 1, slopes of about 0.3 a frame


@pytest.fixture
def curve(scene):
    thing = bpy.data.objects.new("Thing", None)
    scene.collection.objects.link(thing)
    return compat.curves_to_write(thing, action_name="Thing").fcurves.new("location", index=1)


def wild(seed: int, count: int = 15) -> Keys:
    """Keys of every plain interpolation with free handles, some of which reach too far."""
    rng = np.random.default_rng(seed)
    frames = np.cumsum(rng.uniform(1.0, 9.0, count)) - 40.0
    keys = linear_keys(frames, rng.uniform(-1, 1, count))
    reach, rise = rng.uniform(0.1, 12.0, (2, count)), rng.uniform(-1, 1, (2, count))
    left = np.stack([frames - reach[0], keys.values + rise[0]], axis=1).astype(np.float32)
    right = np.stack([frames + reach[1], keys.values + rise[1]], axis=1).astype(np.float32)
    kinds = rng.integers(0, 3, count).astype(np.int32)
    return Keys(**{**vars(keys), "handle_left": left, "handle_right": right,
                   "interpolation": kinds})  # fmt: skip


@pytest.mark.parametrize("seed", range(10))
def test_blender_plays_what_is_evaluated(curve, seed):
    keys = wild(seed)
    write_keys(curve, keys)
    frames = np.arange(-50.0, 60.0, 0.25)
    played = [curve.evaluate(frame) for frame in frames]
    np.testing.assert_allclose(keys.evaluate(frames), played, atol=20 * PLAYED)


def test_reduced_keys_play_within_their_tolerance(curve):
    time = np.arange(300) / 24
    values = (np.sin(3 * time) + 0.3 * np.sin(11 * time)).astype(np.float32)
    (keys,) = reduce_keys(values[:, None], np.array([0.01]), first=-30.0)
    write_keys(curve, keys)
    played = np.array([curve.evaluate(frame) for frame in np.arange(300) - 30.0])
    assert np.abs(played - values).max() <= 0.01
    np.testing.assert_allclose(played, keys.evaluate(np.arange(300) - 30.0), atol=PLAYED)


def test_keys_read_back_to_the_bit_however_often(curve):
    time = np.arange(300) / 24
    (keys,) = reduce_keys(np.sin(time * 5)[:, None].astype(np.float32), np.array([0.002]))
    for _ in range(3):
        write_keys(curve, keys)
        again = read_keys(curve)
        for name, _, _ in KEY_FIELDS:
            np.testing.assert_array_equal(getattr(again, name), getattr(keys, name))
        keys = again


def test_samples_are_what_is_seen(curve):
    write_keys(curve, linear_keys(np.array([1.0, 11.0]), np.array([0.0, 1.0])))
    np.testing.assert_allclose(sample(curve, np.array([1.0, 6.0, 11.0])), [0.0, 0.5, 1.0])
    curve.modifiers.new("LIMITS").use_max_y = True
    curve.modifiers[0].max_y = 0.25
    np.testing.assert_allclose(sample(curve, np.array([1.0, 6.0, 11.0])), [0.0, 0.25, 0.25])
