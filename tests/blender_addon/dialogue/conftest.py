"""Lines and who speaks them."""

from __future__ import annotations

import pytest

from rigtalk.blender_addon.dialogue.line import new_line


@pytest.fixture
def settings(extension, scene, line):
    """A line of the list, with a recording and nobody to speak it yet."""
    said = new_line(scene, "Said")
    said.audio_path = str(line)
    said.add_sound = False
    scene.rigtalk.dense = True
    return said


@pytest.fixture
def spoken(settings, face):
    """The same line, and who speaks it."""
    settings.character = face
    return settings
