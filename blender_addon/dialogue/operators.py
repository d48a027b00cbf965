"""Generate, cancel, export: what the buttons do."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy_extras.io_utils import ExportHelper

from rigtalk.core.errors import RigtalkError

from ..characters import targets
from ..export import exporters as export
from ..head.board import create_face_board
from ..head.scene import create_head
from . import jobs
from .properties import setting_fields, settings_of
from .sources import missing_source

__all__ = ["CLASSES", "why_not_generate"]

REDRAW_SECONDS = 0.1


def _report(operator: bpy.types.Operator, fault: RigtalkError) -> set[str]:
    operator.report({"ERROR"}, str(fault))
    return {"CANCELLED"}


class _Synchronous:
    """Does a job here and now: for scripts and for Blender without a window."""

    def _run(
        self, context: bpy.types.Context, settings: Any, character: bpy.types.Object
    ) -> set[str]:
        try:
            job = jobs.prepare(context, settings, character)
            job.generation.run()
            self.report({"INFO"}, jobs.apply(job))  # type: ignore[attr-defined]
        except RigtalkError as fault:
            return _report(self, fault)
        return {"FINISHED"}


class GenerateOperator(_Synchronous, bpy.types.Operator):
    """Animate the active character with the recording, in one undoable step"""

    bl_idname = "rigtalk.generate"
    bl_label = "Generate"
    bl_options: ClassVar = {"UNDO"}
    _timer: Any = None

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        reason = why_not_generate(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, context: bpy.types.Context) -> set[str]:
        return self._run(context, settings_of(context.scene), context.object)

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        if bpy.app.background or context.window is None:
            return self.execute(context)
        try:
            job = jobs.prepare(context, settings_of(context.scene), context.object)
        except RigtalkError as fault:
            return _report(self, fault)
        jobs.Running.job = job
        job.generation.start()
        manager = context.window_manager
        self._timer = manager.event_timer_add(REDRAW_SECONDS, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        _redraw(context)
        job = jobs.Running.job
        if job is None:
            self._forget(context)
            return {"CANCELLED"}
        if not job.generation.done:
            return {"PASS_THROUGH"}
        self._forget(context)
        jobs.Running.job = None
        _redraw(context)
        if job.generation.cancelled:
            self.report({"INFO"}, "Cancelled: nothing was changed")
            return {"CANCELLED"}
        try:
            self.report({"INFO"}, jobs.apply(job))
        except RigtalkError as fault:
            return _report(self, fault)
        return {"FINISHED"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender calls this when it closes the window or loads another file."""
        jobs.stop()
        self._forget(context)

    def _forget(self, context: bpy.types.Context) -> None:
        if self._timer is not None:
            context.window_manager.event_timer_remove(self._timer)
            self._timer = None


class AnimateOperator(_Synchronous, bpy.types.Operator):
    """Animate a character, with everything given by the call: for scripts"""

    bl_idname = "rigtalk.animate"
    bl_label = "Animate Character"
    bl_options: ClassVar = {"UNDO", "INTERNAL"}
    __annotations__ = {
        "object_name": bpy.props.StringProperty(name="Object", options={"SKIP_SAVE"}),
        **setting_fields(),
    }

    def execute(self, context: bpy.types.Context) -> set[str]:
        name = self.object_name or (context.object.name if context.object else "")
        character = bpy.data.objects.get(name)
        if character is None:
            rows = targets.list_targets(context.scene.objects)
            known = ", ".join(row.object_name for row in rows) or "your characters (none found)"
            return _report(self, RigtalkError(f"there is no object {name!r}: name one of {known}"))
        return self._run(context, self, character)


class CancelOperator(bpy.types.Operator):
    """Stop; nothing is changed"""

    bl_idname = "rigtalk.cancel"
    bl_label = "Cancel"
    bl_options: ClassVar = {"INTERNAL"}

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if jobs.Running.job is None:
            cls.poll_message_set("Nothing is being generated")
        return jobs.Running.job is not None

    def execute(self, _context: bpy.types.Context) -> set[str]:
        if jobs.Running.job is not None:
            jobs.Running.job.generation.cancel()
        return {"FINISHED"}


class AddHeadOperator(bpy.types.Operator):
    """Add the embedded head, to try things out or to act with"""

    bl_idname = "rigtalk.add_head"
    bl_label = "Add Head"
    bl_options: ClassVar = {"REGISTER", "UNDO"}
    __annotations__ = {
        "face_board": bpy.props.BoolProperty(
            name="Face Board",
            description="Add sliders like those of MetaHuman that move the head",
        ),
    }

    def execute(self, context: bpy.types.Context) -> set[str]:
        head = create_head(context.scene, neck=True)
        if self.face_board:
            create_face_board(head)
        for item in context.selected_objects:
            item.select_set(False)
        head.select_set(True)
        context.view_layer.objects.active = head
        _look_at_selection(context)
        return {"FINISHED"}


class ExportFbxOperator(bpy.types.Operator, ExportHelper):
    """Write the active character and its animation, over the frame range of the scene"""

    bl_idname = "rigtalk.export_fbx"
    bl_label = "Export FBX"
    filename_ext = ".fbx"
    __annotations__ = {
        "filter_glob": bpy.props.StringProperty(default="*.fbx", options={"HIDDEN"}),
    }

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        reason = "Nothing can be exported while generating" if jobs.Running.job else ""
        reason = reason or _why_no_target(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            target = targets.find_target(context.object)
            path = Path(bpy.path.abspath(self.filepath)).absolute()
            export.export_scene(path, objects=target.objects, scene=context.scene)
        except RigtalkError as fault:
            return _report(self, fault)
        self.report({"INFO"}, f"Wrote {path}")
        return {"FINISHED"}


def why_not_generate(context: bpy.types.Context) -> str:
    if jobs.Running.job is not None:
        return "A line is being generated"
    return _why_no_target(context) or missing_source(settings_of(context.scene))


def _why_no_target(context: bpy.types.Context) -> str:
    if context.object is None:
        return "Select a character first"
    try:
        targets.find_target(context.object)
    except RigtalkError as fault:
        return str(fault)
    return ""


def _look_at_selection(context: bpy.types.Context) -> None:
    """Frame what was added; life-size it is a dot in a new scene."""
    if context.area is None or context.area.type != "VIEW_3D":
        return
    region = next(region for region in context.area.regions if region.type == "WINDOW")
    with context.temp_override(region=region):
        bpy.ops.view3d.view_axis(type="FRONT")
        bpy.ops.view3d.view_selected()


def _redraw(context: bpy.types.Context) -> None:
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


CLASSES = (
    GenerateOperator,
    AnimateOperator,
    CancelOperator,
    AddHeadOperator,
    ExportFbxOperator,
)
