"""Millimetres that a channel moves things by."""

from __future__ import annotations

import numpy as np
import pytest

from rigtalk import rigs
from rigtalk.blender_addon import compat
from rigtalk.blender_addon.animation.channel import Channel
from rigtalk.blender_addon.animation.curves import read_keys
from rigtalk.blender_addon.animation.keys import write_performance
from rigtalk.blender_addon.animation.options import KeyOptions
from rigtalk.blender_addon.animation.reaches import reaches
from rigtalk.blender_addon.characters import targets
from rigtalk.core.performance import Performance


@pytest.fixture
def jaw(face):
    """jawOpen moves one vertex by 0.03 along y; the object is twice as large as its mesh."""
    block = face.data.shape_keys.key_blocks["jawOpen"]
    block.data[0].co.y += 0.03
    face.scale = (2.0, 2.0, 2.0)
    block.relative_key.data[0].co = block.data[0].co
    block.relative_key.data[0].co.y -= 0.03
    return next(c for c in targets.find_target(face).channels if c.control == "jawOpen")


def test_a_shape_key_reaches_as_far_as_its_furthest_vertex(scene, jaw):
    scene.view_layers[0].update()
    assert reaches([jaw], scene=scene) == [pytest.approx(60.0, rel=1e-3)]
    scene.unit_settings.scale_length = 0.01
    assert reaches([jaw], scene=scene) == [pytest.approx(0.6, rel=1e-3)]


def test_bones_that_deform_are_measured_and_sliders_are_not(scene, board):
    channel = targets.find_target(board).channels[0]
    name = channel.path.split('"')[1]
    bone = board.data.bones[name]
    bone.use_deform = False
    assert reaches([channel], scene=scene) == [None]
    bone.use_deform = True
    turn = Channel("x", board, f'pose.bones["{name}"].rotation_euler')
    expected = [pytest.approx(1000.0), pytest.approx(1000.0 * bone.length)]
    assert reaches([channel, turn], scene=scene) == expected
    assert reaches([Channel("x", board, '["x"]')], scene=scene) == [None]


def test_a_tolerance_in_millimetres_is_kept(scene, face, jaw):
    scene.view_layers[0].update()
    controls = rigs.control_set("arkit")
    values = np.zeros((200, len(controls)), dtype=np.float32)
    time = np.arange(200) / 10
    values[:, controls.index("jawOpen")] = 0.5 + 0.3 * np.sin(time) + 0.1 * np.sin(7.3 * time)
    counts = []
    for mm in (0.05, 1.2):
        options = KeyOptions(share=0.1, mm=mm)
        scene.render.fps, scene.render.fps_base = 60, 1.0
        write_performance(
            Performance(values, 60.0, controls), [jaw], scene=scene, start_frame=0, options=options
        )
        curve = compat.curves_to_read(jaw.owner).fcurves.find(jaw.path)
        keys = read_keys(curve)
        off = np.abs(keys.evaluate(np.arange(200)) - values[:, controls.index("jawOpen")])
        assert off.max() * 60.0 <= mm
        counts.append(len(keys))
    assert counts[0] > 1.5 * counts[1]
