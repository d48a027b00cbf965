"""Enabling and disabling leaves Blender as it was."""

from __future__ import annotations

import threading

import bpy

import rigtalk.blender_addon

LABELS = {
    "Gaussian Head",
    "RigTalk",
    "Emotion Mix",
    "Strength",
    "Keys",
    "Layers",
    "Character",
    "Direction",
    "Strength over Time",
    "Preview",
    "Export",
}


def ours() -> set[str]:
    """Everything with our name that Blender knows of."""
    found = {f"type {name}" for name in dir(bpy.types) if name.upper().startswith("RIGTALK")}
    found |= {f"operator {name}" for name in dir(bpy.ops.rigtalk)}
    if hasattr(bpy.types.Scene, "rigtalk"):
        found.add("scene settings")
    for name in dir(bpy.app.handlers):
        handlers = getattr(bpy.app.handlers, name)
        if isinstance(handlers, list):
            found |= {f"handler {name}" for h in handlers if "rigtalk" in (h.__module__ or "")}
    found |= {f"thread {t.name}" for t in threading.enumerate() if t.name == "rigtalk"}
    return found


def test_disabling_leaves_nothing_registered(scene):
    before = ours()
    for _ in range(2):
        rigtalk.blender_addon.register()
        assert {"operator generate", "scene settings", "handler load_pre"} <= ours()
        rigtalk.blender_addon.unregister()
        assert ours() == before


def test_a_panel_for_each_part_is_in_our_tab(extension):
    every = bpy.types.Panel.__subclasses__()
    panels = [cls for cls in every if cls.bl_rna.identifier.startswith("RIGTALK")]
    assert {panel.bl_category for panel in panels} == {"RigTalk"}
    assert {panel.bl_label for panel in panels} == LABELS
