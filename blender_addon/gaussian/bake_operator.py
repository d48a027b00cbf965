"""Bakes a head of Gaussians from a button, while the window stays usable."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy.app.handlers import persistent

from rigtalk.core.errors import RigtalkError

from ..translations.text import translated
from .baking import Bake, BakeOptions, Running, stop
from .engines import ENGINES
from .properties import holder_of, settings_of

__all__ = ["register", "unregister", "why_not_bake"]

TICK_SECONDS = 0.05
SUFFIX = ".splathead"


class BakeHeadOperator(bpy.types.Operator):
    """Render the character in many expressions from all around, and fit Gaussians to that"""

    bl_idname = "rigtalk.bake_gaussian_head"
    bl_label = "Bake Head"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    _timer: Any = None

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        reason = why_not_bake(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            bake = _begun(context)
            while not bake.done:
                bake.step(context, threaded=False)
        except RigtalkError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        return self._end(bake)

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        if bpy.app.background or context.window is None:
            return self.execute(context)
        # Trying every control of a large rig takes a while.
        context.window.cursor_modal_set("WAIT")
        try:
            Running.bake = _begun(context)
        except RigtalkError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        finally:
            context.window.cursor_modal_restore()
        manager = context.window_manager
        self._timer = manager.event_timer_add(TICK_SECONDS, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        bake = Running.bake
        if bake is None:  # another file was loaded, or the extension is being disabled
            self._forget(context)
            return {"CANCELLED"}
        if event.type == "ESC" and event.value == "PRESS":
            bake.cancel()
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        try:
            bake.step(context, threaded=True)
        except RigtalkError as fault:
            stop()
            self._forget(context)
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        except Exception:
            # A fault of ours is shown by Blender; it must not leave the buttons grey for good.
            stop()
            self._forget(context)
            raise
        if not bake.done:
            return {"PASS_THROUGH"}
        Running.bake = None
        self._forget(context)
        return self._end(bake)

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender calls this when it closes the window or loads another file."""
        stop()
        self._forget(context)

    def _end(self, bake: Bake) -> set[str]:
        bake.hush()
        if bake.head is None:
            self.report({"INFO"}, translated("Cancelled: the next bake goes on from here"))
            return {"CANCELLED"}
        character = bake.character
        if character is not None:
            settings_of(character).filepath = bake.options.named
        facts = bake.head.facts
        told = translated(
            "{}: {} Gaussians, {:.1f} dB in new views",
            bake.options.path.name,
            len(bake.head),
            float(facts.get("psnr view", 0.0)),
        )
        self.report({"INFO"}, told)
        return {"FINISHED"}

    def _forget(self, context: bpy.types.Context) -> None:
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None


class CancelBakeOperator(bpy.types.Operator):
    """Stop baking; the next bake goes on from here"""

    bl_idname = "rigtalk.cancel_gaussian_bake"
    bl_label = "Cancel"
    bl_options: ClassVar = {"INTERNAL"}

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if Running.bake is None:
            cls.poll_message_set(translated("Nothing is being baked"))
        return Running.bake is not None

    def execute(self, _context: bpy.types.Context) -> set[str]:
        if Running.bake is not None:
            Running.bake.cancel()
        return {"FINISHED"}


def why_not_bake(context: bpy.types.Context) -> str:
    """Why the active object cannot be baked now; empty if it can be tried."""
    if Running.bake is not None:
        return translated("A head is being baked")
    if context.object is None:
        return translated("Select a character first")
    if context.mode.startswith("EDIT"):
        return translated("Leave Edit Mode first")
    return ""


def _begun(context: bpy.types.Context) -> Bake:
    character = holder_of(context.object)
    if character is None:
        raise RigtalkError("select a character first")
    settings = settings_of(character)
    engine = settings.engine.lower()
    named = _named(character, settings.filepath)
    options = BakeOptions(
        Path(bpy.path.abspath(named)).absolute(),
        named=named,
        quality=settings.quality,
        engine=engine if engine in ENGINES else None,
        gaussians=settings.gaussians,
    )
    return Bake(character, context, options)


def _named(character: bpy.types.Object, named: str) -> str:
    """Where a head is to be written; may begin with ``//``.

    Raises
    ------
    RigtalkError
        If it is relative to a .blend that was never saved.
    """
    wanted = named.strip() or f"//{bpy.path.clean_name(character.name)}"
    if wanted.startswith("//") and not bpy.data.filepath:
        raise RigtalkError(
            f"the head {wanted} would go beside a file that was never saved: save the scene first, "
            "or choose a file for the head"
        )
    return wanted if wanted.lower().endswith(SUFFIX) else wanted + SUFFIX


CLASSES = (BakeHeadOperator, CancelBakeOperator)


def register() -> None:
    """Register the operators, and what ends a bake when another file is loaded."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.app.handlers.load_pre.append(_before_load)


def unregister() -> None:
    """Stop what is running and leave nothing behind."""
    stop()
    bpy.app.handlers.load_pre.remove(_before_load)
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)


@persistent
def _before_load(*_: object) -> None:
    stop()
