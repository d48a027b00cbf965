"""How far, in millimetres, a channel moves what it moves: for tolerances that can be seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import bpy
import numpy as np

from .channel import Channel

__all__ = ["reaches"]

MM = 1000.0


def reaches(channels: Sequence[Channel], *, scene: bpy.types.Scene) -> list[float | None]:
    """Millimetres for one unit of each channel; None where there is no geometry to tell.

    For a shape key the vertex that it moves most; for a bone that deforms its location, or the tip
    of the bone when it turns. Bones that do not deform are sliders, whose length means nothing.

    Parameters
    ----------
    channels : sequence of Channel
    scene : bpy.types.Scene
        For its unit scale.
    """
    unit = scene.unit_settings.scale_length * MM
    scales: dict[bpy.types.ID, float] = {}
    basis: dict[bpy.types.ID, dict[str, np.ndarray]] = {}
    found: list[float | None] = []
    for channel in channels:
        owner = channel.owner
        if owner.id_type == "KEY":
            if owner not in scales:
                users = [o for o in scene.objects if o.data == owner.user]
                scales[owner] = _scale(users)
                basis[owner] = {}
            found.append(_shape_reach(channel, basis[owner]))
        else:
            scales.setdefault(owner, _scale([owner]) if owner.id_type == "OBJECT" else 1.0)
            found.append(_bone_reach(channel))
        if found[-1] is not None:
            found[-1] *= scales[owner] * unit
    return found


def _scale(objects: Iterable[bpy.types.Object]) -> float:
    scales = [max(abs(s) for s in item.matrix_world.to_scale()) for item in objects]
    return max(scales, default=1.0)


def _shape_reach(channel: Channel, known: dict[str, np.ndarray]) -> float | None:
    try:
        block = channel.owner.path_resolve(channel.path.removesuffix(".value"))
    except ValueError:
        return None
    if not hasattr(block, "relative_key"):
        return None
    off = _places(block, {}) - _places(block.relative_key, known)
    return float(np.sqrt(np.einsum("vi,vi->v", off, off).max(initial=0.0)))


def _places(block: bpy.types.ShapeKey, known: dict[str, np.ndarray]) -> np.ndarray:
    """Vertices of a shape key, (n, 3); kept in `known` because many are relative to one."""
    if block.name not in known:
        # `points` is read as one block of memory, `data` vertex by vertex: 100 times as long.
        points = block.points
        places = np.empty(len(points) * 3, dtype=np.float32)
        points.foreach_get("co", places)
        known[block.name] = places.reshape(-1, 3)
    return known[block.name]


def _bone_reach(channel: Channel) -> float | None:
    holder, _, attribute = channel.path.rpartition(".")
    if not holder.startswith("pose.bones["):
        return None
    try:
        bone = channel.owner.path_resolve(holder)
    except ValueError:
        return None
    if not bone.bone.use_deform:
        return None
    if attribute == "location":
        return 1.0
    if attribute == "scale" or attribute.startswith("rotation"):
        return float(bone.bone.length) * (2.0 if attribute == "rotation_quaternion" else 1.0)
    return None
