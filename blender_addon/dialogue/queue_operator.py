"""Runs a queue of lines from a button, while the window stays usable."""

from __future__ import annotations

from typing import Any

import bpy

from rigtalk.core.errors import RigtalkError

from .queue import Queue, Running, stop
from .redraw import redraw_panels

__all__ = ["QueueOperator"]

TICK_SECONDS = 0.05


class QueueOperator:
    """What operators that generate lines have in common; scripts get the result at once."""

    _timer: Any = None

    def wanted(self, context: bpy.types.Context) -> Queue:
        """The lines to make, and how.

        Raises
        ------
        RigtalkError
            If there is nothing to be made.
        """
        raise NotImplementedError

    def ended(self, context: bpy.types.Context, *, made: bool) -> None:
        """Called when the last line is done, in a window only."""

    def execute(self, context: bpy.types.Context) -> set[str]:
        queue = self._queue(context)
        if queue is None:
            return {"CANCELLED"}
        while not queue.done:
            queue.step(threaded=False)
        return self._end(queue)

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        if bpy.app.background or context.window is None:
            return self.execute(context)
        queue = self._queue(context)
        if queue is None:
            return {"CANCELLED"}
        queue.step(threaded=True)
        if queue.done:  # nothing could even begin
            return self._end(queue)
        Running.queue = queue
        manager = context.window_manager
        self._timer = manager.event_timer_add(TICK_SECONDS, window=context.window)
        manager.modal_handler_add(self)
        redraw_panels()
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        queue = Running.queue
        if queue is None:  # another file was loaded, or the extension is being disabled
            self._forget(context)
            return {"CANCELLED"}
        try:
            if queue.step(threaded=True):
                redraw_panels()
        except Exception:
            # A fault of ours is shown by Blender; it must not leave the buttons grey for good.
            stop()
            self._forget(context)
            redraw_panels()
            raise
        if not queue.done:
            return {"PASS_THROUGH"}
        self._forget(context)
        Running.queue = None
        redraw_panels()
        result = self._end(queue)
        self.ended(context, made="FINISHED" in result)
        return result

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender calls this when it closes the window or loads another file."""
        stop()
        self._forget(context)

    def _queue(self, context: bpy.types.Context) -> Queue | None:
        try:
            return self.wanted(context)
        except RigtalkError as fault:
            self.report({"ERROR"}, str(fault))  # type: ignore[attr-defined]
            return None

    def _end(self, queue: Queue) -> set[str]:
        kind, told = queue.summary()
        self.report({kind}, told)  # type: ignore[attr-defined]
        made = any(entry.done and not entry.fault for entry in queue.entries)
        return {"FINISHED"} if made else {"CANCELLED"}

    def _forget(self, context: bpy.types.Context) -> None:
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None
