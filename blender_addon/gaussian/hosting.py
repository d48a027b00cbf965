"""Pictures and meshes of characters for the command line."""

from __future__ import annotations

from pathlib import Path

import bpy

from rigtalk.core.splat.fitting.capture import CaptureFolder
from rigtalk.core.splat.fitting.job import HeadCaptureJob
from rigtalk.core.splat.head_mesh import HeadMesh

from ..casting import open_character
from ..quiet import quiet
from .capture import Capture
from .engines import EMBEDDED
from .extraction import head_mesh_of

__all__ = ["capture_head", "head_mesh"]


def capture_head(job: HeadCaptureJob) -> CaptureFolder:
    """Open the scene of a job and take its pictures; what is open is left behind.

    Raises
    ------
    RigtalkError
        If the scene, the character, the engine or the folder is not usable.
    """
    character = open_character(job.scene, job.object_name)
    engine = job.engine or (EMBEDDED if job.scene is None else None)
    with quiet():
        capture = Capture(
            character,
            bpy.context,
            job.folder,
            quality=job.quality,
            engine=engine,
            size=job.size,
        )
        job.progress(capture.fraction)
        while not capture.done and not job.cancelled():
            capture.step(bpy.context)
            job.progress(capture.fraction)
    return capture.folder


def head_mesh(scene: Path | None, object_name: str | None) -> HeadMesh:
    """Open a scene and read the meshes of a character; what is open is left behind.

    Raises
    ------
    RigtalkError
        If the scene or the character is not usable.
    """
    return head_mesh_of(open_character(scene, object_name), bpy.context)
