"""Draws a picture by the shader of the preview; run by the Python of one Blender.

    python drawing_script.py REPORT

Blender lets scripts without a window draw inside of a render engine alone.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import bpy
import gpu
import numpy as np

from rigtalk.blender_addon.gaussian import drawing
from rigtalk.blender_addon.gaussian.pinhole import Window

SIZE = WIDTH, HEIGHT = 40, 30
WINDOW = Window(10, 5, 20, 16)
NEAR, FAR = 0.1, 10.0
PLANES = (-(FAR + NEAR) / (FAR - NEAR), -2 * FAR * NEAR / (FAR - NEAR), -1.0, 0.0)
COLOUR = (0.8, 0.2, 0.1)
AWAY = 2.0


def picture(scale: float = 1.0, alpha: float = 1.0) -> drawing.Picture:
    """The upper half of one colour, the lower half nothing at all."""
    height, width = round(WINDOW.height * scale), round(WINDOW.width * scale)
    rgba = np.zeros((height, width, 4), np.float32)
    depth = np.full((height, width), np.inf, np.float32)
    rgba[: height // 2] = (*(alpha * np.array(COLOUR)), alpha)
    depth[: height // 2] = AWAY + 1.5
    return drawing.upload(rgba, depth)


def depth_of(distance: float) -> float:
    """What the depth buffer holds for a distance before the view."""
    return 0.5 * ((PLANES[0] * -distance + PLANES[1]) / (PLANES[2] * -distance)) + 0.5


def drawn(shown: drawing.Picture, *, behind: float = FAR, **words: Any) -> np.ndarray:
    """Pixels (h, w, 4), the uppermost row first, after drawing before something at a distance."""
    canvas = gpu.types.GPUOffScreen(WIDTH, HEIGHT, format="RGBA32F")
    layer = drawing.Layer(WINDOW, SIZE, 1.5, PLANES, **words)
    with canvas.bind():
        buffer = gpu.state.active_framebuffer_get()
        buffer.clear(color=(0.0, 0.0, 0.25, 1.0), depth=depth_of(behind))
        drawing.draw(shown, layer)
        drawing.draw(shown, layer)  # its depth is as near as its depth
        flat = buffer.read_color(0, 0, WIDTH, HEIGHT, 4, 0, "FLOAT")
    flat.dimensions = WIDTH * HEIGHT * 4
    canvas.free()
    return np.array(flat, np.float32).reshape(HEIGHT, WIDTH, 4)[::-1]


def report() -> dict[str, Any]:
    plain = drawn(picture())
    framed = drawn(picture(), frame=(0.0, 0.0, 20.0, 30.0), outside=0.25)
    return {
        "blender": bpy.app.version_string,
        "inside": plain[8, 20].tolist(),
        "edges": [plain[y, x, :3].tolist() for y, x in ((4, 20), (5, 9), (5, 30), (13, 20))],
        "corners": [plain[y, x, :3].tolist() for y, x in ((5, 10), (12, 29))],
        "half": drawn(picture(alpha=0.5))[8, 20].tolist(),
        "coarse": drawn(picture(0.5))[8, 20].tolist(),
        "before": drawn(picture(), behind=AWAY + 0.05)[8, 20].tolist(),
        "hidden": drawn(picture(), behind=AWAY - 0.05)[8, 20].tolist(),
        "in front": drawn(picture(), behind=AWAY - 0.05, in_front=True)[8, 20].tolist(),
        "framed": [framed[8, 15].tolist(), framed[8, 25].tolist()],
        "state": [gpu.state.blend_get(), gpu.state.depth_test_get(), gpu.state.depth_mask_get()],
    }


class Engine(bpy.types.RenderEngine):
    bl_idname = "RIGTALK_TEST"
    bl_label = "Test"
    bl_use_gpu_context = True

    def render(self, _depsgraph: Any) -> None:
        try:
            found = report()
        except Exception as fault:
            found = {"fault": repr(fault)}
        Path(sys.argv[1]).write_text(json.dumps(found))


bpy.utils.register_class(Engine)
scene = bpy.context.scene
scene.render.engine = Engine.bl_idname
scene.render.resolution_x = scene.render.resolution_y = 16
bpy.ops.render.render()
# Some versions cannot end after a script has drawn.
sys.stdout.flush()
os._exit(0)
