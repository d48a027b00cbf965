"""Time that one redraw of the tab costs, beside finding the character anew, which it must not do.

A stub takes the place of Blender's layout: what is timed is this extension's own code, and the
polls that Blender asks for every button it draws.
"""

import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import bpy

import rigtalk.blender_addon
from rigtalk import rigs
from rigtalk.blender_addon.characters import targets
from rigtalk.blender_addon.characters.glances import Redraw
from rigtalk.blender_addon.dialogue.line import new_line
from rigtalk.blender_addon.head.scene import create_head

REPEATS = 15
LINES, SHOWN = 200, 8
MESHES, KEYS, OTHERS = 6, 700, 2000


class Layout:
    """Asks of the extension what Blender asks while it draws."""

    def __getattr__(self, _name: str) -> Callable[..., Any]:
        return self._nothing

    def _nothing(self, *_: Any, **__: Any) -> Any:
        return SimpleNamespace()

    def row(self, **_: Any) -> "Layout":
        return Layout()

    column = box = split = row

    def operator(self, name: str, **_: Any) -> Any:
        getattr(bpy.ops.rigtalk, name.partition(".")[2]).poll()
        return SimpleNamespace()

    def operator_menu_enum(self, name: str, *_: Any, **__: Any) -> None:
        self.operator(name)

    def template_list(self, kind: str, _id: str, data: Any, name: str, *_: Any, **__: Any) -> None:
        cls = getattr(bpy.types, kind)
        ui = SimpleNamespace(
            filter_name="", use_filter_sort_alpha=False, bitflag_filter_item=1 << 30
        )
        cls.filter_items(ui, bpy.context, data, name)
        for item in getattr(data, name)[:SHOWN]:
            cls.draw_item(ui, bpy.context, Layout(), data, item, 0, data, "active")


def panels() -> list[type]:
    every = bpy.types.Panel.__subclasses__()
    return [cls for cls in every if cls.is_registered and cls.__module__.startswith("rigtalk.")]


def draw(cls: type) -> None:
    """One redraw of a panel, as Blender does it."""
    poll = getattr(cls, "poll", None)
    if poll is None or poll(bpy.context):
        cls.draw(SimpleNamespace(layout=Layout()), bpy.context)


def redraw() -> None:
    """One redraw of the whole tab, every sub-panel open."""
    Redraw.said.clear()
    for cls in panels():
        draw(cls)


def best(action: Callable[[], object]) -> float:
    """Milliseconds of the fastest of several runs: the one least disturbed by other processes."""
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        action()
        times.append(time.perf_counter() - begin)
    return 1000 * min(times)


def embedded() -> bpy.types.Object:
    return create_head(bpy.context.scene, neck=True)


def heavy() -> bpy.types.Object:
    """A character of 700 shape keys over six meshes, deformed by an armature, in a full scene."""
    scene = bpy.context.scene
    armature = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    scene.collection.objects.link(armature)
    names = rigs.control_set("arkit").names[:52]
    for i in range(MESHES):
        mesh = bpy.data.meshes.new(f"Part{i}")
        mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
        part = bpy.data.objects.new(f"Part{i}", mesh)
        scene.collection.objects.link(part)
        part.parent = armature
        part.modifiers.new("Armature", "ARMATURE").object = armature
        part.shape_key_add(name="Basis")
        own = [*names, *(f"corrective_{i}_{k}" for k in range(KEYS // MESHES - len(names)))]
        for name in own:
            part.shape_key_add(name=name).data[0].co = (0.1, 0.0, 0.0)
    data = bpy.data.meshes.new("Prop")
    for i in range(OTHERS):
        scene.collection.objects.link(bpy.data.objects.new(f"Prop{i}", data))
    return bpy.data.objects["Part0"]


def measure(name: str, make: Callable[[], bpy.types.Object], *, mapped: bool) -> float:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    character = make()
    bpy.context.view_layer.objects.active = character
    for i in range(LINES):
        line = new_line(bpy.context.scene, f"Line {i}")
        line.character, line.audio_path = character, __file__
    if mapped:
        bpy.ops.rigtalk.find_controls()
    anew = best(lambda: targets.find_target(character))
    total = best(redraw)
    print(f"| {name}, {'mapped' if mapped else 'by name'} | {total:.2f} | {anew:.2f} |")
    if "--parts" in sys.argv:
        parts = [(cls.__name__, best(lambda cls=cls: draw(cls))) for cls in panels()]
        for part, cost in sorted(parts, key=lambda row: -row[1]):
            print(f"    {part:24} {cost:7.3f}")
    return total


def main() -> None:
    rigtalk.blender_addon.register()
    Redraw.seconds = 0.05  # as with a window
    print(f"| all panels open, {LINES} lines ({SHOWN} seen) | redraw, ms | finding anew, ms |")
    print("|---|---|---|")
    for mapped in (False, True):
        measure("embedded head", embedded, mapped=mapped)
        measure(f"{KEYS} keys on {MESHES} meshes among {OTHERS} objects", heavy, mapped=mapped)
    rigtalk.blender_addon.unregister()


if __name__ == "__main__":
    main()
