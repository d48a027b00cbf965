"""Steps in a real window: the mesh of a head of Gaussians is hidden, and comes back as it was."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy

sys.path.append(str(Path(__file__).parent))
from gaussian_scene import (
    MODULE,
    SETTLED,
    addon,
    begin,
    evaluated_type,
    figures,
    head,
    main_area,
    show,
)


def steps(window: Any) -> Iterator[Any]:
    yield from begin(window)
    head().rigtalk_gaussian.filepath = window.arguments[1]
    bpy.context.view_layer.objects.active = head()
    bpy.ops.ed.undo_push(message="before")
    yield from switch_and_undo(window)
    yield from edit(window)
    yield from save_and_load(window)
    yield from stop(window)


def switch_and_undo(window: Any) -> Iterator[Any]:
    """The switch is a step to undo; the mesh is never more than out of sight."""
    report = window.report["switching"] = {"off": evaluated_type()}
    show(True)
    bpy.ops.ed.undo_push(message="on")
    yield SETTLED
    report["on"] = evaluated_type()
    report["object"] = head().display_type
    head().location.x += 0.1
    yield SETTLED
    report["moved"] = evaluated_type()
    bpy.ops.ed.undo_push(message="moved")
    bpy.ops.ed.undo()
    yield SETTLED
    report["undone once"] = evaluated_type()
    yield from undo(window, lambda: not head().rigtalk_gaussian.show)
    yield SETTLED
    report["undone"] = evaluated_type()
    report["none shown"] = figures() is None
    show(True)
    yield SETTLED


def edit(window: Any) -> Iterator[Any]:
    """While the mesh is edited it is seen; changed, it is told; undone, all is well."""
    area = main_area(window)
    report = window.report["editing"] = {"shown": evaluated_type()}
    bpy.context.view_layer.objects.active = head()
    bpy.ops.ed.undo_push(message="before")
    count, before = len(head().data.vertices), polygons()
    with window.inside(area):
        bpy.ops.object.mode_set(mode="EDIT")
    yield SETTLED
    yield from window.picture("editing")
    report["in edit mode"] = evaluated_type()
    with window.inside(area):
        bpy.ops.mesh.select_all(action="SELECT")
        bpy.ops.mesh.quads_convert_to_tris()
        bpy.ops.object.mode_set(mode="OBJECT")
    bpy.ops.ed.undo_push(message="changed")
    yield SETTLED
    yield from window.picture("edited")
    report["same number"] = len(head().data.vertices) == count
    report["fault"] = addon("gaussian.standing").words_of(head())
    report["edited"] = evaluated_type()
    yield from undo(window, lambda: head().mode == "OBJECT" and polygons() == before)
    yield SETTLED
    report["undone"] = evaluated_type()
    report["words undone"] = addon("gaussian.standing").words_of(head())


def undo(window: Any, reached: Callable[[], bool]) -> Iterator[Any]:
    """Undo as often as it takes, with time to be drawn in between."""
    for _ in range(12):
        with window.inside(main_area(window)):
            bpy.ops.ed.undo()
        yield 0.2
        if reached():
            return
    raise AssertionError("nothing more can be undone")


def polygons() -> int:
    return len(head().data.polygons)


def save_and_load(window: Any) -> Iterator[Any]:
    """A file has the switch, and the mesh as the artist has set it."""
    report = window.report["saving"] = {}
    path = str(window.folder / "shown.blend")
    show(True)
    bpy.ops.wm.save_as_mainfile(filepath=path)
    yield SETTLED
    report["shown"] = evaluated_type()
    bpy.ops.wm.open_mainfile(filepath=path)
    report["loaded"] = head().display_type
    report["resumed"] = figures() is not None
    yield SETTLED
    report["shown again"] = evaluated_type()
    yield from window.picture("loaded")


def stop(window: Any) -> Iterator[Any]:
    """Nothing is left behind."""
    show(False)
    yield SETTLED
    report = window.report["stopping"] = {"shown": evaluated_type()}
    yield from window.picture("stopped")
    report["handlers"] = ours("depsgraph_update_post", "frame_change_post")
    show(True)
    yield SETTLED
    report["shown again"] = evaluated_type()
    bpy.ops.preferences.addon_disable(module=MODULE)
    yield SETTLED
    report["disabled"] = evaluated_type()
    names = [name for name in dir(bpy.app.handlers) if name.endswith(("post", "pre"))]
    report["handlers disabled"] = ours(*names)
    yield from window.picture("disabled")


def ours(*names: str) -> list[str]:
    """Handlers of Gaussians that are there."""
    lists = {name: getattr(bpy.app.handlers, name) for name in names}
    return [name for name, all_ in lists.items() if any("gaussian" in f.__module__ for f in all_)]
