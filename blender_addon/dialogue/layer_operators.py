"""Layers of the active line's character: muted, scaled, and made into one action again."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy

from rigtalk.core.errors import RigtalkError

from ..animation.baking import bake_layers
from ..animation.homes import layer_strip
from ..animation.layers import set_layer
from ..characters import targets
from ..translations.text import translated
from . import jobs
from .line import LAYER_ITEMS, active_line, settings_of
from .queue import Running

__all__ = ["CLASSES", "LAYER_NAMES", "influence_of", "strip_of_layer"]

LAYER_NAMES = {name: title for name, title, _ in LAYER_ITEMS if name != "ALL"}
"""Layers and what they are called."""


class _OfLayers:
    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        reason = _why_not(context)
        if reason:
            cls.poll_message_set(reason)  # type: ignore[attr-defined]
        return not reason


class LayerOperator(_OfLayers, bpy.types.Operator):
    """Mute a layer of the character, or show it to a share"""

    bl_idname = "rigtalk.set_layer"
    bl_label = "Set Layer"
    bl_options: ClassVar = {"REGISTER", "UNDO"}
    __annotations__ = {
        "layer": bpy.props.EnumProperty(
            name="Layer",
            description="The layer that is muted or scaled",
            items=[item for item in LAYER_ITEMS if item[0] != "ALL"],
        ),
        "mute": bpy.props.BoolProperty(name="Mute", description="Leave the layer out"),
        "influence": bpy.props.FloatProperty(
            name="Influence",
            description="How much of the layer is shown",
            min=0.0,
            max=1.0,
            default=1.0,
            subtype="FACTOR",
        ),
    }

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        strip = strip_of_layer(active_line(context.scene), self.layer)
        if strip is not None:
            self.influence = influence_of(strip)
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        target = targets.find_target(active_line(context.scene).character)
        # Lips are what the other layers lie on: shown to a share they would still be all there is.
        influence = None if self.layer == "lips" else self.influence
        if not set_layer(target.channels, self.layer, mute=self.mute, influence=influence):
            self.report({"ERROR"}, f"{target.object_name} has no layer {self.layer}")
            return {"CANCELLED"}
        return {"FINISHED"}


class BakeLayersOperator(_OfLayers, bpy.types.Operator):
    """Make the layers, muted and scaled as they are, into keys of one action"""

    bl_idname = "rigtalk.bake_layers"
    bl_label = "Bake Layers"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene = context.scene
        try:
            target = targets.find_target(active_line(scene).character)
            keys = jobs.options_of(settings_of(scene)).keys
            written = bake_layers(target.channels, target.controls, scene=scene, options=keys)
        except RigtalkError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        self.report(
            {"INFO"}, translated("{}: {} keys in one action", target.object_name, written.keys)
        )
        return {"FINISHED"}


def strip_of_layer(line: Any | None, layer: str) -> bpy.types.NlaStrip | None:
    """The strip that a layer of a line's character is shown by: the first of them, or None."""
    if line is None or line.character is None:
        return None
    owners = targets.owners_of_glance(targets.glance(line.character))
    strips = (layer_strip(owner, layer) for owner in owners)
    return next((strip for strip in strips if strip is not None), None)


def influence_of(strip: bpy.types.NlaStrip) -> float:
    """How much of a strip is shown, 0-1; what it says of itself counts only where it is keyed."""
    return strip.influence if strip.use_animated_influence else 1.0


def _why_not(context: bpy.types.Context) -> str:
    if Running.queue is not None:
        return translated("Lines are being generated")
    line = active_line(context.scene)
    if line is None:
        return translated("Add a line first")
    if not any(strip_of_layer(line, layer) for layer in LAYER_NAMES):
        return translated("The character has no layers: generate with Keys set to NLA Layers")
    return ""


CLASSES = (LayerOperator, BakeLayersOperator)
