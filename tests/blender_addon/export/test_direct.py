"""Values from the curves are those that Blender plays; where they are not, it is said."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from rigtalk.blender_addon.animation.keys import Channel
from rigtalk.blender_addon.characters import targets
from rigtalk.blender_addon.export import sampling
from rigtalk.blender_addon.export.direct import direct_values

FRAMES = np.array([-3.0, 1.0, 2.5, 7.25, 10.0, 14.0, 30.0])


def keyed(owner: bpy.types.ID, path: str, *, index: int = -1) -> None:
    """Keys that leave the range, between which Blender's curves overshoot."""
    for frame, value in ((1, 0.0), (6, 1.4), (9, -0.6), (14, 0.5)):
        holder, _, name = path.rpartition(".")
        if holder:
            thing = owner.path_resolve(holder)
            if index < 0:
                setattr(thing, name, value)
            else:
                getattr(thing, name)[index] = value
        else:
            owner[path[2:-2]] = value
        owner.keyframe_insert(path, index=index, frame=frame)


def played(channels, scene, monkeypatch) -> np.ndarray:
    monkeypatch.setattr(sampling, "direct_values", lambda *_: None)
    cast = scene.objects[:]
    return sampling.sample_character((), channels, cast=cast, scene=scene, frames=FRAMES).channels


def test_shape_keys_are_what_blender_plays(face, scene, monkeypatch):
    block = face.data.shape_keys.key_blocks["jawOpen"]
    block.slider_max = 1.2
    keyed(face.data.shape_keys, 'key_blocks["jawOpen"].value')
    face.data.shape_keys.key_blocks["mouthClose"].value = 0.3
    channels = targets.find_target(face).channels
    direct = direct_values(channels, FRAMES)
    np.testing.assert_allclose(direct, played(channels, scene, monkeypatch), atol=1e-6)
    assert np.ptp(direct[:, [c.control for c in channels].index("jawOpen")]) > 0.5


def test_bones_are_what_blender_plays(board, scene, monkeypatch):
    channels = targets.find_target(board).channels
    keyed(board, channels[0].path, index=channels[0].index)
    direct = direct_values(channels, FRAMES)
    np.testing.assert_allclose(direct, played(channels, scene, monkeypatch), atol=1e-6)


def test_properties_are_what_blender_plays(face, scene, monkeypatch):
    face["turn"] = 0.0
    face.id_properties_ui("turn").update(min=-0.2, max=0.9)
    channels = (Channel("headYaw", face, '["turn"]'),)
    keyed(face, '["turn"]')
    direct = direct_values(channels, FRAMES)
    np.testing.assert_allclose(direct, played(channels, scene, monkeypatch), atol=1e-6)


@pytest.mark.parametrize("what", ["driver", "strip", "influence"])
def test_where_more_than_a_curve_counts_the_scene_is_played(face, what):
    keys = face.data.shape_keys
    keyed(keys, 'key_blocks["jawOpen"].value')
    if what == "driver":
        keys.driver_add('key_blocks["mouthClose"].value')
    elif what == "strip":
        keys.animation_data.nla_tracks.new()
    else:
        keys.animation_data.action_influence = 0.5
    assert direct_values(targets.find_target(face).channels, FRAMES) is None
