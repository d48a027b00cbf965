"""How much of the machine may be used is asked for once, and obeyed."""

from __future__ import annotations

from types import SimpleNamespace

import bpy
import pytest

from rigtalk.blender_addon import preferences
from rigtalk.blender_addon.dialogue.line import new_line
from rigtalk.blender_addon.preview import overlay

CHOSEN = preferences.Limits(threads=2, cache_mb=64)


@pytest.fixture
def chosen(monkeypatch):
    """Preferences as someone has set them; Blender keeps none for what is no add-on."""
    page = SimpleNamespace(threads=CHOSEN.threads, cache_mb=CHOSEN.cache_mb)
    addons = {preferences.__package__: SimpleNamespace(preferences=page)}
    context = SimpleNamespace(preferences=SimpleNamespace(addons=addons))
    monkeypatch.setattr(preferences, "bpy", SimpleNamespace(context=context))


def test_without_preferences_little_is_used(scene):
    assert preferences.limits() == preferences.Limits(threads=1, cache_mb=128)


def test_what_is_chosen_is_obeyed(chosen):
    assert preferences.limits() == CHOSEN
    assert overlay.WAVEFORMS._limit() == CHOSEN.cache_mb << 20


def test_more_cores_than_there_are_cannot_be_chosen(extension):
    rna = preferences.RigTalkPreferences.bl_rna.properties
    assert rna["threads"].hard_min == 1
    assert 1 <= rna["threads"].hard_max <= 1024
    assert rna["threads"].default == preferences.Limits().threads
    assert rna["cache_mb"].default == preferences.Limits().cache_mb


def test_the_page_draws_every_setting(extension):
    seen: list[str] = []
    layout = SimpleNamespace(prop=lambda _data, name: seen.append(name))
    preferences.RigTalkPreferences.draw(SimpleNamespace(layout=layout), bpy.context)
    assert set(seen) == set(preferences.RigTalkPreferences.__annotations__)


def test_the_network_gets_as_many_threads(extension, face, line, actor, chosen, monkeypatch):
    asked: list[int] = []
    real = actor.load
    monkeypatch.setattr(
        actor, "load", lambda path=None, *, threads=1: asked.append(threads) or real(path)
    )
    spoken = new_line(bpy.context.scene, "Said")
    spoken.character, spoken.audio_path = face, str(line)
    assert bpy.ops.rigtalk.generate() == {"FINISHED"}
    assert asked == [CHOSEN.threads]
