"""Asks for the panels to be drawn again, where something they show has changed."""

from __future__ import annotations

import bpy

__all__ = ["redraw_panels"]


def redraw_panels() -> None:
    """Draw the sidebars of the 3D viewports again."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()
