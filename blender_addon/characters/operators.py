"""What the buttons of a character's mapping do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import bpy

from rigtalk.core.errors import RigtalkError
from rigtalk.rigs import control_set_names

from ..translations.text import translated
from . import editing, overrides, trial
from .finding import Target, found_target, mapping_owner
from .glances import glance
from .keeping import holder_to_edit, meant_by
from .rows import deleted

__all__ = ["CLASSES", "NeedsCharacter", "NeedsRows", "active_mapping", "refuse"]

_UNDOABLE: set[str] = {"REGISTER", "UNDO"}


def refuse(operator: bpy.types.Operator, fault: RigtalkError) -> set[str]:
    """Report what is wrong; nothing was changed."""
    operator.report({"ERROR"}, str(fault))
    return {"CANCELLED"}


def active_mapping(context: bpy.types.Context) -> Any:
    """The mapping with rows of the active object's character, or None."""
    owner = mapping_owner(context.object) if context.object is not None else None
    return owner.rigtalk_mapping if owner is not None else None


def poll_reason(cls: Any, reason: str) -> bool:
    """Poll: True without a reason against it, else the button says it."""
    if reason:
        cls.poll_message_set(reason)
    return not reason


def _no_character(context: bpy.types.Context) -> str:
    if context.object is None:
        return translated("Select a character first")
    if not context.object.is_editable:
        return translated("{} is linked: use Override Character first", context.object.name)
    return ""


def _no_rows(context: bpy.types.Context) -> str:
    reason = _no_character(context)
    if not reason and not glance(context.object).has_rows:
        reason = translated("The character has no mapping: use Find Controls first")
    return reason


def _active_row(mapping: Any) -> Any:
    rows = mapping.rows
    return rows[mapping.active] if 0 <= mapping.active < len(rows) else None


class NeedsCharacter:
    _why_not: ClassVar[Callable[[bpy.types.Context], str]] = staticmethod(_no_character)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return poll_reason(cls, cls._why_not(context))


class NeedsRows(NeedsCharacter):
    _why_not: ClassVar[Callable[[bpy.types.Context], str]] = staticmethod(_no_rows)


class FindControlsOperator(NeedsCharacter, bpy.types.Operator):
    """Find by name what moves the active character, and list it so that it can be changed"""

    bl_idname = "rigtalk.find_controls"
    bl_label = "Find Controls"
    bl_options: ClassVar = _UNDOABLE
    __annotations__ = {
        "rig": bpy.props.EnumProperty(
            name="Rig",
            description="The set of controls to look for",
            items=[
                ("AUTO", "Whatever Fits", "The richest set that the character has"),
                *((name, name, f"Only the controls of {name}") for name in control_set_names()),
            ],
            default="AUTO",
            options={"SKIP_SAVE"},
        ),
    }

    def execute(self, context: bpy.types.Context) -> set[str]:
        character = context.object
        try:
            target = found_target(character, rig=None if self.rig == "AUTO" else self.rig)
            owner = _owner(character, target)
        except RigtalkError as fault:
            return refuse(self, fault)
        count = editing.fill(owner, target)
        self.report(
            {"INFO"},
            translated(
                "{}: {} rows with {}", "; ".join(target.summary[:2]), count, meant_by(owner).name
            ),
        )
        return {"FINISHED"}


def _owner(character: bpy.types.Object, target: Target) -> bpy.types.Object:
    """The object to store a mapping with: the one that has it, else the carrier."""
    named = [thing for thing in target.objects if thing.name == target.object_name]
    owner = mapping_owner(character)
    if owner is not None:
        return owner
    carrier = named[0] if named else character
    if not carrier.is_editable:
        raise RigtalkError(f"{carrier.name} is linked: use Override Character first")
    return holder_to_edit(carrier)


class ClearMappingOperator(NeedsRows, bpy.types.Operator):
    """Forget the list; the controls are then found by name each time"""

    bl_idname = "rigtalk.mapping_clear"
    bl_label = "Forget Mapping"
    bl_options: ClassVar = _UNDOABLE

    def execute(self, context: bpy.types.Context) -> set[str]:
        mapping = active_mapping(context)
        trial.put_back(mapping)
        mapping.rows.clear()
        mapping.active = 0
        return {"FINISHED"}


