"""The strip at the bottom of every 3D viewport; off, it has no handler and costs nothing.

On, it finds nothing out while it is drawn again and again: lines, curves and batches are kept until
something they depend on has changed.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any, ClassVar

import bpy
import numpy as np
from bpy.app.handlers import persistent

from .. import preferences
from ..animation.channel import scene_fps
from .layout import Box, Span, free_box
from .line import NOTHING, MouthCurves, PreviewLine
from .painting import HEIGHT, Painting, Seen
from .source import lines_of, state_of
from .theme import theme_colours
from .waveforms import Waveforms

__all__ = ["WAVEFORMS", "forget", "is_on", "redraw", "turn"]

MARGIN = 10.0
"""Pixels between the strip and what it lies in, at a scale of 1."""
NARROWEST = 220.0
MOST_FRAMES = 6000
"""Of a line's curves that are looked at; longer lines show every second, third, … frame."""
BUDGET = 0.008
"""Seconds that one drawing may spend on curves; the rest is done at the next."""
WAITING_SECONDS = 0.1
MOST_PAINTINGS = 8
FLOATING = {"HUD", "TEMPORARY", "XR"}
"""Regions that come and go over the strip."""


class _State:
    """What is kept between drawings; empty while the strip is off."""

    handle: ClassVar[Any] = None
    lines: ClassVar[dict[int, tuple[Any, tuple[PreviewLine, ...]]]] = {}
    mouths: ClassVar[dict[Any, tuple[np.ndarray, MouthCurves]]] = {}
    paintings: ClassVar[OrderedDict[Any, Painting]] = OrderedDict()
    revision: ClassVar[int] = 0
    unfinished: ClassVar[bool] = False


WAVEFORMS = Waveforms(lambda: preferences.limits().cache_mb << 20)


def is_on() -> bool:
    """Whether the strip is shown."""
    return _State.handle is not None


def turn(on: bool) -> None:
    """Show the strip in every 3D viewport, or take it away with all that it kept."""
    if on == is_on():
        return
    if on:
        _State.handle = bpy.types.SpaceView3D.draw_handler_add(_draw, (), "WINDOW", "POST_PIXEL")
        for handlers, function in _handlers():
            handlers.append(function)
    else:
        bpy.types.SpaceView3D.draw_handler_remove(_State.handle, "WINDOW")
        _State.handle = None
        for handlers, function in _handlers():
            handlers.remove(function)
        if bpy.app.timers.is_registered(_look_again):
            bpy.app.timers.unregister(_look_again)
        forget()
        WAVEFORMS.clear()
    redraw()


def forget() -> None:
    """Find lines and curves out anew when they are next drawn."""
    _State.lines.clear()
    _State.mouths.clear()
    _State.paintings.clear()
    _State.revision += 1


def _handlers() -> list[tuple[list[Any], Any]]:
    handlers = bpy.app.handlers
    return [
        (handlers.depsgraph_update_post, _after_change),
        (handlers.undo_post, _after_jump),
        (handlers.redo_post, _after_jump),
        (handlers.load_post, _after_jump),
    ]


@persistent
def _after_change(_scene: object, depsgraph: bpy.types.Depsgraph) -> None:
    # Not called in playback. Keys are in actions; lines, and what the strips are, in scenes.
    if depsgraph.id_type_updated("ACTION"):
        forget()
    elif depsgraph.id_type_updated("SCENE"):
        _State.lines.clear()


@persistent
def _after_jump(*_: object) -> None:
    forget()


def _draw() -> None:
    context = bpy.context
    space, region, area = context.space_data, context.region, context.area
    if not space.overlay.show_overlays or region != _lowest(area):
        return
    scene = context.scene
    scale = context.preferences.system.ui_scale
    box = _box(area, region, scale)
    if box is None:
        return
    frame = scene.frame_current + scene.frame_subframe
    painting = _painting(scene, frame, box, scale)
    points = context.preferences.ui_styles[0].widget.points * scale
    size = float(region.width), float(region.height)
    painting.draw(frame, theme_colours(context.preferences), size=size, points=points)


def _lowest(area: bpy.types.Area) -> bpy.types.Region:
    """The region that has the strip: of a quad view the one at the lower left."""
    views = (region for region in area.regions if region.type == "WINDOW")
    return min(views, key=lambda region: (region.y, region.x))


