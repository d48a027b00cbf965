"""Heads of Gaussians over the 3D viewports, in place of the meshes that they follow.

Off, nothing is drawn and nothing is kept. On, a picture is drawn when what is seen has changed: the
view, the size of the region, the meshes or the controls; else the last one is shown again.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar

import bpy
import numpy as np
from bpy.app.handlers import persistent

from rigtalk.core.errors import RigtalkError

from ..translations.text import translated
from . import drawing, hiding, standing
from .notes import draw_notes
from .open_head import OpenHead, head_path
from .pace import Pace
from .pinhole import Window

__all__ = ["Figures", "figures_of", "is_shown", "refresh", "register", "stop", "unregister"]

MOST_PICTURES = 12
"""Regions whose pictures are kept for a head."""
LOOK_AGAIN = 0.1
"""Seconds between looks whether coarse pictures can be drawn finely."""
CORRECTING = 0.01
"""Seconds: correctives that take longer wait until nothing moves."""
BIAS = 0.03
"""Of the head's size: how much nearer it counts where EEVEE draws its mesh all the same."""
WITH_MESH = {"MATERIAL", "RENDERED"}
"""Shadings that draw a mesh whatever it is to be shown as."""
SLOW = "numpy"


@dataclass
class Figures:
    """What the last pictures took, in seconds, and how many there were.

    Attributes
    ----------
    rendering, uploading, drawing, following : float
    pictures : int
        Drawn anew since the head is shown.
    scale : float
        Pixels a side of the last one, as a share of the region's.
    backend, reason : str
        What draws, and why nothing faster does.
    """

    rendering: float = 0.0
    uploading: float = 0.0
    drawing: float = 0.0
    following: float = 0.0
    pictures: int = 0
    scale: float = 1.0
    backend: str = ""
    reason: str = ""


@dataclass(eq=False)
class _Seen:
    """A picture of a head in a region, and what it is a picture of."""

    key: tuple[Any, ...]
    scale: float
    whole: bool
    window: Window
    picture: drawing.Picture | None


@dataclass(eq=False)
class _Shown:
    """A head that is shown."""

    number: int
    name: str
    head: OpenHead | None = None
    stamp: tuple[Any, ...] = ()
    fault: str = ""
    at: tuple[Any, ...] = ()
    corrected: bool = True
    pace: Pace = field(default_factory=Pace)
    seen: OrderedDict[int, _Seen] = field(default_factory=OrderedDict)
    figures: Figures = field(default_factory=Figures)

    def close(self) -> None:
        if self.head is not None:
            self.head.close()
        self.head = None
        self.seen.clear()


class _State:
    """What is kept while a head is shown."""

    shown: ClassVar[dict[int, _Shown]] = {}
    handles: ClassVar[list[Any]] = []
    ticks: ClassVar[int] = 0
    """Grows whenever something in a scene may have changed."""


def is_shown(character: bpy.types.Object) -> bool:
    """Whether the head of a character is shown in viewports."""
    return character.session_uid in _State.shown


def figures_of(character: bpy.types.Object) -> Figures | None:
    """What showing the head of a character takes; None if it is not shown."""
    shown = _State.shown.get(character.session_uid)
    return None if shown is None else shown.figures


def refresh() -> None:
    """Show what is switched on, and nothing else; also after a file was written anew."""
    wanted = {thing.session_uid: thing.name for thing in bpy.data.objects if _is_wanted(thing)}
    for number in [number for number in _State.shown if number not in wanted]:
        _take_away(number)
    for number, name in wanted.items():
        _State.shown.setdefault(number, _Shown(number, name)).name = name
    _State.ticks += 1
    _listen(bool(_State.shown))
    _hide_all()
    _redraw()


def stop() -> None:
    """Show no head; the switches stay as they are."""
    for number in tuple(_State.shown):
        _take_away(number)
    _listen(False)
    _redraw()


def register() -> None:
    """Notice loaded files and undo steps in which a head is switched on."""
    for handlers, function in _lasting():
        handlers.append(function)


