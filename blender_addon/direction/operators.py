"""Moods keyed at a frame, from a menu or from markers."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy

from rigtalk.core.errors import RigtalkError

from ..animation.keys import scene_fps
from ..translations.text import translated
from .keying import check_keyable, clear_keys, key_mood
from .markers import read_markers
from .moods import NEUTRAL, Mood, moods

__all__ = ["CLASSES"]

SHOWN = 3
"""Markers named in a message."""


def _ease() -> Any:
    return bpy.props.FloatProperty(
        name="Ease In",
        description="Time before the frame in which the mood comes up; 0 for a jump",
        min=0.0,
        max=60.0,
        soft_max=5.0,
        default=0.5,
        subtype="TIME_ABSOLUTE",
    )


class _Keying:
    """On the active object, with the reason where that cannot be."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        reason = ""
        if context.object is None:
            reason = translated("Select a character first")
        else:
            try:
                check_keyable(context.object)
            except RigtalkError as fault:
                reason = str(fault)
        if reason:
            cls.poll_message_set(reason)  # type: ignore[attr-defined]
        return not reason

    def _key(self, context: bpy.types.Context, mood: Mood, frame: float, ease: float) -> set[str]:
        scene = context.scene
        try:
            notes = key_mood(
                context.object,
                mood,
                frame=frame,
                ease=ease * scene_fps(scene),
                current=scene.frame_current_final,
            )
        except RigtalkError as fault:
            self.report({"ERROR"}, str(fault))  # type: ignore[attr-defined]
            return {"CANCELLED"}
        done = translated(
            "{}: {} at frame {:g}", context.object.name, translated(mood.title), frame
        )
        self.report({"INFO"}, "; ".join([done, *notes]))  # type: ignore[attr-defined]
        return {"FINISHED"}


class KeyMoodOperator(_Keying, bpy.types.Operator):
    """Key a mood at the current frame, so that the character feels it from there on"""

    bl_idname = "rigtalk.key_mood"
    bl_label = "Key Mood"
    bl_options: ClassVar = {"REGISTER", "UNDO"}
    bl_property = "mood"
    __annotations__ = {
        "mood": bpy.props.EnumProperty(
            name="Mood",
            description="What the character feels, and how much it shows",
            items=[(mood.name, mood.title, mood.description) for mood in moods().values()],
        ),
        "amount": bpy.props.FloatProperty(
            name="Amount",
            description="Share of the mood: 0 is neutral",
            min=0.0,
            max=1.0,
            default=1.0,
            subtype="FACTOR",
        ),
        "ease": _ease(),
    }

    def execute(self, context: bpy.types.Context) -> set[str]:
        mood = moods()[self.mood].scaled(self.amount)
        return self._key(context, mood, context.scene.frame_current_final, self.ease)


class KeyNeutralOperator(_Keying, bpy.types.Operator):
    """Key no emotion and natural strengths at the current frame"""

    bl_idname = "rigtalk.key_neutral"
    bl_label = "Key Neutral"
    bl_options: ClassVar = {"REGISTER", "UNDO"}
    __annotations__ = {"ease": _ease()}

    def execute(self, context: bpy.types.Context) -> set[str]:
        return self._key(context, NEUTRAL, context.scene.frame_current_final, self.ease)


class ClearDirectionOperator(_Keying, bpy.types.Operator):
    """Remove the keys of the direction between two frames; other keys stay"""

    bl_idname = "rigtalk.clear_direction"
    bl_label = "Clear Direction"
    bl_options: ClassVar = {"REGISTER", "UNDO"}
    __annotations__ = {
        "whole": bpy.props.BoolProperty(
            name="All Frames", description="Wherever the keys are", default=True
        ),
        "first": bpy.props.IntProperty(name="First", description="First frame to clear", default=1),
        "last": bpy.props.IntProperty(name="Last", description="Last frame to clear", default=250),
    }

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        scene = context.scene
        preview = scene.use_preview_range
        self.first = scene.frame_preview_start if preview else scene.frame_start
        self.last = scene.frame_preview_end if preview else scene.frame_end
        self.whole = not preview
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        first, last = (-1e6, 1e6) if self.whole else (self.first, self.last)
        if first > last:
            self.report({"ERROR"}, f"frame {first} is after frame {last}: swap them")
            return {"CANCELLED"}
        try:
            count = clear_keys(context.object, first=first, last=last)
        except RigtalkError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        self.report({"INFO"}, translated("{}: {} keys removed", context.object.name, count))
        return {"FINISHED"}


class MarkersOperator(_Keying, bpy.types.Operator):
    """Key what timeline markers say."""

    bl_idname = "rigtalk.key_markers"
    bl_label = "Key Markers"
    bl_description = (
        "Key what timeline markers say: moods, emotions or strengths by name, such as 'furious', "
        "'joy 0.6, head 1.3' or, for one character among several, 'Anna: warm'"
    )
    bl_options: ClassVar = {"REGISTER", "UNDO"}
    __annotations__ = {
        "selected": bpy.props.BoolProperty(
            name="Selected Only", description="Only the markers that are selected"
        ),
        "ease": _ease(),
    }

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene, obj = context.scene, context.object
        markers = [m for m in scene.timeline_markers if m.select or not self.selected]
        found = read_markers(
            [(m.frame, m.name) for m in markers], obj.name, set(bpy.data.objects.keys())
        )
        skipped = ", ".join(found.skipped[:SHOWN])
        if len(found.skipped) > SHOWN:
            skipped += f" and {len(found.skipped) - SHOWN} more"
        if not found.moods:
            says = f"; not understood: {skipped}" if skipped else ""
            self.report({"ERROR"}, f"no marker names a mood{says}: name one furious or joy 0.6")
            return {"CANCELLED"}
        notes: tuple[str, ...] = ()
        fps = scene_fps(scene)
        before = -1e9
        try:
            for frame, mood in found.moods:
                # A mood that follows close on another comes up after it.
                ease = min(self.ease * fps, max(frame - before - 1.0, 0.0))
                notes = key_mood(
                    obj, mood, frame=frame, ease=ease, current=scene.frame_current_final
                )
                before = frame
        except RigtalkError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        count = len(found.moods)
        done = translated(
            "{}: {} marker keyed" if count == 1 else "{}: {} markers keyed", obj.name, count
        )
        skips = [translated("skipped {}, which name no mood", skipped)] if skipped else []
        self.report({"WARNING" if skips else "INFO"}, "; ".join([done, *skips, *notes]))
        return {"FINISHED"}


CLASSES = (KeyMoodOperator, KeyNeutralOperator, ClearDirectionOperator, MarkersOperator)