def _box(area: bpy.types.Area, region: bpy.types.Region, scale: float) -> Box | None:
    """Where there is room, in pixels of the region; None if there is none."""
    others = [
        Box(other.x - region.x, other.y - region.y, other.width, other.height)
        for other in area.regions
        if other.type != "WINDOW"
        and other.type not in FLOATING
        and other.width > 1
        and other.height > 1
    ]
    free = free_box(Box(0, 0, region.width, region.height), others)
    margin, height = MARGIN * scale, HEIGHT * scale
    if free.width < NARROWEST * scale or free.height < height + 4 * margin:
        return None
    return Box(round(free.x + margin), round(free.y + margin), free.width - 2 * margin, height)


def _painting(scene: bpy.types.Scene, frame: float, box: Box, scale: float) -> Painting:
    fps = scene_fps(scene)
    lines = [line.lasting(*_length(line, fps)) for line in _lines(scene)]
    lines = [line for line in lines if line.last > line.first]  # not of those still unknown
    current = _current(lines, frame)
    span = _span(scene, current)
    revision = _State.revision, WAVEFORMS.revision, fps, len(lines)
    key = (scene.session_uid, box, scale, span, current, revision)
    painting = _State.paintings.get(key)
    if painting is None:
        _State.unfinished = False
        began = time.perf_counter()
        seen = [
            _seen(line, current, began)
            for line in lines
            if line.last >= span.first and line.first <= span.last
        ]
        painting = Painting(seen, span=span, box=box, scale=scale, fps=fps)
        if not _State.unfinished:
            _State.paintings[key] = painting
            while len(_State.paintings) > MOST_PAINTINGS:
                _State.paintings.popitem(last=False)
    if (WAVEFORMS.pending or _State.unfinished) and not bpy.app.timers.is_registered(_look_again):
        bpy.app.timers.register(_look_again, first_interval=WAITING_SECONDS)
    return painting


def _lines(scene: bpy.types.Scene) -> tuple[PreviewLine, ...]:
    # Blender does not tell when a property of the list changes, so it is compared.
    state = state_of(scene)
    known = _State.lines.get(scene.session_uid)
    if known is None or known[0] != state:
        known = _State.lines[scene.session_uid] = state, lines_of(scene)
        _State.mouths.clear()
        _State.revision += 1
    return known[1]


def _length(line: PreviewLine, fps: float) -> tuple[float, float]:
    """Seconds of a recording, NaN until they are known; and the frame rate."""
    peaks = WAVEFORMS.get(line.audio)
    return (float("nan") if peaks is None else peaks.seconds), fps


def _current(lines: list[PreviewLine], frame: float) -> PreviewLine | None:
    """The line that is heard at a frame, the active one first; else the active one."""
    active = [line for line in lines if line.active]
    heard = (line for line in [*active, *lines] if line.first <= frame <= line.last)
    return next(heard, next(iter([*active, *lines]), None))


def _span(scene: bpy.types.Scene, current: PreviewLine | None) -> Span:
    whole = bpy.context.window_manager.rigtalk_strip_shows == "SCENE"
    if current is not None and not whole:
        return Span.around(current.first, current.last)
    if scene.use_preview_range:
        return Span.around(scene.frame_preview_start, scene.frame_preview_end, margin=0.01)
    return Span.around(scene.frame_start, scene.frame_end, margin=0.01)


def _seen(line: PreviewLine, current: PreviewLine | None, began: float) -> Seen:
    frames, mouth = _mouth(line, began)
    return Seen(
        line=line,
        peaks=WAVEFORMS.get(line.audio),
        frames=frames,
        mouth=mouth,
        current=line is current,
        fault=WAVEFORMS.fault(line.audio),
    )


def _mouth(line: PreviewLine, began: float) -> tuple[np.ndarray, MouthCurves]:
    key = (line.name, line.audio, line.first, line.last)
    found = _State.mouths.get(key)
    if found is None:
        if time.perf_counter() - began > BUDGET:
            _State.unfinished = True
            return np.zeros(0), NOTHING
        first, last = int(np.floor(line.first)), int(np.ceil(line.last))
        step = max(1, -(-(last - first) // MOST_FRAMES))
        frames = np.arange(first, last + 1, step, dtype=np.float64)
        found = _State.mouths[key] = frames, line.curves(frames)
    return found


def _look_again() -> float | None:
    """Draw again as soon as the thread knows more; a timer that ends by itself."""
    redraw()
    return WAITING_SECONDS if WAVEFORMS.pending else None


def redraw() -> None:
    """Draw every 3D viewport again."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()
