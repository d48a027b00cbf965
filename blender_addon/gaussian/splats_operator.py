"""Writes the active character's head of Gaussians for other programs, as it stands in the scene."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy
from bpy_extras.io_utils import ExportHelper

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.deformation import RestFrames
from rigtalk.core.splat.files.formats import write_sequence, write_splats
from rigtalk.core.splat.files.head_file import read_head
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.head import SplatHead

from .. import outputs
from ..translations.text import OURS, translated
from .filing import chosen_file
from .following import Follower
from .open_head import head_path
from .preview_operator import why_no_head
from .properties import holder_of

__all__ = ["CLASSES", "frames_of"]

FORMAT_ITEMS = (
    (".ply", "PLY", "As 3D Gaussian Splatting writes it: large, and read by nearly everything"),
    (".spz", "SPZ", "Packed: a tenth of the size"),
    (".glb", "glTF", "With KHR_gaussian_splatting"),
)


class ExportSplatsOperator(bpy.types.Operator, ExportHelper):
    """Write the head of Gaussians as it stands in the scene, now or frame by frame"""

    bl_idname = "rigtalk.export_gaussian_frames"
    bl_label = "Export Frames as Splats"
    filename_ext = ".ply"
    __annotations__ = {
        "filter_glob": bpy.props.StringProperty(default="*.ply;*.spz;*.glb", options={"HIDDEN"}),
        "format": bpy.props.EnumProperty(
            name="Format", description="What other programs read", items=FORMAT_ITEMS
        ),
        "frames": bpy.props.EnumProperty(
            name="Frames",
            description="What is written",
            translation_context=OURS,
            items=(
                ("NOW", "Current Frame", "One file"),
                ("RANGE", "Frame Range", "A file for each frame, with its number in the name"),
            ),
        ),
    }

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        reason = why_no_head(context.object)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def check(self, _context: bpy.types.Context) -> bool:
        """Keep the suffix of the format, whatever was typed."""
        named = Path(self.filepath)
        wanted = str(named.with_suffix(self.format)) if named.stem else self.filepath
        changed = bool(wanted != self.filepath)
        self.properties.filepath = wanted
        return changed

    def draw(self, _context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "format")
        layout.prop(self, "frames")

    def execute(self, context: bpy.types.Context) -> set[str]:
        manager = context.window_manager
        manager.progress_begin(0, 100)
        try:
            paths = self._write(context, lambda done: manager.progress_update(100 * done))
        except RigtalkError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        finally:
            manager.progress_end()
        what = paths[0].name if len(paths) == 1 else translated("{} files", len(paths))
        self.report({"INFO"}, translated("Wrote {} to {}", what, paths[0].parent))
        return {"FINISHED"}

    def _write(self, context: bpy.types.Context, progress: Callable[[float], None]) -> list[Path]:
        path = chosen_file(self.filepath).with_suffix(self.format)
        outputs.check_writable([path])
        character = holder_of(context.object)
        head = read_head(head_path(character))
        if self.frames == "NOW":
            (gaussians,) = frames_of(head, character, context, [context.scene.frame_current])
            write_splats(path, gaussians, settings=head.settings)
            return [path]
        scene = context.scene
        numbers = range(scene.frame_start, scene.frame_end + 1)
        frames = frames_of(head, character, context, numbers, progress=progress)
        return write_sequence(path, frames, first=scene.frame_start, settings=head.settings)


def frames_of(
    head: SplatHead,
    character: bpy.types.Object,
    context: bpy.types.Context,
    numbers: Any,
    *,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Iterator[Gaussians]:
    """The Gaussians in the world, frame by frame; the frame that is shown comes back at the end.

    Raises
    ------
    RigtalkError
        If the meshes are not those that the head was made on.
    """
    scene = context.scene
    shown = scene.frame_current, scene.frame_subframe
    follower, rest = Follower(head, character), RestFrames.of(head.mesh)
    try:
        for done, number in enumerate(numbers):
            if (number, 0.0) != (scene.frame_current, scene.frame_subframe) and len(numbers) > 1:
                scene.frame_set(number)
            depsgraph = context.evaluated_depsgraph_get()
            follower.look(depsgraph)
            posed = head.posed(
                follower.vertices + follower.origin, follower.coefficients(depsgraph), rest
            )
            yield posed.gaussians()
            progress((done + 1) / len(numbers))
    finally:
        if len(numbers) > 1:
            scene.frame_set(shown[0], subframe=shown[1])


CLASSES = (ExportSplatsOperator,)


def register() -> None:
    """Register the operator."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Remove it."""
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
