"""Lays a captured head of Gaussians onto the active character."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy_extras.io_utils import ImportHelper

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.align import Similarity
from rigtalk.core.splat.binding import Bound, bind_scan
from rigtalk.core.splat.files.formats import SPLAT_SUFFIXES, read_splats
from rigtalk.core.splat.files.head_file import write_head
from rigtalk.core.splat.head_mesh import HeadMesh

from ..characters import targets
from ..translations.text import translated
from .extraction import head_mesh_of
from .filing import SUFFIX, chosen_file, free_path, keep
from .properties import holder_of
from .work import Work, begin

__all__ = ["AXES_ITEMS", "CLASSES"]

AXES_ITEMS = (
    ("AUTO", "Usual for the Format", "y down and z forward for PLY, y up for SPZ and glTF"),
    ("RDF", "Y Down, Z Forward", "As 3D Gaussian Splatting and COLMAP write them"),
    ("RUB", "Y Up, Z Backward", "As glTF and OpenGL have it"),
    ("LUF", "Y Up, Z Forward", "As Unity and many scanning apps have it"),
    ("RFU", "Z Up, Y Forward", "As Blender has it"),
)
_EVEN = 1e-3
"""By how much the axes of a starting object may differ in scale."""
_MM = 1000.0


class BindScanOperator(bpy.types.Operator, ImportHelper):
    """Lay a captured head of Gaussians onto the active character, whose rig then moves it"""

    bl_idname = "rigtalk.bind_gaussian_scan"
    bl_label = "Bind a Captured Head"
    __annotations__ = {
        "filter_glob": bpy.props.StringProperty(
            default=";".join(f"*{suffix}" for suffix in SPLAT_SUFFIXES), options={"HIDDEN"}
        ),
        "axes": bpy.props.EnumProperty(
            name="Axes", description="Where the axes of the file point", items=AXES_ITEMS
        ),
        "align": bpy.props.BoolProperty(
            name="Align",
            description="Find the place, turn and scale that lay it onto the mesh; otherwise it "
            "stays where it is in the world, or where the starting object puts it",
            default=True,
        ),
        "start": bpy.props.StringProperty(
            name="Start",
            description="An object, such as an Empty, whose location, rotation and scale put the "
            "captured head roughly in place; empty to try turns about the vertical",
            options={"SKIP_SAVE"},
        ),
        "keep": bpy.props.FloatProperty(
            name="Match",
            description="Share of the capture that the mesh has too; less for much hair, "
            "shoulders or background",
            min=0.05,
            max=1.0,
            default=0.7,
            subtype="FACTOR",
        ),
        "within": bpy.props.FloatProperty(
            name="Within",
            description="Leave out what is farther from the mesh than this; 0 keeps everything",
            min=0.0,
            subtype="DISTANCE",
        ),
    }

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        reason = _why_not(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "axes")
        layout.prop(self, "align")
        layout.prop_search(self, "start", context.scene, "objects")
        row = layout.row()
        row.active = self.align
        row.prop(self, "keep", slider=True)
        layout.prop(self, "within")

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            work = self._work(context)
        except RigtalkError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        return begin(self, context, work)

    def _work(self, context: bpy.types.Context) -> Work:
        scan = chosen_file(self.filepath)
        if not scan.is_file():
            raise RigtalkError(f"{scan}: no such file: choose a capture")
        character = holder_of(context.object)
        goal = free_path(scan.with_name(f"{scan.stem} on {_file_name(character.name)}{SUFFIX}"))
        mesh = _mesh_of(character, context)
        space = bpy.data.objects[mesh.objects[0]]
        unit = space.matrix_world.median_scale
        options: dict[str, Any] = {
            "align": self.align,
            "start": self._start(context.scene, space),
            "keep": self.keep,
            "within": self.within / unit,
        }
        axes = None if self.axes == "AUTO" else self.axes
        mm = unit * context.scene.unit_settings.scale_length * _MM
        aligned = self.align

        def compute(cancelled: Callable[[], bool]) -> Bound:
            return _bind(scan, axes, mesh, options, goal, cancelled)

        def finish(found: bpy.types.Object, bound: Bound) -> str:
            keep(found, goal)
            return _told(bound, mm if aligned else None, goal)

        return Work(character, translated("Binding {}", scan.name), compute, finish)

    def _start(self, scene: bpy.types.Scene, space: bpy.types.Object) -> Similarity | None:
        """Where the file's Gaussians are in the head's space to begin with; None if anywhere."""
        into = np.array(space.matrix_world.inverted())
        if not self.start:
            return None if self.align else _similarity(into, space.name)
        thing = scene.objects.get(self.start)
        if thing is None:
            raise RigtalkError(f"there is no object {self.start!r} in the scene to start from")
        return _similarity(into @ np.array(thing.matrix_world), thing.name)


def _bind(
    scan: Path,
    axes: str | None,
    mesh: HeadMesh,
    options: dict[str, Any],
    goal: Path,
    cancelled: Callable[[], bool],
) -> Bound:
    """Read, align, bind and write; on a thread, so without Blender."""
    gaussians, settings = read_splats(scan, axes=axes)
    facts = {"source": scan.name}
    bound = bind_scan(gaussians, mesh, settings=settings, facts=facts, **options)
    if not cancelled():
        write_head(goal, bound.head)
    return bound


def _told(bound: Bound, mm: float | None, goal: Path) -> str:
    told = translated("{} Gaussians bound, in {}", f"{len(bound.head):,}", goal.name)
    if bound.left_out:
        told += ", " + translated("{} left out", f"{bound.left_out:,}")
    if mm is not None:
        scale, apart = f"{bound.similarity.scale:.4g}", f"{bound.similarity.residual * mm:.2f}"
        told += ", " + translated("scaled by {}, {} mm from the mesh on average", scale, apart)
    return told


def _mesh_of(character: bpy.types.Object, context: bpy.types.Context) -> HeadMesh:
    manager = context.window_manager
    manager.progress_begin(0, 100)
    try:
        return head_mesh_of(
            character, context, progress=lambda done: manager.progress_update(100 * done)
        )
    finally:
        manager.progress_end()


def _similarity(matrix: np.ndarray, name: str) -> Similarity:
    """A matrix (4, 4) as a similarity; RigtalkError if it shears or mirrors."""
    part = matrix[:3, :3].astype(np.float64)
    scale = float(np.cbrt(max(np.linalg.det(part), 0.0)))
    rotation = part / scale if scale > 0 else part
    if scale <= 0 or not np.allclose(rotation.T @ rotation, np.eye(3), atol=_EVEN):
        raise RigtalkError(
            f"{name} is mirrored, flat or scaled unevenly: give all three axes the same scale "
            "above 0"
        )
    return Similarity(rotation, scale, matrix[:3, 3].astype(np.float64))


def _file_name(name: str) -> str:
    return str(bpy.path.clean_name(name))


def _why_not(context: bpy.types.Context) -> str:
    if context.object is None:
        return translated("Select a character first")
    if context.mode not in ("OBJECT", "POSE"):
        return translated("Go to Object Mode first")
    if Work.running is not None:
        return translated("Something is being computed already")
    holder = holder_of(context.object)
    if not holder.is_editable:
        return translated("{} is linked: use Override Character first", holder.name)
    return targets.glance(holder).problem


CLASSES = (BindScanOperator,)


def register() -> None:
    """Register the operator."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Remove it."""
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
