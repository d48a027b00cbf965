"""Steps in a real window: a line is tried, played, shown in the strip, and all is put back."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator
from typing import Any

import bpy

FPS = 30
MODULE = "bl_ext.user_default.rigtalk"


def addon(name: str) -> Any:
    """A module of the installed extension."""
    return importlib.import_module(f"{MODULE}.{name}")


def steps(window: Any) -> Iterator[Any]:
    archive, *recordings = window.arguments
    bpy.ops.extensions.package_install_files(
        filepath=archive, repo="user_default", enable_on_install=True
    )
    yield from scene_of(window, recordings)
    yield from window.open_tab("RigTalk")
    yield from show(window)
    watch(window)
    yield from try_out(window, "first_try")
    yield from play_and_stop(window)
    yield from try_out(window, "second_try", frame=100)
    plain(window, True)
    yield from try_out(window, "third_try", frame=160)
    yield from generate(window)
    plain(window, False)
    yield from look(window)
    yield from turn_off(window)


def scene_of(window: Any, recordings: list[str]) -> Iterator[Any]:
    for item in tuple(bpy.data.objects):
        bpy.data.objects.remove(item)
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base, scene.frame_end = FPS, 1.0, 700
    (area,) = window.areas()
    with window.inside(area):
        bpy.ops.rigtalk.add_head()
    yield 0.5
    new_line = addon("dialogue.line").new_line
    start = 1
    for number, recording in enumerate(recordings):
        line = new_line(scene, f"Line {number + 1}")
        line.audio_path, line.start_frame = recording, start
        line.character = bpy.context.object
        start += 260
    scene.rigtalk.active = 0
    yield 0.2


def show(window: Any) -> Iterator[Any]:
    draws: list[float] = []
    overlay = addon("preview.overlay")
    drawn = overlay._draw

    def timed() -> None:
        began = time.perf_counter()
        drawn()
        draws.append(1000 * (time.perf_counter() - began))

    overlay._draw = timed
    window.draws = draws
    bpy.context.window_manager.rigtalk_strip = True
    yield lambda: draws and not overlay.WAVEFORMS.pending
    yield from window.picture("waveform")
    window.report["draws_at_first_ms"] = [round(ms, 2) for ms in draws]
    draws.clear()
    yield 0.5
    window.report["draws_when_idle"] = len(draws)


def key_count() -> int:
    curves = addon("compat").curves_to_read(bpy.data.objects["Head"].data.shape_keys)
    return sum(len(curve.keyframe_points) for curve in curves.fcurves) if curves else 0


def main_area(window: Any) -> bpy.types.Area:
    return (window.areas() or window.areas("TEXT_EDITOR"))[0]


def try_out(window: Any, name: str, frame: int = 30) -> Iterator[Any]:
    area = main_area(window)
    window.own.clear()
    scene = bpy.context.scene
    scene.frame_set(frame)
    yield 0.3
    before = key_count()
    began = time.perf_counter()
    with window.measured(name):
        with window.inside(area):
            bpy.ops.rigtalk.try_out("INVOKE_DEFAULT")
        yield lambda: key_count() != before or scene.rigtalk.lines[0].fault
    window.report[f"{name}_own_ms"] = sorted(round(ms, 1) for ms in window.own)[-3:]
    window.report[f"{name}_seconds"] = round(time.perf_counter() - began, 3)
    assert not scene.rigtalk.lines[0].fault, scene.rigtalk.lines[0].fault
    yield lambda: bpy.context.window_manager.windows[0].screen.is_animation_playing
    window.report[f"{name}_range"] = [scene.frame_preview_start, scene.frame_preview_end]
    yield 1.0
    yield from window.picture(name)
    with window.inside(area):
        bpy.ops.rigtalk.preview_play()
    yield 0.2
    window.report[f"{name}_left"] = changed(scene)


def changed(scene: bpy.types.Scene) -> list[str]:
    """What playing left behind."""
    left = []
    if scene.use_preview_range:
        left.append("preview range")
    if scene.sync_mode != "NONE":
        left.append("sync")
    if any("Preview" in strip.name for strip in addon("compat").scene_sounds(scene)):
        left.append("strip")
    if bpy.app.handlers.animation_playback_post:
        left.append("handler")
    return left


def play_and_stop(window: Any) -> Iterator[Any]:
    (area,) = window.areas()
    scene = bpy.context.scene
    scene.frame_set(300)
    window.draws.clear()
    with window.inside(area):
        assert bpy.ops.rigtalk.preview_play() == {"FINISHED"}
    screen = bpy.context.window_manager.windows[0].screen
    assert screen.is_animation_playing
    window.report["play_range"] = [scene.frame_preview_start, scene.frame_preview_end]
    window.report["play_sync"] = scene.sync_mode
    began, first = time.perf_counter(), scene.frame_current
    yield 1.5
    elapsed = time.perf_counter() - began
    window.report["play_rate"] = round((scene.frame_current - first) / elapsed, 1)
    window.report["play_drawings"] = len(window.draws)
    window.report["play_draw_ms"] = round(sorted(window.draws)[len(window.draws) // 2], 3)
    with window.inside(area):
        bpy.ops.screen.animation_cancel()  # as Escape does, not our own button
    yield 0.3
    window.report["play_left"] = changed(scene)


def generate(window: Any) -> Iterator[Any]:
    area = main_area(window)
    window.own.clear()
    scene = bpy.context.scene
    began = time.perf_counter()
    with window.measured("generate"):
        with window.inside(area):
            bpy.ops.rigtalk.generate("INVOKE_DEFAULT", which="ALL")
        running = addon("dialogue.queue").Running
        yield lambda: running.queue is None
    window.report["generate_own_ms"] = sorted(round(ms, 1) for ms in window.own)[-3:]
    window.report["generate_seconds"] = round(time.perf_counter() - began, 2)
    window.report["faults"] = [line.fault for line in scene.rigtalk.lines if line.fault]


def plain(window: Any, on: bool) -> None:
    """No viewport: a software renderer takes a second to draw the head, and it is not ours."""
    for area in window.areas("TEXT_EDITOR" if not on else "VIEW_3D"):
        area.type = "TEXT_EDITOR" if on else "VIEW_3D"


def watch(window: Any) -> None:
    """Record what the extension itself does on the main thread, in ms of its processor time."""
    queue = addon("dialogue.queue").Queue
    step = queue.step
    window.own = []

    def timed(self: Any, **words: Any) -> Any:
        began = time.thread_time()
        answer = step(self, **words)
        window.own.append(1000 * (time.thread_time() - began))
        return answer

    queue.step = timed


def look(window: Any) -> Iterator[Any]:
    (area,) = window.areas()
    scene = bpy.context.scene
    scene.frame_set(60)
    yield from window.picture("line")
    window.draws.clear()
    for frame in range(20, 110, 8):
        scene.frame_set(frame)
        yield None
    draws = sorted(window.draws)
    window.report["scrub_draw_ms"] = [round(draws[len(draws) // 2], 3), round(draws[-1], 3)]
    bpy.context.window_manager.rigtalk_strip_shows = "SCENE"
    yield from window.picture("scene")
    with window.inside(area):
        bpy.ops.screen.region_quadview()
    yield from window.picture("quad")
    with window.inside(area):
        bpy.ops.screen.region_quadview()
    bpy.context.window_manager.rigtalk_strip_shows = "LINE"
    area.spaces.active.show_region_ui = False
    with window.inside(area):
        bpy.ops.screen.area_split(direction="VERTICAL", factor=0.5)
    bpy.context.preferences.view.ui_scale = 1.5
    yield 0.5
    yield from window.picture("large")
    bpy.context.preferences.view.ui_scale = 1.0
    yield 0.3


def turn_off(window: Any) -> Iterator[Any]:
    handlers = bpy.app.handlers
    overlay = addon("preview.overlay")
    assert overlay._after_change in handlers.depsgraph_update_post
    bpy.context.window_manager.rigtalk_strip = False
    yield 0.3
    window.draws.clear()
    for area in window.areas():
        area.tag_redraw()
    yield 0.5
    window.report["draws_when_off"] = len(window.draws)
    left = [name for name in ("depsgraph_update_post", "undo_post", "redo_post", "load_post")
            if any(f.__module__ == overlay.__name__ for f in getattr(handlers, name))]  # fmt: skip
    window.report["handlers_when_off"] = left
    window.report["kept_when_off"] = overlay.WAVEFORMS.nbytes
