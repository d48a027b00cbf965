"""Steps in a real window: install the extension, open its tab, click."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy


def steps(window: Any) -> Iterator[Any]:
    archive = window.arguments[0]
    done = bpy.ops.extensions.package_install_files(
        filepath=archive, repo="user_default", enable_on_install=True
    )
    assert done == {"FINISHED"}, done
    yield from window.open_tab("RigTalk")
    with window.measured("idle"):
        yield 1.0
    for area in window.areas():
        area.tag_redraw()
    yield from window.picture("tab")
    (area,) = window.areas()
    region = next(region for region in area.regions if region.type == "WINDOW")
    window.report["selected"] = [item.name for item in bpy.context.selected_objects]
    with window.measured("click"):
        yield from window.click(region.x + region.width // 3, region.y + region.height - 100)
        yield 0.3
    yield from window.picture("clicked")
    window.report["after_click"] = [item.name for item in bpy.context.selected_objects]
    window.report["panels"] = [name for name in dir(bpy.types) if name.startswith("RIGTALK_PT")]
