"""Materials of the embedded head, made by nodes so that they work in every Blender from 4.2."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

__all__ = ["LOOKS", "Look", "corner_colors", "make_material"]

COLOR_ATTRIBUTE = "Color"
"""The head's painted colours: material colour times the paint of the skin."""


@dataclass(frozen=True)
class Look:
    """How one material looks; colour in linear RGB."""

    color: tuple[float, float, float]
    roughness: float = 0.5
    subsurface: float = 0.0
    emission: float = 0.0
    specular: float = 0.5


LOOKS = {
    "skin": Look((0.83, 0.50, 0.36), roughness=0.48, subsurface=0.12, specular=0.4),
    "lips": Look((0.68, 0.26, 0.22), roughness=0.36, subsurface=0.12),
    "mouth": Look((0.22, 0.05, 0.05), roughness=0.5),
    "gums": Look((0.52, 0.17, 0.17), roughness=0.3, subsurface=0.1),
    "teeth": Look((0.86, 0.83, 0.76), roughness=0.22, subsurface=0.05),
    "tongue": Look((0.66, 0.25, 0.24), roughness=0.4, subsurface=0.12),
    "nostril": Look((0.16, 0.05, 0.04), roughness=0.7),
    "caruncle": Look((0.70, 0.32, 0.28), roughness=0.25),
    "eye_white": Look((0.86, 0.86, 0.85), roughness=0.12),
    "limbus": Look((0.035, 0.05, 0.06), roughness=0.08),
    "iris": Look((0.10, 0.24, 0.26), roughness=0.08),
    "pupil": Look((0.004, 0.004, 0.005), roughness=0.05),
    "spark": Look((1.0, 1.0, 1.0), roughness=0.3, emission=1.6),
    "brows": Look((0.055, 0.026, 0.014), roughness=0.7),
    "lashes": Look((0.012, 0.008, 0.007), roughness=0.6),
    "hair": Look((0.085, 0.036, 0.017), roughness=0.42),
    "shirt": Look((0.045, 0.10, 0.15), roughness=0.8),
}
_SUBSURFACE_RADIUS = (1.0, 0.35, 0.18)
_SUBSURFACE_SCALE = 0.006


def make_material(name: str) -> bpy.types.Material:
    """A new material; its colour in solid view is that of the shader."""
    look = LOOKS[name]
    material = bpy.data.materials.new(f"Head {name.replace('_', ' ')}")
    material.diffuse_color = (*look.color, 1.0)
    material.roughness = look.roughness
    if material.node_tree is None:  # Blender 5 always has one
        material.use_nodes = True
    tree = material.node_tree
    shader = next(node for node in tree.nodes if node.type == "BSDF_PRINCIPLED")
    paint = tree.nodes.new("ShaderNodeVertexColor")
    paint.layer_name = COLOR_ATTRIBUTE
    paint.location = (-300.0, 200.0)
    tree.links.new(paint.outputs["Color"], shader.inputs["Base Color"])
    shader.inputs["Roughness"].default_value = look.roughness
    shader.inputs["Specular IOR Level"].default_value = look.specular
    if look.subsurface:
        shader.inputs["Subsurface Weight"].default_value = look.subsurface
        shader.inputs["Subsurface Radius"].default_value = _SUBSURFACE_RADIUS
        shader.inputs["Subsurface Scale"].default_value = _SUBSURFACE_SCALE
    if look.emission:
        shader.inputs["Emission Color"].default_value = (*look.color, 1.0)
        shader.inputs["Emission Strength"].default_value = look.emission
    return material


def corner_colors(
    material_names: tuple[str, ...],
    face_material: np.ndarray,
    corners: np.ndarray,
    paint: np.ndarray,
) -> np.ndarray:
    """Linear RGBA of each face corner.

    Parameters
    ----------
    material_names : tuple of str
    face_material : ndarray, shape (C,), int
        Material of the face of each corner.
    corners : ndarray, shape (C,), int
        Vertex of each corner.
    paint : ndarray, shape (V, 3)
        Factor on the material's colour.

    Returns
    -------
    ndarray, shape (C, 4), float32
    """
    base = np.array([LOOKS[name].color for name in material_names], np.float32)
    colors = np.ones((len(corners), 4), np.float32)
    colors[:, :3] = np.clip(base[face_material] * paint[corners], 0.0, 1.0)
    return colors
