"""What a viewport darkens around the picture of a camera."""

from __future__ import annotations

import bpy
import numpy as np

__all__ = ["EVERYWHERE", "Frame", "passepartout"]

Frame = tuple[float, float, float, float]
"""Left, bottom, right and top, pixels of the region."""
EVERYWHERE: Frame = (-1e9, -1e9, 1e9, 1e9)


def passepartout(context: bpy.types.Context) -> tuple[Frame, float]:
    """What the camera of a viewport frames, and what is left of the light outside, 0-1."""
    view, space, region = context.region_data, context.space_data, context.region
    camera = space.camera if space.use_local_camera else context.scene.camera
    if view.view_perspective != "CAMERA" or camera is None or camera.type != "CAMERA":
        return EVERYWHERE, 1.0
    lens = camera.data
    if not lens.show_passepartout or not space.overlay.show_overlays:
        return EVERYWHERE, 1.0
    place = np.array(camera.matrix_world.normalized())
    corners = np.array(lens.view_frame(scene=context.scene))
    world = corners @ place[:3, :3].T + place[:3, 3]
    clip = np.array(view.perspective_matrix) @ np.concatenate([world, np.ones((4, 1))], axis=1).T
    if (clip[3] <= 0).any():
        return EVERYWHERE, 1.0
    at = (clip[:2] / clip[3] * 0.5 + 0.5) * np.array([[region.width], [region.height]])
    low, high = at.min(axis=1), at.max(axis=1)
    frame = float(low[0]), float(low[1]), float(high[0]), float(high[1])
    return frame, 1.0 - lens.passepartout_alpha
