"""Heads of Gaussians over the 3D viewports, in place of the meshes that they follow.

Off, nothing is drawn and nothing is kept. On, a picture is drawn when what is seen has changed: the
view, the size of the region, the meshes or the controls; else the last one is shown again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, ClassVar

import bpy
from bpy.app.handlers import persistent

from rigtalk.core.errors import RigtalkError

from ..translations.text import translated
from . import drawing
from .notes import draw_notes
from .showing import Figures, Showing, depsgraphs, object_of

__all__ = ["figures_of", "is_shown", "refresh", "register", "stop", "unregister"]

LOOK_AGAIN = 0.1
"""Seconds between looks whether coarse pictures can be drawn finely."""
SLOW = "numpy"


class _State:
    """What is kept while a head is shown."""

    shown: ClassVar[dict[int, Showing]] = {}
    handles: ClassVar[list[Any]] = []
    tick: ClassVar[int] = 0
    """Grows whenever something in a scene may have changed."""


def is_shown(character: bpy.types.Object) -> bool:
    """Whether the head of a character is shown in viewports."""
    return character.session_uid in _State.shown


def figures_of(character: bpy.types.Object) -> Figures | None:
    """What showing the head of a character takes; None if it is not shown."""
    shown = _State.shown.get(character.session_uid)
    return None if shown is None else shown.figures


def refresh() -> None:
    """Show what is switched on, and nothing else; also after a head was written anew."""
    wanted = {thing.session_uid: thing.name for thing in bpy.data.objects if _is_wanted(thing)}
    for number in [number for number in _State.shown if number not in wanted]:
        _take_away(number)
    for number, name in wanted.items():
        _State.shown.setdefault(number, Showing(number, name)).name = name
    _State.tick += 1
    _listen(bool(_State.shown))
    for depsgraph in depsgraphs():
        _hide(depsgraph)
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
    shown.mend()
    shown.close()


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
    for number in tuple(_State.shown):
        _take_away(number)
    _listen(False)


@persistent
def _after_jump(*_: object) -> None:
    for shown in _State.shown.values():
        shown.forget()
    refresh()


@persistent
def _after_change(_scene: object, depsgraph: Any) -> None:
    if depsgraph.mode != "VIEWPORT":
        return  # of a render, which sees the meshes
    _State.tick += 1
    if any(object_of(number) is None for number in _State.shown):
        refresh()  # a character was deleted
    _hide(depsgraph)


def _hide(depsgraph: Any) -> None:
    for shown in _State.shown.values():
        shown.hide(depsgraph)


def _draw_heads() -> None:
    context = bpy.context
    region = context.region
    if region is None or context.region_data is None or min(region.width, region.height) < 1:
        return
    for shown in _in_view(context):
        try:
            shown.draw(context, _State.tick)
        except RigtalkError as fault:
            shown.fail(str(fault))
        except Exception:
            # A fault of ours is told once, not at every drawing.
            shown.fail(translated("The preview has failed: see the console"))
            raise
        if shown.coarse() and not bpy.app.timers.is_registered(_look_again):
            bpy.app.timers.register(_look_again, first_interval=LOOK_AGAIN)


def _in_view(context: bpy.types.Context) -> Iterator[Showing]:
    """Heads whose characters a viewport shows."""
    layer, space = context.view_layer, context.space_data
    if not space.show_object_viewport_mesh:
        return
    for shown in _State.shown.values():
        character = layer.objects.get(shown.name)
        if character is None or character.session_uid != shown.number:
            character = object_of(shown.number)
        if character is not None and character.visible_get(view_layer=layer, viewport=space):
            yield shown


def _draw_words() -> None:
    context = bpy.context
    lines = [f"{shown.name}: {words}" for shown in _in_view(context) if (words := _words(shown))]
    if lines:
        draw_notes(lines, context)


def _words(shown: Showing) -> str:
    if shown.fault or shown.head is None:
        return shown.fault
    edited = shown.edited()
    if edited is not None:
        return translated("Gaussians are hidden while {} is edited", edited.name)
    renderer = shown.head.renderer
    return (
        translated("Drawn coarsely and slowly: {}", renderer.reason)
        if renderer.backend == SLOW
        else ""
    )


def _look_again() -> float | None:
    """Draw coarse pictures finely as soon as nothing moves; a timer that ends by itself."""
    now = time.perf_counter()
    coarse = [shown for shown in _State.shown.values() if shown.coarse()]
    ready = [shown for shown in coarse if not shown.pace.moves(now)]
    if ready:
        _redraw(set().union(*(shown.coarse() for shown in ready)))
    return LOOK_AGAIN if len(ready) < len(coarse) else None


def _redraw(numbers: set[int] | None = None) -> None:
    """Draw 3D viewports again, all or those of some regions."""
    with suppress(AttributeError):  # while Blender starts
        for window in bpy.context.window_manager.windows:
            for area in window.screen.areas:
                for region in area.regions if area.type == "VIEW_3D" else ():
                    if numbers is None or region.as_pointer() in numbers:
                        region.tag_redraw()
