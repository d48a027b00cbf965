"""Settings come back as they were, whatever happens."""

from __future__ import annotations

import pytest

from rigtalk.blender_addon import compat
from rigtalk.blender_addon.changing import changed


def test_settings_are_other_ones_for_a_while(scene) -> None:
    render = scene.render
    render.resolution_x, render.film_transparent = 320, False
    with changed([(render, "resolution_x", 64), (render, "film_transparent", True)]):
        assert (render.resolution_x, render.film_transparent) == (64, True)
    assert (render.resolution_x, render.film_transparent) == (320, False)


def test_after_a_fault_and_after_a_value_that_is_refused(scene) -> None:
    render = scene.render
    render.resolution_x, engine = 320, render.engine
    with (
        pytest.raises(TypeError),
        changed([(render, "resolution_x", 64), (render, "engine", "NONE_SUCH")]),
    ):
        pytest.fail("an engine that there is not was accepted")
    assert (render.resolution_x, render.engine) == (320, engine)


def test_a_film_stays_a_film(scene) -> None:
    settings = scene.render.image_settings
    compat.set_movie_format(settings)
    with changed(compat.picture_settings(settings)):
        assert settings.file_format == "PNG"
    assert settings.file_format == "FFMPEG"


def test_arrays_are_copied_and_a_setting_named_twice_comes_back(scene) -> None:
    world = scene.display.shading
    before = tuple(world.single_color)
    with changed([(world, "single_color", (1, 0, 0)), (world, "single_color", (0, 1, 0))]):
        assert tuple(world.single_color) == (0, 1, 0)
    assert tuple(world.single_color) == before
