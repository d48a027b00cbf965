"""What holds for every file: how much of the machine may be used."""

from __future__ import annotations

import os
from dataclasses import dataclass

import bpy

__all__ = ["Limits", "RigTalkPreferences", "limits", "register", "unregister"]

DEFAULT_CACHE_MB = 128


@dataclass(frozen=True)
class Limits:
    """How much of the machine may be used.

    Attributes
    ----------
    threads : int
        Cores for the network, at least 1.
    cache_mb : int
        Memory for waveforms that are shown, in MiB.
    """

    threads: int = 1
    cache_mb: int = DEFAULT_CACHE_MB


class RigTalkPreferences(bpy.types.AddonPreferences):
    """The extension's page in the preferences."""

    bl_idname = __package__

    __annotations__ = {
        "threads": bpy.props.IntProperty(
            name="Threads",
            description="Cores that performing a line may use; Blender keeps the others",
            min=1,
            max=max(1, os.cpu_count() or 1),
            default=1,
        ),
        "cache_mb": bpy.props.IntProperty(
            name="Cache (MiB)",
            description="Memory for the waveforms that are shown; the oldest go first",
            min=8,
            soft_max=1024,
            max=16384,
            default=DEFAULT_CACHE_MB,
        ),
    }

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "threads")
        layout.prop(self, "cache_mb")


def limits() -> Limits:
    """What the preferences say; the defaults where the extension runs without them."""
    addon = bpy.context.preferences.addons.get(__package__)
    found = getattr(addon, "preferences", None)
    return Limits(found.threads, found.cache_mb) if found is not None else Limits()


def register() -> None:
    """Register the page."""
    bpy.utils.register_class(RigTalkPreferences)


def unregister() -> None:
    """Take it back."""
    bpy.utils.unregister_class(RigTalkPreferences)
