"""What lies under the mouse in a 3D viewport."""

from __future__ import annotations

import bpy
from bpy_extras import view3d_utils

__all__ = ["object_below"]


def object_below(context: bpy.types.Context, event: bpy.types.Event) -> bpy.types.Object | None:
    """The first object that a ray from the mouse meets; None outside a viewport or in the void."""
    region, view = context.region, context.region_data
    if region is None or view is None or region.type != "WINDOW":
        return None
    at = event.mouse_region_x, event.mouse_region_y
    origin = view3d_utils.region_2d_to_origin_3d(region, view, at)
    direction = view3d_utils.region_2d_to_vector_3d(region, view, at)
    depsgraph = context.evaluated_depsgraph_get()
    hit, _, _, _, found, _ = context.scene.ray_cast(depsgraph, origin, direction)
    return found.original if hit else None
