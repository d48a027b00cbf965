"""Characters and their motion as FBX, glTF and USD."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import bpy

from rigtalk.core.errors import RigtalkError

from ..faults import reason_of
from ..outputs import staged
from .glb import stretch_times
from .writers import check_usd

__all__ = ["EXPORTERS", "export_scene", "write_export"]


def _fbx(path: Path) -> None:
    bpy.ops.export_scene.fbx(
        filepath=str(path),
        use_selection=True,
        object_types={"MESH", "ARMATURE", "EMPTY"},
        # Applying modifiers would lose the shape keys.
        use_mesh_modifiers=False,
        add_leaf_bones=False,
        bake_anim_use_all_actions=False,
        bake_anim_use_nla_strips=False,
        bake_anim_force_startend_keying=True,
        bake_anim_simplify_factor=0.0,
    )


def _glb(path: Path) -> None:
    render = bpy.context.scene.render
    base = render.fps_base
    # Blender multiplies by the base of a rate such as 29.97 where it should divide.
    render.fps_base = 1.0
    try:
        bpy.ops.export_scene.gltf(
            filepath=str(path),
            export_format="GLB",
            use_selection=True,
            export_apply=False,
            export_animation_mode="SCENE",
            export_optimize_animation_size=False,
        )
    finally:
        render.fps_base = base
    if base != 1.0:
        stretch_times(path, base)


def _usd(path: Path) -> None:
    bpy.ops.wm.usd_export(
        filepath=str(path),
        selected_objects_only=True,
        export_animation=True,
        convert_world_material=False,
    )
    check_usd(path)


EXPORTERS: dict[str, Callable[[Path], None]] = {".fbx": _fbx, ".glb": _glb, ".usd": _usd}
"""By suffix; each writes what is selected, over the frame range of the scene."""


def export_scene(
    path: Path, *, objects: Sequence[bpy.types.Object], scene: bpy.types.Scene
) -> None:
    """Write objects to a file, whole or not at all.

    Parameters
    ----------
    path : Path
        Its suffix is one of `EXPORTERS`.
    objects : sequence of bpy.types.Object
    scene : bpy.types.Scene
        The active scene; its frame range is written.

    Raises
    ------
    RigtalkError
        If the format is unknown, its exporter is switched off or the file cannot be written.
    """
    with staged([path]) as parts:
        write_export(path, part=parts[path], objects=objects, scene=scene)


def write_export(
    path: Path, *, part: Path, objects: Sequence[bpy.types.Object], scene: bpy.types.Scene
) -> None:
    """As `export_scene`, but write to `part`; `path` is only what errors call it."""
    exporter = EXPORTERS.get(path.suffix.lower())
    if exporter is None:
        known = ", ".join(EXPORTERS)
        raise RigtalkError(f"cannot export to {path.name}: the endings are {known}")
    frame = scene.frame_current
    try:
        with _selected(objects):
            exporter(part)
    except AttributeError:
        raise RigtalkError(
            f"cannot export to {path.suffix}: enable Blender's add-on for it in the preferences"
        ) from None
    except RuntimeError as fault:
        raise RigtalkError(f"cannot export to {path}: {reason_of(fault)}") from None
    finally:
        scene.frame_set(frame)


@contextmanager
def _selected(objects: Sequence[bpy.types.Object]) -> Iterator[None]:
    """Exactly these objects selected and visible, for as long as it takes."""
    layer = bpy.context.view_layer
    layer.update()
    before = {item: (item.select_get(), item.hide_get()) for item in layer.objects}
    if not any(item in before for item in objects):
        raise RigtalkError(f"cannot export: {objects[0].name} is not in the view layer")
    active = layer.objects.active
    if active is not None and active.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    try:
        for item, (_, hidden) in before.items():
            item.hide_set(hidden and item not in objects)
            item.select_set(item in objects)
        yield
    finally:
        for item, (selected, hidden) in before.items():
            item.select_set(selected)
            item.hide_set(hidden)
