"""Exports from the panel."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy_extras.io_utils import ExportHelper

from rigtalk.core.errors import RigtalkError

from .. import compat
from ..characters import targets
from ..dialogue.queue import Running
from ..translations.text import OURS, translated
from . import exporters
from .delivery import belongings, export_takes
from .presets import find_preset, presets
from .takes import find_takes

__all__ = ["CLASSES", "ExportFbxOperator", "ExportOperator"]


class _OfCharacter:
    """Something that is done with the active character."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        reason = translated("Nothing can be exported while generating") if Running.queue else ""
        reason = reason or _why_no_target(context)
        if reason:
            cls.poll_message_set(reason)  # type: ignore[attr-defined]
        return not reason

    def _refuse(self, fault: RigtalkError) -> set[str]:
        self.report({"ERROR"}, str(fault))  # type: ignore[attr-defined]
        return {"CANCELLED"}


class ExportOperator(_OfCharacter, bpy.types.Operator):
    """Write the active character's lines for another program, all files or none"""

    bl_idname = "rigtalk.export"
    bl_label = "Export Takes"
    bl_options: ClassVar = {"PRESET"}
    __annotations__ = {
        "directory": bpy.props.StringProperty(
            name="Folder",
            description="Where the files go",
            subtype="DIR_PATH",
            options=compat.PATH_OPTIONS,
        ),
        "filter_folder": bpy.props.BoolProperty(
            description="Show folders", default=True, options={"HIDDEN"}
        ),
        "preset": bpy.props.EnumProperty(
            name="For",
            description="The program that the files are for",
            items=[(preset.name, preset.title, preset.description) for preset in presets()],
        ),
        "per": bpy.props.EnumProperty(
            name="Files",
            description="What gets a file of its own",
            items=(
                ("line", "One per Line", "A file for each take, named after it"),
                ("character", "One per Character", "One file that holds every take"),
            ),
        ),
        "takes": bpy.props.EnumProperty(
            name="Takes",
            description="What is exported",
            translation_context=OURS,
            items=(
                ("AUTO", "Automatic", "The generated lines, or else the frame range"),
                ("LINES", "Lines", "Each generated line of the character"),
                ("MARKERS", "Markers", "From each marker of the time line to the next"),
                ("SCENE", "Frame Range", "The frame range of the scene, as one take"),
            ),
        ),
        "basename": bpy.props.StringProperty(
            name="Name", description="What files are called after; empty for the character's name"
        ),
    }

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        if not self.directory and bpy.data.filepath:
            self.properties.directory = str(Path(bpy.data.filepath).parent)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        for name in ("preset", "per", "takes", "basename"):
            layout.prop(self, name)

    def execute(self, context: bpy.types.Context) -> set[str]:
        manager = context.window_manager
        manager.progress_begin(0, 100)
        try:
            paths = self._write(context, lambda fraction: manager.progress_update(100 * fraction))
        except RigtalkError as fault:
            return self._refuse(fault)
        finally:
            manager.progress_end()
        what = paths[0].name if len(paths) == 1 else translated("{} files", len(paths))
        self.report({"INFO"}, translated("Wrote {} to {}", what, paths[0].parent))
        return {"FINISHED"}

    def _write(self, context: bpy.types.Context, progress: Any) -> tuple[Path, ...]:
        if not self.directory:
            raise RigtalkError("there is no folder to write to: choose one")
        if self.directory.startswith("//") and not bpy.data.filepath:
            raise RigtalkError(
                f"the folder {self.directory} is relative to a file that was never saved: save it, "
                "or choose another folder"
            )
        scene = context.scene
        target = targets.find_target(context.object)
        objects = {context.object, *belongings(target, scene)}
        return export_takes(
            target,
            preset=find_preset(self.preset),
            takes=find_takes(self.takes, scene, objects),
            folder=Path(bpy.path.abspath(self.directory)).absolute(),
            scene=scene,
            per=self.per,
            name=self.basename,
            progress=progress,
        )


class ExportFbxOperator(_OfCharacter, bpy.types.Operator, ExportHelper):
    """Write the active character and its animation, over the frame range of the scene"""

    bl_idname = "rigtalk.export_fbx"
    bl_label = "Export FBX"
    filename_ext = ".fbx"
    __annotations__ = {
        "filter_glob": bpy.props.StringProperty(default="*.fbx", options={"HIDDEN"}),
    }

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            target = targets.find_target(context.object)
            path = Path(bpy.path.abspath(self.filepath)).absolute()
            exporters.export_scene(path, objects=target.objects, scene=context.scene)
        except RigtalkError as fault:
            return self._refuse(fault)
        self.report({"INFO"}, translated("Wrote {}", path))
        return {"FINISHED"}


def _why_no_target(context: bpy.types.Context) -> str:
    if context.object is None:
        return translated("Select a character first")
    seen = targets.glance(context.object)
    return "" if seen.found else seen.problem


CLASSES = (ExportOperator, ExportFbxOperator)
