"""The embedded head as an object in a scene."""

from __future__ import annotations

import bpy
import numpy as np

from rigtalk.rigs.head import Head, build_head

from .board import create_face_board
from .materials import COLOR_ATTRIBUTE, corner_colors, make_material
from .neck import HEAD_ANGLES, add_neck
from .studio import create_studio

__all__ = ["HEAD_ANGLES", "create_face_board", "create_head", "create_studio"]


def create_head(
    scene: bpy.types.Scene | None = None,
    *,
    name: str = "Head",
    collection: bpy.types.Collection | None = None,
    face_board: bool = False,
    neck: bool = False,
) -> bpy.types.Object:
    """Put the embedded head into a scene as one mesh with the 52 ARKit shape keys.

    Parameters
    ----------
    scene : bpy.types.Scene, optional
        The current one where absent.
    name : str
        Of the object and its mesh.
    collection : bpy.types.Collection, optional
        The scene's own where absent.
    face_board : bool
        Whether a face board beside the head drives the shape keys; they cannot be keyed then.

    neck : bool
        Whether the head can turn over its shoulders, by the custom properties `HEAD_ANGLES`.

    Returns
    -------
    bpy.types.Object
        It stands at the origin, looks to -y and is life-size: 1 unit is 1 metre.
    """
    head = build_head()
    mesh = _mesh(head, name)
    object_ = bpy.data.objects.new(name, mesh)
    scene = scene or bpy.context.scene
    (collection or scene.collection).objects.link(object_)
    for part, vertices in head.parts.items():
        object_.vertex_groups.new(name=part).add(vertices.tolist(), 1.0, "REPLACE")
    _add_shape_keys(object_, head)
    smooth = object_.modifiers.new("Subdivision", "SUBSURF")
    smooth.levels, smooth.render_levels = 1, 1
    smooth.show_viewport = smooth.show_render = False
    if neck:
        add_neck(object_, head)
    if face_board:
        create_face_board(object_)
    return object_


def _mesh(head: Head, name: str) -> bpy.types.Mesh:
    corners = head.faces.ravel()
    used = corners >= 0
    sizes = (head.faces >= 0).sum(axis=1).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(head.vertices))
    mesh.vertices.foreach_set("co", head.vertices.ravel())
    mesh.loops.add(int(used.sum()))
    mesh.loops.foreach_set("vertex_index", corners[used])
    mesh.polygons.add(len(sizes))
    mesh.polygons.foreach_set("loop_start", starts)
    mesh.polygons.foreach_set("material_index", head.face_material)
    mesh.polygons.foreach_set("use_smooth", np.ones(len(sizes), bool))
    for material in head.material_names:
        mesh.materials.append(make_material(material))
    layer = mesh.uv_layers.new(name="UVMap")
    layer.data.foreach_set("uv", np.ascontiguousarray(head.uv.reshape(-1, 2)[used]).ravel())
    colors = corner_colors(
        head.material_names, np.repeat(head.face_material, sizes), corners[used], head.paint
    )
    attribute = mesh.color_attributes.new(COLOR_ATTRIBUTE, "BYTE_COLOR", "CORNER")
    attribute.data.foreach_set("color", colors.ravel())
    mesh.color_attributes.active_color = attribute
    mesh.update(calc_edges=True)
    mesh.validate()
    return mesh


def _add_shape_keys(object_: bpy.types.Object, head: Head) -> None:
    object_.shape_key_add(name="Basis", from_mix=False)
    for name, delta in zip(head.shape_names, head.shape_deltas, strict=True):
        block = object_.shape_key_add(name=name, from_mix=False)
        block.data.foreach_set("co", (head.vertices + delta).ravel())
        # Blender 5 gives a new key the value 1.
        block.slider_min, block.slider_max, block.value = 0.0, 1.0, 0.0
