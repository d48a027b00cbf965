"""Frame rates of scenes."""

from __future__ import annotations

import pytest

from rigtalk.blender_addon.animation import keys
from rigtalk.blender_addon.scenes import set_scene_fps


@pytest.mark.parametrize(
    ("fps", "expected"), [(24, 24), (29.97, 30 / 1.001), (23.976, 24 / 1.001), (12.5, 12.5)]
)
def test_rates_are_set_as_film_and_television_mean_them(scene, fps, expected):
    set_scene_fps(scene, fps)
    assert keys.scene_fps(scene) == pytest.approx(expected, rel=1e-6)
    assert set_scene_fps(scene, fps) == []
