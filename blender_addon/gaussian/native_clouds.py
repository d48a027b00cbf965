"""Heads as point clouds that Blender 5.3 and later draws as Gaussians itself.

Attributes of points, as Blender's own importers name them: ``position``, ``scale`` (linear),
``rotation`` (w, x, y, z), ``radiance:base`` (the first coefficient of the spherical harmonics for
red, green and blue, and the opacity, 0-1) and ``radiance:sh_k`` for the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import bpy
import numpy as np

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.gaussians import Gaussians

from .. import compat
from ..translations.text import translated
from .extraction import parts_named
from .open_head import OpenHead, head_path
from .preview_operator import why_no_head
from .properties import holder_of

__all__ = ["CLASSES", "CloudAttribute", "cloud_attributes", "fill_cloud"]

_OF = "rigtalk_cloud_of"
"""Custom property of a cloud: the name of the character that it shows."""


@dataclass(frozen=True, eq=False)
class CloudAttribute:
    """An attribute of points.

    Attributes
    ----------
    kind : str
        Blender's type of attribute.
    field : str
        What of its elements is set.
    values : np.ndarray, shape (n, numbers), float32
    """

    kind: str
    field: str
    values: np.ndarray


def cloud_attributes(gaussians: Gaussians) -> dict[str, CloudAttribute]:
    """What Blender keeps of Gaussians, by the name of the attribute.

    Spherical harmonics need no change: it evaluates them in the object's space, as they are here.
    """
    base = np.concatenate([gaussians.sh[:, 0], gaussians.opacities()[:, None]], axis=1)
    found = {
        "position": CloudAttribute("FLOAT_VECTOR", "vector", gaussians.positions),
        "scale": CloudAttribute("FLOAT_VECTOR", "vector", gaussians.scales()),
        "rotation": CloudAttribute("QUATERNION", "value", gaussians.rotations),
        "radiance:base": CloudAttribute("FLOAT4", "vector", base),
    }
    for k in range(1, gaussians.sh.shape[1]):
        values = gaussians.sh[:, k]
        found[f"radiance:sh_{k - 1}"] = CloudAttribute("FLOAT_VECTOR", "vector", values)
    return found


def fill_cloud(cloud: Any, gaussians: Gaussians) -> None:
    """Make a point cloud show these Gaussians and nothing else.

    Parameters
    ----------
    cloud : bpy.types.PointCloud
    gaussians : Gaussians

    Raises
    ------
    RigtalkError
        If this Blender is older than the types of attributes that are needed.
    """
    wanted = cloud_attributes(gaussians)
    compat.resize_cloud(cloud, len(gaussians))
    for old in [a.name for a in cloud.attributes if a.name.startswith("radiance:")]:
        if old not in wanted:
            cloud.attributes.remove(cloud.attributes[old])
    for name, attribute in wanted.items():
        if name not in cloud.attributes:
            cloud.attributes.new(name, attribute.kind, "POINT")
        values = np.ascontiguousarray(attribute.values, dtype=np.float32)
        cloud.attributes[name].data.foreach_set(attribute.field, values.ravel())
    compat.mark_as_gaussians(cloud)
    cloud.update_tag()


class GaussianCloudOperator(bpy.types.Operator):
    """Make a point cloud of the head as it is now, which Blender draws by itself from 5.3 on"""

    bl_idname = "rigtalk.gaussian_cloud"
    bl_label = "Hand Over to Blender"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        reason = why_no_head(context.object)
        if not reason and not compat.draws_gaussians():
            reason = translated("Needs Blender 5.3 or later")
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, context: bpy.types.Context) -> set[str]:
        try:
            thing = cloud_object(holder_of(context.object), context)
        except RigtalkError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        self.report({"INFO"}, translated("{} shows the current frame", thing.name))
        return {"FINISHED"}


def cloud_object(character: bpy.types.Object, context: bpy.types.Context) -> bpy.types.Object:
    """An object that shows a character's head as it is now; the one that is there, if there is.

    Raises
    ------
    RigtalkError
        If there is no head, or the meshes are not those that it was made on.
    """
    head = OpenHead(character, head_path(character))
    try:
        depsgraph = context.evaluated_depsgraph_get()
        head.follow(depsgraph, correct=False)
        follower = head.follower
        parts = parts_named(follower.names)
        vertices = parts.vertices(depsgraph)
        posed = follower.head.posed(vertices, follower.coefficients(depsgraph))
        place = parts.space.evaluated_get(depsgraph).matrix_world.copy()
    finally:
        head.close()
    known = (thing for thing in context.scene.objects if thing.get(_OF) == character.name)
    thing = next((thing for thing in known if thing.type == "POINTCLOUD"), None)
    if thing is None:
        name = f"{character.name} Gaussians"
        cloud = bpy.data.pointclouds.new(name)
        try:
            fill_cloud(cloud, posed.gaussians())
        except RigtalkError:
            bpy.data.pointclouds.remove(cloud)
            raise
        thing = bpy.data.objects.new(name, cloud)
        thing[_OF] = character.name
        context.scene.collection.objects.link(thing)
    else:
        fill_cloud(thing.data, posed.gaussians())
    thing.matrix_world = place
    return thing


CLASSES = (GaussianCloudOperator,)


def register() -> None:
    """Register the operator."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Remove it."""
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