def unregister() -> None:
    """Show no head and leave nothing behind."""
    stop()
    for handlers, function in _lasting():
        if function in handlers:
            handlers.remove(function)


def _is_wanted(thing: bpy.types.Object) -> bool:
    settings = getattr(thing, "rigtalk_gaussian", None)
    return settings is not None and settings.show and bool(settings.filepath)


def _take_away(number: int) -> None:
    shown = _State.shown.pop(number)
    character = _object(number)
    if shown.head is not None:
        hiding.reveal(shown.head.follower.objects(), _depsgraphs())
    if character is not None and standing.words_of(character) == shown.fault:
        standing.clear(character)
    shown.close()


def _object(number: int) -> bpy.types.Object | None:
    return next((thing for thing in bpy.data.objects if thing.session_uid == number), None)


def _depsgraphs() -> list[Any]:
    layers = (layer for scene in bpy.data.scenes for layer in scene.view_layers)
    return [layer.depsgraph for layer in layers if layer.depsgraph is not None]


# --- what is told by Blender


def _lasting() -> list[tuple[list[Any], Any]]:
    handlers = bpy.app.handlers
    return [
        (handlers.load_pre, _before_load),
        (handlers.load_post, _after_jump),
        (handlers.undo_post, _after_jump),
        (handlers.redo_post, _after_jump),
    ]


def _temporary() -> list[tuple[list[Any], Any]]:
    handlers = bpy.app.handlers
    return [
        (handlers.depsgraph_update_post, _after_change),
        (handlers.frame_change_post, _after_change),
    ]


def _listen(on: bool) -> None:
    if on == bool(_State.handles):
        return
    space = bpy.types.SpaceView3D
    if on:
        _State.handles += [
            space.draw_handler_add(_draw_heads, (), "WINDOW", "POST_VIEW"),
            space.draw_handler_add(_draw_words, (), "WINDOW", "POST_PIXEL"),
        ]
        for handlers, function in _temporary():
            handlers.append(function)
        return
    for handle in _State.handles:
        space.draw_handler_remove(handle, "WINDOW")
    _State.handles.clear()
    for handlers, function in _temporary():
        if function in handlers:
            handlers.remove(function)
    if bpy.app.timers.is_registered(_look_again):
        bpy.app.timers.unregister(_look_again)
    drawing.forget()


@persistent
def _before_load(*_: object) -> None:
    for shown in _State.shown.values():
        shown.close()
    _State.shown.clear()
    _listen(False)


@persistent
def _after_jump(*_: object) -> None:
    for shown in _State.shown.values():
        if shown.head is not None:
            shown.head.follower.forget()
    refresh()


@persistent
def _after_change(_scene: object, depsgraph: Any) -> None:
    if depsgraph.mode != "VIEWPORT":
        return  # a render, which sees the meshes
    _State.ticks += 1
    if any(_object(number) is None for number in _State.shown):
        refresh()
    _hide(depsgraph)


def _hide_all() -> None:
    for depsgraph in _depsgraphs():
        _hide(depsgraph)


def _hide(depsgraph: Any) -> None:
    for shown in _State.shown.values():
        if shown.head is None:
            continue
        follower = shown.head.follower
        if shown.fault or follower.edited() is not None:
            hiding.reveal(follower.objects(), [depsgraph])
        else:
            hiding.hide(follower.objects(), depsgraph)


# --- drawing


def _draw_heads() -> None:
    context = bpy.context
    region, view = context.region, context.region_data
    if region is None or view is None or region.width < 1 or region.height < 1:
        return
    for shown in _in_view(context):
        began = time.perf_counter()
        try:
            if not _open(shown, context) or not _follow(shown, context):
                continue
            seen = _picture(shown, context)
        except RigtalkError as fault:
            _fail(shown, context, str(fault))
            continue
        except Exception:
            # A fault of ours is told once, not at every drawing.
            _fail(shown, context, translated("The preview has failed: see the console"))
            raise
        if seen.picture is not None:
            drawing.draw(seen.picture, _layer(shown, seen, context))
        took = time.perf_counter() - began
        shown.figures.drawing = took - (shown.figures.rendering + shown.figures.uploading)