class AddRowOperator(NeedsCharacter, bpy.types.Operator):
    """Add a row: another target for a control, or another control for a target"""

    bl_idname = "rigtalk.mapping_add"
    bl_label = "Add Row"
    bl_options: ClassVar = _UNDOABLE

    def execute(self, context: bpy.types.Context) -> set[str]:
        owner = mapping_owner(context.object) or holder_to_edit(context.object)
        mapping = owner.rigtalk_mapping
        trial.put_back(mapping)
        editing.add_row(mapping)
        return {"FINISHED"}


class RemoveRowOperator(NeedsRows, bpy.types.Operator):
    """Remove the active row; its target then stays as it is"""

    bl_idname = "rigtalk.mapping_remove"
    bl_label = "Remove Row"
    bl_options: ClassVar = _UNDOABLE

    def execute(self, context: bpy.types.Context) -> set[str]:
        mapping = active_mapping(context)
        if _active_row(mapping) is None:
            return refuse(self, RigtalkError("no row is chosen: click one in the list"))
        trial.put_back(mapping)
        mapping.rows.remove(mapping.active)
        mapping.active = max(0, min(mapping.active, len(mapping.rows) - 1))
        return {"FINISHED"}


class MirrorRowsOperator(NeedsRows, bpy.types.Operator):
    """Copy gain, offset, inversion and limits of the left side to the right"""

    bl_idname = "rigtalk.mapping_mirror"
    bl_label = "Mirror Left to Right"
    bl_options: ClassVar = _UNDOABLE

    def execute(self, context: bpy.types.Context) -> set[str]:
        changed, added = editing.mirror(active_mapping(context))
        self.report({"INFO"}, translated("Right side: {} rows changed, {} added", changed, added))
        return {"FINISHED"}


class ResetRowsOperator(NeedsRows, bpy.types.Operator):
    """Give the active row the settings with which it was found"""

    bl_idname = "rigtalk.mapping_reset"
    bl_label = "Reset Row"
    bl_options: ClassVar = _UNDOABLE
    __annotations__ = {
        "every": bpy.props.BoolProperty(
            name="Every Row", description="Reset all rows of the list", options={"SKIP_SAVE"}
        ),
    }

    def execute(self, context: bpy.types.Context) -> set[str]:
        mapping = active_mapping(context)
        row = _active_row(mapping)
        if row is None and not self.every:
            return refuse(self, RigtalkError("no row is chosen: click one in the list"))
        changed = editing.reset(mapping, mapping.rows if self.every else [row])
        self.report({"INFO"}, translated("{} rows changed", changed))
        return {"FINISHED"}


class CheckMappingOperator(NeedsRows, bpy.types.Operator):
    """Look for rows that point at something that is not there, and choose the first"""

    bl_idname = "rigtalk.mapping_check"
    bl_label = "Check Mapping"
    bl_options: ClassVar = {"REGISTER"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        mapping = active_mapping(context)
        gone = deleted(mapping.rows)
        found = editing.faults(mapping)
        found += [
            (i, f"{row.thing.name} was deleted from the scene: choose another object")
            for i, row in enumerate(mapping.rows)
            if row.thing in gone
        ]
        if not found:
            self.report({"INFO"}, translated("All {} rows point at something", len(mapping.rows)))
            return {"FINISHED"}
        first, fault = min(found)
        mapping.active = first
        control = mapping.rows[first].control or translated("no control")
        self.report(
            {"WARNING"},
            translated("{} rows are wrong; row {}, {}: {}", len(found), first + 1, control, fault),
        )
        return {"FINISHED"}


class PutBackOperator(NeedsRows, bpy.types.Operator):
    """End the test: give the target the value that it had before"""

    bl_idname = "rigtalk.mapping_put_back"
    bl_label = "End Test"
    bl_options: ClassVar = {"REGISTER"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        active_mapping(context).trial = 0.0
        return {"FINISHED"}


class OverrideOperator(bpy.types.Operator):
    """Make library overrides of a linked character and its shape keys, so that it can be keyed"""

    bl_idname = "rigtalk.override_character"
    bl_label = "Override Character"
    bl_options: ClassVar = _UNDOABLE

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return poll_reason(cls, overrides.why_not(context.object))

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            made = overrides.make(context.object, context)
        except RigtalkError as fault:
            return refuse(self, fault)
        self.report({"INFO"}, translated("{} overrides made", made))
        return {"FINISHED"}


CLASSES = (
    FindControlsOperator,
    ClearMappingOperator,
    AddRowOperator,
    RemoveRowOperator,
    MirrorRowsOperator,
    ResetRowsOperator,
    CheckMappingOperator,
    PutBackOperator,
    OverrideOperator,
)
