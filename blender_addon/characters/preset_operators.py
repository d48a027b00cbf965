"""Mappings to share: files anywhere, and presets in the user's own folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy_extras.io_utils import ExportHelper, ImportHelper

from rigtalk.core.errors import RigtalkError

from ..translations.text import translated
from .editing import apply_stored, stored
from .finding import mapping_owner
from .keeping import holder_to_edit
from .mapping_file import read_mapping, write_mapping
from .operators import NeedsCharacter, NeedsRows, active_mapping, refuse

__all__ = ["CLASSES", "preset_files"]

_SUFFIX = ".json"
_FOLDER = "rigtalk/mapping"


def preset_files() -> dict[str, Path]:
    """Presets by name: the user's own, and those of other script folders."""
    found: dict[str, Path] = {}
    for folder in bpy.utils.preset_paths(_FOLDER):
        for path in sorted(Path(folder).glob(f"*{_SUFFIX}")):
            found.setdefault(bpy.path.display_name(path.stem, has_ext=False), path)
    return found


def _own_folder() -> Path:
    made = bpy.utils.user_resource("SCRIPTS", path=f"presets/{_FOLDER}", create=True)
    if not made:
        raise RigtalkError("Blender has no folder for presets: use Save Mapping instead")
    return Path(made)


def _apply(operator: bpy.types.Operator, context: bpy.types.Context, path: Path) -> set[str]:
    character = context.object
    try:
        given = read_mapping(path)
        if not given.rows:
            raise RigtalkError(f"{path} has no rows: nothing was changed")
        owner = mapping_owner(character) or holder_to_edit(character)
        count, lost = apply_stored(owner, character, given)
    except RigtalkError as fault:
        return refuse(operator, fault)
    if lost:
        operator.report(
            {"WARNING"}, translated("{} rows, of which {} point at nothing here", count, lost)
        )
    else:
        operator.report({"INFO"}, translated("{} rows", count))
    return {"FINISHED"}


class SaveMappingOperator(NeedsRows, bpy.types.Operator, ExportHelper):
    """Write the mapping of the active character to a file that can be shared"""

    bl_idname = "rigtalk.mapping_save"
    bl_label = "Save Mapping"
    filename_ext = _SUFFIX
    __annotations__ = {
        "filter_glob": bpy.props.StringProperty(default="*.json", options={"HIDDEN"}),
    }

    def execute(self, context: bpy.types.Context) -> set[str]:
        path = Path(bpy.path.abspath(self.filepath)).absolute()
        try:
            write_mapping(path, stored(active_mapping(context)))
        except RigtalkError as fault:
            return refuse(self, fault)
        self.report({"INFO"}, translated("Wrote {}", path))
        return {"FINISHED"}


class LoadMappingOperator(NeedsCharacter, bpy.types.Operator, ImportHelper):
    """Give the active character the mapping of a file, in place of its own"""

    bl_idname = "rigtalk.mapping_load"
    bl_label = "Load Mapping"
    bl_options: ClassVar = {"REGISTER", "UNDO"}
    filename_ext = _SUFFIX
    __annotations__ = {
        "filter_glob": bpy.props.StringProperty(default="*.json", options={"HIDDEN"}),
    }

    def execute(self, context: bpy.types.Context) -> set[str]:
        return _apply(self, context, Path(bpy.path.abspath(self.filepath)).absolute())


class AddPresetOperator(NeedsRows, bpy.types.Operator):
    """Keep the mapping as a preset for other characters and files"""

    bl_idname = "rigtalk.mapping_preset_add"
    bl_label = "Add Mapping Preset"
    bl_options: ClassVar = {"REGISTER"}
    __annotations__ = {
        "name": bpy.props.StringProperty(
            name="Name",
            description="What the preset is called; one of that name is replaced",
            default="My Rig",
            options={"SKIP_SAVE"},
        ),
    }

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        return set(context.window_manager.invoke_props_dialog(self))

    def execute(self, context: bpy.types.Context) -> set[str]:
        name = bpy.path.clean_name(self.name.strip())
        if not name.strip("_"):
            return refuse(self, RigtalkError("the preset has no name: give it one"))
        try:
            write_mapping(_own_folder() / f"{name}{_SUFFIX}", stored(active_mapping(context)))
        except RigtalkError as fault:
            return refuse(self, fault)
        self.report({"INFO"}, translated("Preset {}", name))
        return {"FINISHED"}


def _search_presets(_operator: Any, _context: bpy.types.Context, text: str) -> list[str]:
    return [name for name in preset_files() if text.casefold() in name.casefold()]


class _OfPreset:
    __annotations__ = {
        "name": bpy.props.StringProperty(
            name="Preset",
            description="Name of the preset",
            search=_search_presets,
            options={"SKIP_SAVE"},
        ),
    }

    def _path(self) -> Path:
        """Where the preset is.

        Raises
        ------
        RigtalkError
            If there is none of that name.
        """
        known = preset_files()
        name: str = self.name  # type: ignore[attr-defined]
        if name not in known:
            there = ", ".join(known) or "none; use Add Mapping Preset"
            raise RigtalkError(f"there is no preset {name!r} (there are: {there})")
        return known[name]


class ApplyPresetOperator(_OfPreset, NeedsCharacter, bpy.types.Operator):
    """Give the active character the mapping of a preset, in place of its own"""

    bl_idname = "rigtalk.mapping_preset_apply"
    bl_label = "Apply Mapping Preset"
    bl_options: ClassVar = {"REGISTER", "UNDO"}
    __annotations__ = _OfPreset.__annotations__

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            path = self._path()
        except RigtalkError as fault:
            return refuse(self, fault)
        return _apply(self, context, path)


class RemovePresetOperator(_OfPreset, bpy.types.Operator):
    """Delete a preset of your own from the disk"""

    bl_idname = "rigtalk.mapping_preset_remove"
    bl_label = "Remove Mapping Preset"
    bl_options: ClassVar = {"REGISTER"}
    __annotations__ = _OfPreset.__annotations__

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        return set(context.window_manager.invoke_props_dialog(self))

    def execute(self, _context: bpy.types.Context) -> set[str]:
        try:
            path = self._path()
            if path.parent != _own_folder():
                raise RigtalkError(f"{path} is not among your own presets: remove it by hand")
            path.unlink()
        except RigtalkError as fault:
            return refuse(self, fault)
        except OSError as fault:
            return refuse(self, RigtalkError(f"cannot remove {path}: {fault.strerror}"))
        return {"FINISHED"}


CLASSES = (
    SaveMappingOperator,
    LoadMappingOperator,
    AddPresetOperator,
    ApplyPresetOperator,
    RemovePresetOperator,
)
