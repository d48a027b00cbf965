"""Generate, cancel, export: what the buttons do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy_extras.io_utils import ExportHelper

from rigtalk.core.errors import RigtalkError

from . import export, targets
from .generation import Generation, Request
from .keys import scene_fps, write_performance
from .properties import direction_of, setting_fields, settings_of
from .sources import Source, add_sound_once, find_source, missing_source

__all__ = ["CLASSES", "progress", "stop"]

REDRAW_SECONDS = 0.1


@dataclass(frozen=True)
class Job:
    """A line on its way to a character; names both so that undo and renaming cannot break it."""

    generation: Generation
    source: Source
    scene_uid: int
    object_uid: int
    sound: bool


class _Running:
    """The one job that the user interface waits for."""

    job: ClassVar[Job | None] = None


def progress() -> float | None:
    """Fraction done of the job that is running, or None."""
    return _Running.job.generation.fraction if _Running.job else None


def stop() -> None:
    """End the running job and wait for its thread."""
    job, _Running.job = _Running.job, None
    if job is not None:
        job.generation.stop()


def _prepared(context: bpy.types.Context, settings: Any, character: bpy.types.Object) -> Job:
    source = find_source(context, settings)
    target = targets.find_target(character)
    request = Request(
        audio=source.audio,
        direction=direction_of(settings),
        rig=target.controls.name,
        fps=scene_fps(context.scene),
        begin=source.begin,
        end=source.end,
    )
    return Job(
        generation=Generation(request),
        source=source,
        scene_uid=context.scene.session_uid,
        object_uid=character.session_uid,
        sound=settings.add_sound and settings.audio_source == "FILE",
    )


def _applied(job: Job) -> str:
    """Key what the job made; says what was done."""
    performance = job.generation.result()
    scene = _by_uid(bpy.data.scenes, job.scene_uid, "scene")
    character = _by_uid(bpy.data.objects, job.object_uid, "character")
    target = targets.find_target(character)
    if target.controls.name != performance.controls.name:
        raise RigtalkError(f"{character.name} changed while its line was made: generate again")
    written = write_performance(
        performance, target.channels, scene=scene, start_frame=job.source.start_frame
    )
    notes = list(written.notes)
    if job.sound:
        notes.append(
            add_sound_once(scene, audio=job.source.audio, frame=round(job.source.start_frame))
        )
    done = (
        f"{character.name}: {written.curves} curves, frames {written.first:g} to {written.last:g}"
    )
    return "; ".join([done, *filter(None, notes)])


def _by_uid(collection: Any, uid: int, what: str) -> Any:
    for item in collection:
        if item.session_uid == uid:
            return item
    raise RigtalkError(f"the {what} was deleted while its line was made: choose another")


def _report(operator: bpy.types.Operator, fault: RigtalkError) -> set[str]:
    operator.report({"ERROR"}, str(fault))
    return {"CANCELLED"}


class _Synchronous:
    """Does a job here and now: for scripts and for Blender without a window."""

    def _run(
        self, context: bpy.types.Context, settings: Any, character: bpy.types.Object
    ) -> set[str]:
        try:
            job = _prepared(context, settings, character)
            job.generation.run()
            self.report({"INFO"}, _applied(job))  # type: ignore[attr-defined]
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
        reason = _why_not(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, context: bpy.types.Context) -> set[str]:
        return self._run(context, settings_of(context.scene), context.object)

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        if bpy.app.background or context.window is None:
            return self.execute(context)
        try:
            job = _prepared(context, settings_of(context.scene), context.object)
        except RigtalkError as fault:
            return _report(self, fault)
        _Running.job = job
        job.generation.start()
        manager = context.window_manager
        self._timer = manager.event_timer_add(REDRAW_SECONDS, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        _redraw(context)
        job = _Running.job
        if job is None:
            self._forget(context)
            return {"CANCELLED"}
        if not job.generation.done:
            return {"PASS_THROUGH"}
        self._forget(context)
        _Running.job = None
        if job.generation.cancelled:
            self.report({"INFO"}, "Cancelled: nothing was changed")
            return {"CANCELLED"}
        try:
            self.report({"INFO"}, _applied(job))
        except RigtalkError as fault:
            return _report(self, fault)
        return {"FINISHED"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender calls this when it closes the window or loads another file."""
        stop()
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
        if _Running.job is None:
            cls.poll_message_set("Nothing is being generated")
        return _Running.job is not None

    def execute(self, _context: bpy.types.Context) -> set[str]:
        if _Running.job is not None:
            _Running.job.generation.cancel()
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
        reason = "Nothing can be exported while generating" if _Running.job else ""
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


def _why_not(context: bpy.types.Context) -> str:
    if _Running.job is not None:
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


def _redraw(context: bpy.types.Context) -> None:
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()


CLASSES = (GenerateOperator, AnimateOperator, CancelOperator, ExportFbxOperator)
