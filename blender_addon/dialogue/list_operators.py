"""Adds, removes and sorts lines, and fills the list from the sequencer."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy_extras.io_utils import ImportHelper

from rigtalk.core.errors import RigtalkError

from ..characters import targets
from ..translations.text import OURS
from .below import object_below
from .line import active_line, new_line, settings_of
from .line_operators import NeedsLine, line_start
from .listing import add_files, fill_from_strips, unused_name

__all__ = ["CLASSES"]

SOUND_FILES = "*.wav;*.flac;*.ogg;*.opus;*.mp3;*.aif;*.aiff"


class AddLineOperator(bpy.types.Operator, ImportHelper):
    """Add a line for each recording that you choose, spoken by the selected character"""

    bl_idname = "rigtalk.add_lines"
    bl_label = "Add Lines"
    bl_options: ClassVar = {"REGISTER", "UNDO"}
    __annotations__ = {
        "filter_glob": bpy.props.StringProperty(default=SOUND_FILES, options={"HIDDEN"}),
        # What a drop fills in must not be remembered, or the next press would use it again.
        "filepath": bpy.props.StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"}),
        "character_name": bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"}),
        "files": bpy.props.CollectionProperty(
            type=bpy.types.OperatorFileListElement, options={"HIDDEN", "SKIP_SAVE"}
        ),
        "directory": bpy.props.StringProperty(subtype="DIR_PATH", options={"HIDDEN", "SKIP_SAVE"}),
    }

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if self.filepath or self.directory:  # recordings were dropped
            below = object_below(context, event)
            self.character_name = "" if below is None else below.name
            return self.execute(context)
        return ImportHelper.invoke(self, context, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        folder = Path(self.directory or Path(self.filepath).parent)
        names = [file.name for file in self.files if file.name]
        paths = [folder / name for name in names] or [Path(self.filepath)]
        filled = add_files(
            context.scene,
            paths,
            character=_dropped_on(context, self.character_name) or _selected_character(context),
            start_frame=context.scene.frame_current,
        )
        self.report({"INFO"}, filled.told)
        return {"FINISHED"}


class AddEmptyLineOperator(bpy.types.Operator):
    """Add a line whose recording is chosen below"""

    bl_idname = "rigtalk.add_line"
    bl_label = "Add Line"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene = context.scene
        line = new_line(scene, unused_name(scene, "Line"))
        line.character = _selected_character(context)
        return {"FINISHED"}


class FillOperator(bpy.types.Operator):
    """A line for each sound strip of the sequencer."""

    bl_idname = "rigtalk.fill_from_strips"
    bl_label = "From Sequencer"
    bl_description = (
        "Add a line for each sound strip; channels are named after characters, "
        "text strips are the words"
    )
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            filled = fill_from_strips(context.scene)
        except RigtalkError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        self.report({"WARNING" if filled.notes else "INFO"}, filled.told)
        return {"FINISHED"}


class RemoveLineOperator(NeedsLine, bpy.types.Operator):
    """Remove the line from the list; its keys stay"""

    bl_idname = "rigtalk.remove_line"
    bl_label = "Remove Line"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = settings_of(context.scene)
        at = _active_index(settings)
        settings.lines.remove(at)
        settings.active = max(0, min(at, len(settings.lines) - 1))
        return {"FINISHED"}


class MoveLineOperator(NeedsLine, bpy.types.Operator):
    """Move the line in the list"""

    bl_idname = "rigtalk.move_line"
    bl_label = "Move Line"
    bl_options: ClassVar = {"REGISTER", "UNDO"}
    __annotations__ = {
        "to": bpy.props.EnumProperty(
            name="To",
            description="Where the line goes",
            items=(
                ("UP", "Up", "One place up"),
                ("DOWN", "Down", "One place down"),
                ("TOP", "Top", "The first place"),
                ("BOTTOM", "Bottom", "The last place"),
            ),
        )
    }

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = settings_of(context.scene)
        at, last = _active_index(settings), len(settings.lines) - 1
        goal = {"UP": at - 1, "DOWN": at + 1, "TOP": 0, "BOTTOM": last}[self.to]
        goal = min(max(goal, 0), last)
        settings.lines.move(at, goal)
        settings.active = goal
        return {"FINISHED"}


class SortLinesOperator(NeedsLine, bpy.types.Operator):
    """Sort the lines by where they start"""

    bl_idname = "rigtalk.sort_lines"
    bl_label = "Sort by Start"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = settings_of(context.scene)
        active = active_line(context.scene).uid
        starts = {line.uid: line_start(context.scene, line) for line in settings.lines}
        wanted = [line.uid for line in sorted(settings.lines, key=lambda line: starts[line.uid])]
        for place, uid in enumerate(wanted):
            here = next(i for i, line in enumerate(settings.lines) if line.uid == uid)
            settings.lines.move(here, place)
        settings.active = wanted.index(active)
        return {"FINISHED"}


class ChooseLinesOperator(NeedsLine, bpy.types.Operator):
    """Tick or untick every line"""

    bl_idname = "rigtalk.choose_lines"
    bl_label = "Select Lines"
    bl_options: ClassVar = {"REGISTER", "UNDO"}
    __annotations__ = {
        "action": bpy.props.EnumProperty(
            name="Action",
            description="What becomes of the ticks",
            items=(
                ("ALL", "All", "Tick every line"),
                ("NONE", "None", "Untick every line"),
                ("INVERT", "Invert", "Tick those that are not"),
            ),
        )
    }

    def execute(self, context: bpy.types.Context) -> set[str]:
        for line in settings_of(context.scene).lines:
            line.chosen = {"ALL": True, "NONE": False, "INVERT": not line.chosen}[self.action]
        return {"FINISHED"}


class SoundFiles(bpy.types.FileHandler):
    """Recordings dropped into a 3D viewport become lines."""

    bl_idname = "RIGTALK_FH_sounds"
    bl_label = "RigTalk Lines"
    bl_import_operator = "rigtalk.add_lines"
    bl_file_extensions = SOUND_FILES.replace("*", "")

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        return context.area is not None and context.area.type == "VIEW_3D"


class LineMenu(bpy.types.Menu):
    """What else can be done with the list"""

    bl_idname = "RIGTALK_MT_lines"
    bl_label = "Lines"
    bl_translation_context = OURS

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator("rigtalk.fill_from_strips", icon="SEQ_SEQUENCER")
        layout.operator("rigtalk.add_lines", text="Add Recordings", icon="FILE_SOUND")
        layout.separator()
        layout.operator("rigtalk.sort_lines", icon="SORTTIME")
        layout.operator("rigtalk.move_line", text="Move to Top", icon="TRIA_UP_BAR").to = "TOP"
        layout.operator(
            "rigtalk.move_line", text="Move to Bottom", icon="TRIA_DOWN_BAR"
        ).to = "BOTTOM"
        layout.separator()
        layout.operator_menu_enum("rigtalk.choose_lines", "action")


def _dropped_on(context: bpy.types.Context, name: str) -> bpy.types.Object | None:
    """The object of a name, if it is a character."""
    thing = context.scene.objects.get(name) if name else None
    return thing if thing is not None and not targets.glance(thing).problem else None


def _selected_character(context: bpy.types.Context) -> bpy.types.Object | None:
    """The active object where it is a character, else the only character there is."""
    if context.object is not None and not targets.glance(context.object).problem:
        return context.object
    rows = targets.list_targets(context.scene.objects)
    return context.scene.objects[rows[0].object_name] if len(rows) == 1 else None


def _active_index(settings: Any) -> int:
    return min(max(settings.active, 0), len(settings.lines) - 1)


CLASSES = (
    AddLineOperator,
    AddEmptyLineOperator,
    FillOperator,
    RemoveLineOperator,
    MoveLineOperator,
    SortLinesOperator,
    ChooseLinesOperator,
    SoundFiles,
    LineMenu,
)