def _in_view(context: bpy.types.Context) -> Iterator[_Shown]:
    """Heads whose characters this viewport shows."""
    space = context.space_data
    if not space.show_object_viewport_mesh:
        return
    for shown in _State.shown.values():
        character = context.view_layer.objects.get(shown.name)
        if character is None or character.session_uid != shown.number:
            character = _object(shown.number)
        if character is not None and character.visible_get(
            view_layer=context.view_layer, viewport=space
        ):
            yield shown


def _open(shown: _Shown, context: bpy.types.Context) -> bool:
    """Read the head's file if that is not done, or it is another one now."""
    if shown.stamp and shown.at[:1] == (_State.ticks,):
        return shown.head is not None
    character = _object(shown.number)
    if character is None:
        return False
    path = head_path(character)
    try:
        status = path.stat()
        stamp = str(path), status.st_mtime_ns, status.st_size
    except OSError:
        stamp = str(path), 0, 0
    if stamp == shown.stamp:
        return shown.head is not None
    if shown.head is not None:
        hiding.reveal(shown.head.follower.objects(), _depsgraphs())
    shown.close()
    shown.stamp = stamp
    shown.head = OpenHead(character, path)
    renderer = shown.head.renderer
    shown.figures.backend, shown.figures.reason = renderer.description, renderer.reason
    shown.fault = ""
    return True


def _follow(shown: _Shown, context: bpy.types.Context) -> bool:
    """Bring the head up to date; false where it is not to be drawn."""
    layer = context.view_layer
    now = _State.ticks, context.scene.session_uid, layer.name
    head = shown.head
    if head is None or (now == shown.at and shown.fault):
        return False
    settled = not shown.pace.moves(time.perf_counter())
    if now == shown.at and (shown.corrected or not settled):
        return True
    shown.at = now
    if head.follower.edited() is not None:
        return False
    began = time.perf_counter()
    quick = head.correcting < CORRECTING or settled
    shown.corrected = head.follow(layer.depsgraph, correct=quick)
    shown.figures.following = time.perf_counter() - began
    if shown.fault:
        _mend(shown)
    hiding.hide(head.follower.objects(), layer.depsgraph)
    return True


def _fail(shown: _Shown, context: bpy.types.Context, words: str) -> None:
    shown.at = _State.ticks, context.scene.session_uid, context.view_layer.name
    if shown.head is not None:
        hiding.reveal(shown.head.follower.objects(), _depsgraphs())
    if words != shown.fault:
        shown.fault = words
        character = _object(shown.number)
        if character is not None:
            standing.say(character, words)


def _mend(shown: _Shown) -> None:
    character = _object(shown.number)
    if character is not None and standing.words_of(character) == shown.fault:
        standing.clear(character)
    shown.fault = ""


def _picture(shown: _Shown, context: bpy.types.Context) -> _Seen:
    """What the region shows of the head, drawn anew where it has to be."""
    head = shown.head
    assert head is not None  # noqa: S101 - opened before
    region, view = context.region, context.region_data
    projection, matrix = np.array(view.window_matrix), np.array(view.view_matrix)
    size = region.width, region.height
    number = region.as_pointer()
    key = (head.revision, size, projection.tobytes(), matrix.tobytes())
    now = time.perf_counter()
    seen = shown.seen.get(number)
    if seen is not None and seen.key == key and (seen.whole or shown.pace.moves(now)):
        return seen
    scale = shown.pace.scale(now)
    if seen is None or seen.key != key:
        shown.pace.changed = now
    eye = head.eye(matrix, projection, size)
    window = head.window(eye)
    picture = None
    if window.width and window.height:
        rgba, depth = head.picture(eye.through(window, scale))
        began = time.perf_counter()
        picture = drawing.upload(rgba, depth)
        shown.figures.rendering = head.seconds
        shown.figures.uploading = time.perf_counter() - began
        shown.pace.took(head.seconds + shown.figures.uploading, scale)
        shown.figures.pictures += 1
        shown.figures.scale = scale
    whole = scale == 1.0 and shown.corrected
    seen = shown.seen[number] = _Seen(key, scale, whole, window, picture)
    shown.seen.move_to_end(number)
    while len(shown.seen) > MOST_PICTURES:
        shown.seen.popitem(last=False)
    if not whole and not bpy.app.timers.is_registered(_look_again):
        bpy.app.timers.register(_look_again, first_interval=LOOK_AGAIN)
    return seen


