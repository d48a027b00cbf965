"""What is on a stage as FBX, glTF and USD."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

from rigtalk.core.errors import RigtalkError

from ..faults import reason_of
from .glb import split_takes
from .presets import Preset
from .stage import Stage

__all__ = ["WRITERS", "check_usd", "write_stage"]


def write_stage(path: Path, *, part: Path, stage: Stage, preset: Preset) -> None:
    """Write a stage in the format of a preset.

    Parameters
    ----------
    path : Path
        What errors call it.
    part : Path
        The file to write.
    stage : Stage
    preset : Preset

    Raises
    ------
    RigtalkError
        If the exporter is switched off or fails.
    """
    try:
        with stage.shown():
            WRITERS[preset.format](part, stage, preset)
    except AttributeError as fault:
        if "could not be found" not in str(fault):
            raise
        raise RigtalkError(
            f"cannot write {path.name}: enable Blender's add-on for {preset.format.upper()} "
            "in the preferences"
        ) from None
    except RuntimeError as fault:
        raise RigtalkError(f"cannot write {path}: {reason_of(fault)}") from None


def _fbx(part: Path, stage: Stage, preset: Preset) -> None:
    _mark_takes(stage)
    bpy.ops.export_scene.fbx(
        filepath=str(part),
        use_selection=True,
        object_types={"MESH", "ARMATURE", "EMPTY"},
        # Applying modifiers would lose the shape keys.
        use_mesh_modifiers=False,
        add_leaf_bones=False,
        bake_anim_use_all_bones=True,
        bake_anim_use_all_actions=False,
        bake_anim_use_nla_strips=True,
        bake_anim_force_startend_keying=True,
        bake_anim_simplify_factor=0.0,
        global_scale=preset.scale,
        axis_forward=preset.forward,
        axis_up=preset.up,
        **preset.options,
    )


def _mark_takes(stage: Stage) -> None:
    """Let Blender's FBX exporter see the takes, which it makes of the NLA strips of objects.

    It switches every action and strip of the objects that it writes off and one strip at a time on.
    So those must not be what moves them: they follow twins that it does not write. What strips hold
    does not matter, as long as there is one strip for each take.
    """
    marked = stage.objects[0]
    for thing in stage.objects:
        if thing.animation_data is not None and thing.animation_data.action is not None:
            _follow_a_twin(stage, thing)
    track = (marked.animation_data or marked.animation_data_create()).nla_tracks.new()
    for take, start in zip(stage.takes, stage.starts, strict=True):
        action = bpy.data.actions.new("RigTalk Take")
        action.use_frame_range = True
        action.frame_start, action.frame_end = start, start + len(take) - 1
        strip = track.strips.new(take.name, start, action)
        # Of one frame there is no strip: it lasts until the frame after.
        strip.name = take.name


def _follow_a_twin(stage: Stage, thing: bpy.types.Object) -> None:
    twin = thing.copy()
    stage.add(twin)
    twin.hide_select = True
    thing.animation_data_clear()
    _copy_transforms(thing, twin)
    if thing.type == "ARMATURE":
        for bone in thing.pose.bones:
            follow = _copy_transforms(bone, twin)
            follow.subtarget = bone.name
            follow.owner_space = follow.target_space = "POSE"


def _copy_transforms(thing: Any, twin: bpy.types.Object) -> Any:
    constraint = thing.constraints.new("COPY_TRANSFORMS")
    constraint.target = twin
    return constraint


def _glb(part: Path, stage: Stage, preset: Preset) -> None:
    bpy.ops.export_scene.gltf(
        filepath=str(part),
        export_format="GLB",
        use_selection=True,
        use_active_scene=True,
        export_yup=preset.up == "Y",
        export_apply=False,
        export_animation_mode="SCENE",
        export_anim_scene_split_object=False,
        export_force_sampling=True,
        export_optimize_animation_size=False,
        export_optimize_animation_keep_anim_armature=True,
        export_optimize_animation_keep_anim_object=True,
        **preset.options,
    )
    rate = stage.scene.render.fps
    split_takes(part, stage.takes, first_frames=stage.starts, rate=rate, fps=stage.fps)


def _usd(part: Path, stage: Stage, preset: Preset) -> None:
    bpy.ops.wm.usd_export(
        filepath=str(part),
        selected_objects_only=True,
        export_animation=True,
        convert_world_material=False,
        **preset.options,
    )
    check_usd(part)


def check_usd(part: Path) -> None:
    """Raise OSError if a USD was cut short.

    On a full disk the exporter claims to have finished. A binary USD ends with its table of
    contents and says at byte 16 where that begins.
    """
    with part.open("rb") as file:
        head = file.read(24)
    if len(head) < 24 or int.from_bytes(head[16:24], "little") >= part.stat().st_size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


WRITERS: dict[str, Callable[[Path, Stage, Preset], None]] = {
    "fbx": _fbx,
    "glb": _glb,
    "usd": _usd,
}
"""By format of a preset."""
