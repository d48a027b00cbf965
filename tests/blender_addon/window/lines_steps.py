"""Steps in a real window: a list of lines is made, generated, cancelled, undone, given words."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

FPS = 30
MODULE = "bl_ext.user_default.rigtalk"
NAMES = ("Anna", "Bert")


def addon(name: str) -> Any:
    """A module of the installed extension."""
    return importlib.import_module(f"{MODULE}.{name}")


def steps(window: Any) -> Iterator[Any]:
    archive, *recordings = window.arguments
    bpy.ops.extensions.package_install_files(
        filepath=archive, repo="user_default", enable_on_install=True
    )
    yield from characters(window)
    yield from window.open_tab("RigTalk")
    yield from window.picture("empty")
    yield from fill(window, recordings)
    yield from generate(window)
    yield from undo(window)
    yield from cancel(window)
    yield from words(window)
    yield from tour(window)


def characters(window: Any) -> Iterator[Any]:
    for item in tuple(bpy.data.objects):
        bpy.data.objects.remove(item)
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base, scene.frame_end = FPS, 1.0, 700
    (area,) = window.areas()
    for i, name in enumerate(NAMES):
        with window.inside(area):
            bpy.ops.rigtalk.add_head()
        head = bpy.context.object
        head.name = name
        holder = head.parent or head
        holder.location.x = 0.3 * i
    yield 0.5
    with window.inside(area):
        bpy.ops.object.select_all(action="SELECT")
        bpy.ops.view3d.view_selected()
    yield 0.3


def fill(window: Any, recordings: list[str]) -> Iterator[Any]:
    """From the sequencer where this Blender has sound, else the same lines from files."""
    scene = bpy.context.scene
    compat = addon("compat")
    (area,) = window.areas()
    compat.strips_of(scene)
    try:
        for i, recording in enumerate(recordings):
            strip = compat.add_sound(scene, audio=recording, frame=1 + 100 * i, name=f"line {i}")
            strip.channel = 1 + i % len(NAMES)
        for i, name in enumerate(NAMES):
            scene.sequence_editor.channels[1 + i].name = name
        with window.inside(area):
            bpy.ops.rigtalk.fill_from_strips()
        window.report["filled"] = "strips"
    except Exception as fault:  # Debian's Blender is built without sound
        window.report["filled"] = f"files: {str(fault).splitlines()[0]}"
        new_line = addon("dialogue.line").new_line
        for i, recording in enumerate(recordings):
            line = new_line(scene, f"line {i}")
            line.audio_path, line.start_frame = recording, 1 + 100 * i
            line.character = scene.objects[NAMES[i % len(NAMES)]]
            line.add_sound = False
    scene.rigtalk.active = 0
    window.report["lines"] = [[line.name, line.character.name] for line in scene.rigtalk.lines]
    yield from window.picture("lines")


def made() -> list[bool]:
    return [line.made for line in bpy.context.scene.rigtalk.lines]


def running() -> bool:
    return addon("dialogue.queue").Running.queue is not None


def timed_steps() -> list[float]:
    """Milliseconds of every step of the queue: what is ours of a blocked main loop."""
    kind = addon("dialogue.queue").Queue
    step, spent = kind.step, []

    def timed(self: Any, **words: Any) -> bool:
        began = time.perf_counter()
        try:
            return step(self, **words)
        finally:
            spent.append(1000 * (time.perf_counter() - began))

    kind.step = timed
    return spent


def generate(window: Any) -> Iterator[Any]:
    (area,) = window.areas()
    spent = timed_steps()
    with window.inside(area):
        bpy.ops.ed.undo_push(message="before")
    began = time.perf_counter()
    with window.measured("generate"):
        with window.inside(area):
            bpy.ops.rigtalk.generate("INVOKE_DEFAULT", which="ALL")
        yield 0.15
        yield from window.picture("generating")
        yield lambda: not running()
    window.report["own_ms"] = sorted(round(ms, 1) for ms in spent)[-8:]
    window.report["generate_seconds"] = round(time.perf_counter() - began, 3)
    window.report["made"] = made()
    yield from window.picture("generated")


def undo(window: Any) -> Iterator[Any]:
    (area,) = window.areas()
    with window.inside(area):
        bpy.ops.ed.undo()
    yield 0.3
    window.report["made_after_undo"] = made()
    with window.inside(area):
        bpy.ops.ed.redo()
    yield 0.3
    window.report["made_after_redo"] = made()


def cancel(window: Any) -> Iterator[Any]:
    (area,) = window.areas()
    for line in bpy.context.scene.rigtalk.lines:
        line.made = False
    with window.inside(area):
        bpy.ops.rigtalk.generate("INVOKE_DEFAULT", which="ALL")
    yield lambda: any(made())
    with window.inside(area):
        bpy.ops.rigtalk.cancel()
    yield lambda: not running()
    window.report["made_after_cancel"] = made()
    yield from window.picture("cancelled")


def words(window: Any) -> Iterator[Any]:
    """What is said is filled in, generated and changed: the line's status follows."""
    scene = bpy.context.scene
    (area,) = window.areas()
    (line, *_) = scene.rigtalk.lines
    line.character.data.shape_keys.animation_data_clear()
    line.script = Path(window.arguments[1]).with_suffix(".txt").read_text().strip()
    area.tag_redraw()
    yield from window.picture("words")
    with window.inside(area):
        bpy.ops.rigtalk.generate("INVOKE_DEFAULT", which="ACTIVE")
    yield lambda: not running()
    owner = line.character.data.shape_keys
    curves = addon("compat").curves_to_read(owner).fcurves
    window.report["keys_of_words"] = sum(len(curve.keyframe_points) for curve in curves)
    status_of = addon("dialogue.status").status_of
    window.report["words"] = [status_of(scene, line).name]
    line.script = "Other words are said now."
    window.report["words"].append(status_of(scene, line).name)
    area.tag_redraw()
    yield from window.picture("words_changed")
    with window.inside(area):
        bpy.ops.rigtalk.generate("INVOKE_DEFAULT", which="ACTIVE")
    yield lambda: not running()
    window.report["words"].append(status_of(scene, line).name)


def tour(window: Any) -> Iterator[Any]:
    """What else there is to see: the mapping, the strip with keys, and layers."""
    scene = bpy.context.scene
    (area,) = window.areas()
    anna = scene.objects[NAMES[0]]
    with window.inside(area):
        bpy.ops.rigtalk.generate("INVOKE_DEFAULT", which="ALL")
    yield lambda: not running()
    for item in scene.objects:
        item.select_set(item == anna)
    bpy.context.view_layer.objects.active = anna
    with window.inside(area):
        bpy.ops.rigtalk.find_controls()
    scene.frame_set(47)
    bpy.context.window_manager.rigtalk_strip = True
    yield lambda: not addon("preview.overlay").WAVEFORMS.pending
    yield from window.picture("strip")

    scene.rigtalk.result = "LAYERS"
    scene.rigtalk.lines[0].emotion = "joy"
    with window.inside(area):
        bpy.ops.rigtalk.generate("INVOKE_DEFAULT", which="ALL")
    yield lambda: not running()
    window.report["layers"] = [
        track.name for track in anna.data.shape_keys.animation_data.nla_tracks
    ]
    with window.inside(area):
        bpy.ops.rigtalk.set_layer(layer="emotion", influence=0.4)
        bpy.ops.rigtalk.set_layer(layer="gaze", mute=True)
    yield from window.picture("layers")
