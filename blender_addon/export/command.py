"""Exports that the command line asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import bpy

from rigtalk.core.errors import RigtalkError
from rigtalk.core.exporting import ExportJob

from ..characters.targets import find_target, list_targets
from ..dialogue import line
from ..quiet import quiet
from ..scenes import open_scene
from .delivery import belongings, export_takes
from .presets import find_preset
from .takes import Take, find_takes

__all__ = ["export_file"]


def export_file(job: ExportJob) -> tuple[Path, ...]:
    """Open a scene and write takes of a character; what is open is left behind.

    Raises
    ------
    RigtalkError
        If the scene, the preset, the character, a take or the folder is not usable.
    """
    preset = find_preset(job.preset)
    made = _make_folder(job.folder)
    try:
        with quiet(), _lines_known():
            open_scene(job.scene)
            scene = bpy.context.scene
            character = _character(scene, job)
            target = find_target(character)
            objects = {character, *belongings(target, scene)}
            takes = tuple(Take(*take) for take in job.takes) or find_takes("AUTO", scene, objects)
            return export_takes(
                target,
                preset=preset,
                takes=takes,
                folder=job.folder,
                scene=scene,
                per=job.per,
                progress=job.progress,
            )
    finally:
        if made:
            with suppress(OSError):  # goes only if nothing came to lie in it
                job.folder.rmdir()


@contextmanager
def _lines_known() -> Iterator[None]:
    """Let scenes tell their lines also where the extension is not enabled."""
    known = hasattr(bpy.types.Scene, "rigtalk")
    if not known:
        line.register()
    try:
        yield
    finally:
        if not known:
            line.unregister()


def _make_folder(folder: Path) -> bool:
    if folder.is_dir():
        return False
    if folder.exists():
        raise RigtalkError(f"{folder} is a file: name a folder for the exports")
    try:
        folder.mkdir()
    except OSError as fault:
        raise RigtalkError(f"the folder {folder} cannot be made ({fault.strerror})") from None
    return True


def _character(scene: bpy.types.Scene, job: ExportJob) -> bpy.types.Object:
    rows = list_targets(scene.objects)
    known = ", ".join(row.object_name for row in rows)
    if job.object_name is not None:
        character = scene.objects.get(job.object_name)
        if character is None:
            hint = f"name one of {known}" if known else "no character was found in it"
            raise RigtalkError(f"there is no object {job.object_name!r} in {job.scene}: {hint}")
        return character
    # A face and its board lead to the same controls, and count once.
    found = {find_target(scene.objects[row.object_name]).object_name for row in rows}
    if len(found) != 1:
        problem = f"choose with --object one of {known}" if found else "no object has a known rig"
        raise RigtalkError(f"there is not one character in {job.scene}: {problem}")
    return scene.objects[found.pop()]