def _layer(shown: _Shown, seen: _Seen, context: bpy.types.Context) -> drawing.Layer:
    head = shown.head
    assert head is not None  # noqa: S101 - opened before
    region, view, space = context.region, context.region_data, context.space_data
    size = region.width, region.height
    eye = head.eye(np.array(view.view_matrix), np.array(view.window_matrix), size)
    bias = BIAS * head.follower.size if space.shading.type in WITH_MESH else 0.0
    frame, outside = _passepartout(context)
    return drawing.Layer(seen.window, size, eye.shift + bias, eye.depth, frame, outside)


def _passepartout(
    context: bpy.types.Context,
) -> tuple[tuple[float, float, float, float], float]:
    """What the camera frames, pixels of the region, and how dark it is around that."""
    nothing = drawing.EVERYWHERE, 1.0
    view, space, region = context.region_data, context.space_data, context.region
    camera = space.camera if space.use_local_camera else context.scene.camera
    if view.view_perspective != "CAMERA" or camera is None or camera.type != "CAMERA":
        return nothing
    lens = camera.data
    if not lens.show_passepartout or not space.overlay.show_overlays:
        return nothing
    place = np.array(camera.matrix_world.normalized())
    corners = np.array(lens.view_frame(scene=context.scene))
    world = corners @ place[:3, :3].T + place[:3, 3]
    clip = np.array(view.perspective_matrix) @ np.concatenate([world, np.ones((4, 1))], axis=1).T
    if (clip[3] <= 0).any():
        return nothing
    at = (clip[:2] / clip[3] * 0.5 + 0.5) * np.array([[region.width], [region.height]])
    low, high = at.min(axis=1), at.max(axis=1)
    frame = float(low[0]), float(low[1]), float(high[0]), float(high[1])
    return frame, 1.0 - lens.passepartout_alpha


def _draw_words() -> None:
    context = bpy.context
    lines = []
    for shown in _in_view(context):
        words = shown.fault
        head = shown.head
        if not words and head is not None:
            edited = head.follower.edited()
            if edited is not None:
                words = translated(
                    "{} is being edited: Gaussians are shown again after", edited.name
                )
            elif head.renderer.backend == SLOW:
                words = translated("drawn slowly: {}", head.renderer.reason)
        if words:
            lines.append(f"{shown.name}: {words}")
    if lines:
        draw_notes(lines, context)


def _look_again() -> float | None:
    """Draw coarse pictures finely as soon as nothing moves; a timer that ends by itself."""
    now = time.perf_counter()
    coarse = [shown for shown in _State.shown.values() if not _all_whole(shown)]
    ready = [shown for shown in coarse if not shown.pace.moves(now)]
    if ready:
        _redraw(
            {number for shown in ready for number, seen in shown.seen.items() if not seen.whole}
        )
    return LOOK_AGAIN if len(ready) < len(coarse) else None


def _all_whole(shown: _Shown) -> bool:
    return all(seen.whole for seen in shown.seen.values())


def _redraw(numbers: set[int] | None = None) -> None:
    """Draw 3D viewports again, all or some."""
    with suppress(AttributeError):  # while Blender starts
        for window in bpy.context.window_manager.windows:
            for area in window.screen.areas:
                if area.type == "VIEW_3D":
                    for region in area.regions:
                        if numbers is None or region.as_pointer() in numbers:
                            region.tag_redraw()
