"""Files of scenes: opened, timed and saved without a window."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import bpy

from rigtalk.core.errors import RigtalkError
from rigtalk.core.performance import check_fps

from .animation.keys import scene_fps
from .faults import reason_of

__all__ = ["open_scene", "save_blend", "set_scene_fps"]

NTSC = 1.001
"""29.97 fps and its kin are whole rates divided by this."""
FILE_MAGIC = (b"BLENDER", b"\x28\xb5\x2f\xfd", b"\x1f\x8b")
"""What a .blend starts with: plain, compressed with Zstandard, compressed by old versions."""


def open_scene(path: Path) -> None:
    """Open a .blend, without its scripts.

    Raises
    ------
    RigtalkError
        If it is missing, is no .blend, is damaged or is from a newer Blender.
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise RigtalkError(f"the scene {path} {what}: name a .blend file")
    try:
        with path.open("rb") as file:
            start = file.read(7)
    except OSError as fault:
        raise RigtalkError(f"cannot read the scene {path}: {fault.strerror}") from None
    if not start.startswith(FILE_MAGIC):
        raise RigtalkError(f"{path} is not a .blend file: save it from Blender again")
    newer = f"{path} was saved by a newer Blender than {bpy.app.version_string}: use that one"
    try:
        bpy.ops.wm.open_mainfile(filepath=str(path), load_ui=False, use_scripts=False)
    except RuntimeError as fault:
        reason = reason_of(fault)
        message = newer if "newer" in reason else f"cannot open {path}: {reason}"
        raise RigtalkError(message) from None
    if tuple(bpy.data.version[:2]) > tuple(bpy.app.version[:2]):
        raise RigtalkError(newer)


def set_scene_fps(scene: bpy.types.Scene, fps: float) -> list[str]:
    """Set the frame rate of a scene; says so if that changes it.

    Raises
    ------
    RigtalkError
        If fps is out of range.
    """
    check_fps(fps)
    before = scene_fps(scene)
    whole = round(fps * NTSC)
    if abs(fps - whole / NTSC) < 1e-3 and abs(fps - round(fps)) > 1e-3:
        scene.render.fps, scene.render.fps_base = whole, NTSC
    else:
        whole = max(1, round(fps))
        scene.render.fps, scene.render.fps_base = whole, whole / fps
    after = scene_fps(scene)
    if abs(after - before) < 1e-3:
        return []
    return [f"the scene now runs at {after:.6g} fps instead of {before:.6g}"]


def save_blend(path: Path, *, part: Path) -> None:
    """Save what is open as a copy, sounds by relative path where there is one.

    Parameters
    ----------
    path : Path
        What errors call it.
    part : Path
        The file to write, in the same folder.

    Raises
    ------
    RigtalkError
        If Blender cannot write it.
    """
    for sound in bpy.data.sounds:
        if sound.library is None and not sound.filepath.startswith("//"):
            # Blender itself turns paths from the folder of the old file to that of the new one.
            start = None if bpy.data.filepath else str(part.parent)
            with suppress(ValueError):  # on Windows: another drive
                sound.filepath = bpy.path.relpath(sound.filepath, start=start)
    try:
        bpy.ops.wm.save_as_mainfile(filepath=str(part), compress=True, copy=True)
    except RuntimeError as fault:
        raise RigtalkError(f"cannot save {path}: {reason_of(fault)}") from None
