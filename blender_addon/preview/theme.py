"""Colours of the strip, taken from the user's theme."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from .. import compat

__all__ = ["Colours", "theme_colours"]

Colour = tuple[float, float, float, float]


@dataclass(frozen=True)
class Colours:
    """Colours by what they are for, red green blue alpha 0-1."""

    table: dict[str, Colour]

    def named(self, name: str) -> Colour:
        """One of them."""
        return self.table[name]


def theme_colours(preferences: bpy.types.Preferences) -> Colours:
    """The colours that go with the user's theme."""
    theme = preferences.themes[0]
    ui, text = theme.user_interface, theme.view_3d.space.text
    back = ui.wcol_menu_back.inner
    head = compat.playhead_colour(theme)
    bright = 0.299 * head[0] + 0.587 * head[1] + 0.114 * head[2] > 0.6
    return Colours(
        {
            "back": _with(back, 0.92),
            "text": _with(text, 1.0),
            "faint": _with(text, 0.6),
            "grid": _with(text, 0.08),
            "edge": _with(text, 0.7),
            "wave": _with(_mixed(theme.sequence_editor.audio_strip, text, 0.35), 0.95),
            "jaw": _with(_mixed(ui.axis_z, text, 0.25), 1.0),
            "lips": _with(ui.axis_y, 1.0),
            "sealed": _with(ui.axis_x, 1.0),
            "playhead": _with(head, 1.0),
            "playhead_text": (0.0, 0.0, 0.0, 1.0) if bright else (1.0, 1.0, 1.0, 1.0),
        }
    )


def _with(colour: bpy.types.bpy_prop_array, alpha: float) -> Colour:
    return colour[0], colour[1], colour[2], alpha


def _mixed(
    first: bpy.types.bpy_prop_array, second: bpy.types.bpy_prop_array, share: float
) -> tuple[float, ...]:
    pairs = zip(tuple(first)[:3], tuple(second)[:3], strict=True)
    return tuple(a + share * (b - a) for a, b in pairs)
