"""Steps in a real window: a head is baked while the user works, cancelled, and gone on with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

sys.path.append(str(Path(__file__).parent))
from gaussian_scene import addon, begin, head, main_area

PATIENT = 120.0
"""Seconds that a bake may take."""


def steps(window: Any) -> Iterator[Any]:
    yield from begin(window)
    file = window.folder / "small.splathead"
    prepare(file)
    yield from window.open_tab("RigTalk")
    yield from cancelled(window, file)
    yield from finished(window, file)


def prepare(file: Path) -> None:
    from rigtalk.core.splat.fitting import plan

    small = plan.Quality(pictures=30, judges=1, size=64, gaussians=500, steps=40, samples=1)
    plan.QUALITIES["draft"] = small
    settings = head().rigtalk_gaussian
    settings.filepath, settings.quality, settings.engine = str(file), "draft", "WORKBENCH"
    jaw = head().data.shape_keys.key_blocks["jawOpen"]
    jaw.value = 0.25
    bpy.context.view_layer.objects.active = head()


def press_bake(window: Any) -> None:
    with window.inside(main_area(window)):
        assert bpy.ops.rigtalk.bake_gaussian_head("INVOKE_DEFAULT") == {"RUNNING_MODAL"}


def running() -> Any:
    return addon("gaussian.baking").Running.bake


def cancelled(window: Any, file: Path) -> Iterator[Any]:
    """Escape ends the bake within a picture; the pictures stay."""
    press_bake(window)
    yield lambda: running() is None or running().fraction > 0.1
    window.report["words"] = head().rigtalk_gaussian.status
    region = next(r for r in main_area(window).regions if r.type == "WINDOW")
    yield from window.press("ESC", x=region.x + 200, y=region.y + 200)
    yield lambda: running() is None
    window.report["after escape"] = {
        "file": file.exists(),
        "pictures": len(list(file.with_suffix(".bake").glob("shot-*.npz"))),
        "status": head().rigtalk_gaussian.status,
    }


def finished(window: Any, file: Path) -> Iterator[Any]:
    """While the next bake goes on, the user scrubs, undoes and saves."""
    scene = bpy.context.scene
    press_bake(window)
    window.report["begins at"] = round(running().fraction, 3)
    jaw = []
    frame = 1
    with window.measured("bake"):
        for _ in range(round(PATIENT / 0.2)):
            if running() is None:
                break
            frame += 1
            scene.frame_set(frame)
            jaw.append(round(head().data.shape_keys.key_blocks["jawOpen"].value, 4))
            if frame == 4:
                bpy.ops.wm.save_as_mainfile(filepath=str(window.folder / "meanwhile.blend"))
            yield 0.2
    window.report["jaw"] = sorted(set(jaw))
    window.report["frame"] = frame
    window.report["ended"] = running() is None
    window.report["file"] = file.exists()
    window.report["engine"] = scene.render.engine
    window.report["objects"] = sorted(thing.name for thing in scene.objects)
    window.report["left"] = file.with_suffix(".bake").exists()
    yield from window.picture("baked")
