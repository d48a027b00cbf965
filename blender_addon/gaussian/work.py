"""Long work on a head, on a thread that knows nothing of Blender, and the button that stops it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any, ClassVar

import bpy

from rigtalk.core.errors import RigtalkError

from ..dialogue.redraw import redraw_panels
from ..translations.text import translated
from . import standing

__all__ = ["CLASSES", "Work", "begin", "stop"]

TICK_SECONDS = 0.1


class Work:
    """Something to be computed, and what is done with it in Blender afterwards.

    Parameters
    ----------
    obj : bpy.types.Object
        Whose panel shows that it is being done; held by number, so that undo may replace it.
    words : str
        What is being done, in the language of the interface.
    compute : callable
        Runs on the thread; given a function that tells whether to give up.
    finish : callable
        Runs in Blender with the object and what was computed; returns what to report.

    Attributes
    ----------
    running : Work or None
        The one that the user interface waits for.
    """

    running: ClassVar[Work | None] = None

    def __init__(
        self,
        obj: bpy.types.Object,
        words: str,
        compute: Callable[[Callable[[], bool]], Any],
        finish: Callable[[bpy.types.Object, Any], str],
    ) -> None:
        self.words = words
        self._uid = obj.session_uid
        self._compute = compute
        self._finish = finish
        self._cancelled = threading.Event()
        self._result: Any = None
        self._fault: BaseException | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self.run, name="rigtalk head", daemon=True)

    def start(self) -> None:
        """Compute on the thread."""
        self._thread.start()

    def run(self) -> None:
        """Compute here and now; whatever goes wrong is kept for `end`."""
        try:
            self._result = self._compute(self._cancelled.is_set)
        except BaseException as fault:
            self._fault = fault
        self._ended.set()

    def cancel(self) -> None:
        """Give up; what is being computed is thrown away."""
        self._cancelled.set()

    @property
    def done(self) -> bool:
        """Whether there is something to end."""
        return self._ended.is_set() or self._cancelled.is_set()

    def end(self) -> str:
        """Do with the result what is to be done, and return what to report.

        Raises
        ------
        RigtalkError
            If it was cancelled, went wrong, or the object is gone.
        """
        if self._cancelled.is_set():
            raise RigtalkError(translated("Cancelled: nothing was changed"))
        if self._fault is not None:
            raise self._fault
        return self._finish(self.object(), self._result)

    def unsay(self) -> None:
        """Show no more that it is being done."""
        with contextlib.suppress(RigtalkError):
            standing.clear(self.object())

    def object(self) -> bpy.types.Object:
        """The object, wherever undo has put it; RigtalkError if it is gone."""
        for thing in bpy.data.objects:
            if thing.session_uid == self._uid:
                return thing
        raise RigtalkError("the character was removed in the meantime: nothing was changed")


def stop() -> None:
    """Give up what is running."""
    work, Work.running = Work.running, None
    if work is not None:
        work.cancel()
        work.unsay()


class WorkOperator(bpy.types.Operator):
    """Wait for what is being computed for a head"""

    bl_idname = "rigtalk.gaussian_work"
    bl_label = "Gaussian Head"
    bl_options: ClassVar = {"INTERNAL"}
    _timer: Any = None

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        work = Work.running
        if work is None:
            return {"CANCELLED"}
        standing.say(work.object(), work.words, 0.0)
        work.start()
        manager = context.window_manager
        self._timer = manager.event_timer_add(TICK_SECONDS, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        work = Work.running
        if work is not None and not work.done:
            return {"PASS_THROUGH"}
        self._forget(context)
        if work is None:  # the extension is being disabled
            return {"CANCELLED"}
        Work.running = None
        work.unsay()
        redraw_panels()
        return ended(self, work)

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender calls this when it closes the window or loads another file."""
        stop()
        self._forget(context)

    def _forget(self, context: bpy.types.Context) -> None:
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None


class WorkCancelOperator(bpy.types.Operator):
    """Stop: everything is as it was"""

    bl_idname = "rigtalk.gaussian_work_cancel"
    bl_label = "Cancel"
    bl_options: ClassVar = {"INTERNAL"}

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if Work.running is None:
            cls.poll_message_set(translated("Nothing is being computed"))
        return Work.running is not None

    def execute(self, _context: bpy.types.Context) -> set[str]:
        if Work.running is not None:
            Work.running.cancel()
        return {"FINISHED"}


def begin(operator: bpy.types.Operator, context: bpy.types.Context, work: Work) -> set[str]:
    """Do the work: behind the scenes where there is a window, else here and now."""
    if bpy.app.background or context.window is None:
        work.run()
        return ended(operator, work)
    Work.running = work
    bpy.ops.rigtalk.gaussian_work("INVOKE_DEFAULT")
    return {"FINISHED"}


def ended(operator: bpy.types.Operator, work: Work) -> set[str]:
    """Report what came of the work, as a step that undo takes back."""
    try:
        told = work.end()
    except RigtalkError as fault:
        operator.report({"ERROR"}, str(fault))
        return {"CANCELLED"}
    # The file browser ends the operator that has opened it before the work is done.
    bpy.ops.ed.undo_push(message=work.words)
    operator.report({"INFO"}, told)
    return {"FINISHED"}


CLASSES = (WorkOperator, WorkCancelOperator)


def register() -> None:
    """Register the operators."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Give up what is running and take the operators back."""
    stop()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
