"""Saves pictures of a head of Gaussians, from the panel or a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

from rigtalk.core.errors import RigtalkError

from .. import compat
from ..translations.text import translated
from . import standing
from .frames import write_frames
from .preview_operator import why_no_head
from .properties import holder_of

__all__ = ["CLASSES", "GaussianFramesOperator"]

TICK_SECONDS = 0.01


class GaussianFramesOperator(bpy.types.Operator):
    """Save pictures of the head of Gaussians at the scene's camera as PNG files"""

    bl_idname = "rigtalk.gaussian_frames"
    bl_label = "Save Frames"
    __annotations__ = {
        "directory": bpy.props.StringProperty(
            name="Folder",
            description="Where the pictures go",
            subtype="DIR_PATH",
            options=compat.PATH_OPTIONS,
        ),
        "filter_folder": bpy.props.BoolProperty(
            description="Show folders", default=True, options={"HIDDEN"}
        ),
        "which": bpy.props.EnumProperty(
            name="Frames",
            description="Which frames are saved",
            items=(
                ("RANGE", "Frame Range", "The frame range of the scene"),
                ("CURRENT", "Current Frame", "The frame that is shown"),
            ),
        ),
        "transparent": bpy.props.BoolProperty(
            name="Transparent",
            description="Save what the head does not cover as transparent",
            default=True,
        ),
        "background": bpy.props.FloatVectorProperty(
            name="Background",
            description="The colour behind the head where it is not transparent",
            subtype="COLOR_GAMMA",
            size=3,
            min=0.0,
            max=1.0,
            default=(0.0, 0.0, 0.0),
        ),
    }
    _timer: Any = None
    _work: Iterator[Path] | None = None
    _number: int = 0
    _last: Path = Path()
    _done: int = 0
    _total: int = 0
    _in_window: bool = False

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        reason = why_no_head(context.object)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        self._in_window = not bpy.app.background and context.window is not None
        if self.directory:
            return self.execute(context)
        if bpy.data.filepath:
            self.properties.directory = str(Path(bpy.data.filepath).parent)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "which")
        layout.prop(self, "transparent")
        row = layout.row()
        row.active = not self.transparent
        row.prop(self, "background")

    def execute(self, context: bpy.types.Context) -> set[str]:
        self._begin(context)
        try:
            if not self._in_window:
                while self._step(context):
                    pass
                return self._end(context)
            more = self._step(context)  # what is wrong from the start is told at once
        except RigtalkError as fault:
            return self._refuse(context, fault)
        if not more:
            return self._end(context)
        manager = context.window_manager
        self._timer = manager.event_timer_add(TICK_SECONDS, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if event.type == "ESC" and event.value == "PRESS":
            self._close(context)
            told = translated("Stopped: {} of {} frames are saved", self._done, self._total)
            self.report({"WARNING"}, told)
            return {"CANCELLED"}
        if event.type != "TIMER":
            return {"RUNNING_MODAL"}  # what is changed now would be in half of the pictures
        try:
            more = self._step(context)
        except RigtalkError as fault:
            return self._refuse(context, fault)
        except Exception:
            self._close(context)
            raise
        return {"RUNNING_MODAL"} if more else self._end(context)

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender calls this when it closes the window or loads another file."""
        self._close(context)

    def _begin(self, context: bpy.types.Context) -> None:
        scene = context.scene
        holder: Any = holder_of(context.object)
        frames = [scene.frame_current]
        if self.which == "RANGE":
            frames = list(range(scene.frame_start, scene.frame_end + 1, scene.frame_step))
        self._number, self._done, self._total = holder.session_uid, 0, len(frames)
        self._work = self._files(context, holder, frames)
        context.window_manager.progress_begin(0, 100)

    def _files(
        self, context: bpy.types.Context, holder: bpy.types.Object, frames: list[int]
    ) -> Iterator[Path]:
        if not self.directory:
            raise RigtalkError("there is no folder to write to: choose one")
        if self.directory.startswith("//") and not bpy.data.filepath:
            raise RigtalkError(
                f"the folder {self.directory} is relative to a file that was never saved: save it, "
                "or choose another folder"
            )
        yield from write_frames(
            holder,
            context,
            frames=frames,
            folder=Path(bpy.path.abspath(self.directory)).absolute(),
            background=None if self.transparent else tuple(self.background),
        )

    def _step(self, context: bpy.types.Context) -> bool:
        """Save one frame; false if there is none left."""
        path = None if self._work is None else next(self._work, None)
        if path is None:
            return False
        self._last = path
        self._done += 1
        share = self._done / self._total
        context.window_manager.progress_update(100 * share)
        if self._in_window:
            holder = self._holder()
            if holder is not None:
                told = translated("Saving frame {} of {}", self._done, self._total)
                standing.say(holder, told, share)
        return self._done < self._total

    def _holder(self) -> bpy.types.Object | None:
        return next((o for o in bpy.data.objects if o.session_uid == self._number), None)

    def _end(self, context: bpy.types.Context) -> set[str]:
        self._close(context)
        where = Path(bpy.path.abspath(self.directory)).absolute()
        what = self._last.name if self._total == 1 else translated("{} files", self._done)
        self.report({"INFO"}, translated("Wrote {} to {}", what, where))
        return {"FINISHED"}

    def _refuse(self, context: bpy.types.Context, fault: RigtalkError) -> set[str]:
        self._close(context)
        self.report({"ERROR"}, str(fault))
        return {"CANCELLED"}

    def _close(self, context: bpy.types.Context) -> None:
        work, self._work = self._work, None
        if work is not None:
            work.close()  # type: ignore[attr-defined]
        context.window_manager.progress_end()
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None
        holder = self._holder()
        if holder is not None and self._in_window:
            standing.clear(holder)


CLASSES = (GaussianFramesOperator,)


def register() -> None:
    """Register the operator."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Remove it."""
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
