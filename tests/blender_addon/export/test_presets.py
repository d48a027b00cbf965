"""The table of presets is whole."""

from __future__ import annotations

import pytest

from rigtalk import rigs
from rigtalk.blender_addon.export.presets import find_preset, presets
from rigtalk.blender_addon.export.writers import WRITERS
from rigtalk.core.arguments import make_parser
from rigtalk.core.errors import RigtalkError
from rigtalk.core.files import CURVE_SUFFIXES

TITLES = {preset.name: preset for preset in presets()}


@pytest.mark.parametrize("name", TITLES)
def test_every_field_is_one_that_is_known(name):
    preset = TITLES[name]
    assert preset.title
    assert not preset.description.endswith(".")
    assert preset.content in ("character", "curves", "board", "values")
    assert preset.names in ("controls", "own")
    assert preset.takes in ("many", "one")
    assert preset.start in ("zero", "scene")
    assert preset.controls in ("", *rigs.control_set_names())
    if preset.content == "values":
        assert f".{preset.format}" in CURVE_SUFFIXES
    else:
        assert preset.format in WRITERS
        # Only numbers are written at another rate than that of the scene.
        assert preset.fps == 0


def test_the_command_line_names_every_preset():
    (verbs,) = (a for a in make_parser({})._actions if a.dest == "verb")
    told = " ".join(verbs.choices["export"].format_help().split())
    assert all(name in told for name in TITLES)


def test_an_unknown_preset_is_refused():
    with pytest.raises(RigtalkError, match="unknown preset 'maya': choose from unreal-arkit, "):
        find_preset("maya")
