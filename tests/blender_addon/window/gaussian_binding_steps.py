"""A captured head is bound from the file browser, and undone, in a real window."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import bpy
import numpy as np

MODULE = "bl_ext.user_default.rigtalk"
EVERY = 40
"""Vertices of the head of which one becomes a Gaussian."""


def steps(window: Any) -> Iterator[Any]:
    bpy.ops.extensions.package_install_files(
        filepath=window.arguments[0], repo="user_default", enable_on_install=True
    )
    bpy.ops.rigtalk.add_head()
    capture = window.folder / "capture.ply"
    _write(capture, bpy.data.objects["Head"])
    yield from window.open_tab("RigTalk")
    with window.inside(window.areas()[0]):
        bpy.ops.ed.undo_push(message="before")
        bpy.ops.rigtalk.bind_gaussian_scan("INVOKE_DEFAULT", align=False)
    yield lambda: window.areas("FILE_BROWSER")
    (browser,) = window.areas("FILE_BROWSER")
    yield lambda: browser.spaces.active.params is not None
    yield 1.0
    parameters = browser.spaces.active.params
    parameters.directory, parameters.filename = str(window.folder).encode(), capture.name
    with window.inside(browser):
        bpy.ops.file.execute()
    work = importlib.import_module(f"{MODULE}.gaussian.work").Work
    # The work goes on after the operator that the file browser called has ended.
    yield lambda: window.areas("FILE_BROWSER") == []
    yield lambda: work.running is None and _file()
    window.report["file"] = _file()
    yield from window.picture("bound")
    with window.inside(window.areas()[0]):
        bpy.ops.ed.undo()
    yield 0.5
    window.report["undone"] = _file()


def _file() -> str:
    return str(bpy.data.objects["Head"].rigtalk_gaussian.filepath)


def _write(path: Any, head: bpy.types.Object) -> None:
    from rigtalk.core.splat.files.formats import write_splats
    from rigtalk.core.splat.gaussians import Gaussians

    places = np.array([vertex.co for vertex in head.data.vertices], np.float32)[::EVERY]
    count = len(places)
    turns, opaque = np.tile([1.0, 0, 0, 0], (count, 1)), np.full(count, 4.0)
    gray = np.zeros((count, 1, 3))
    write_splats(path, Gaussians(places, np.full((count, 3), -6.0), turns, opaque, gray))
