"""The meshes of a character as the one that Gaussians are bound to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.head_mesh import HeadMesh
from rigtalk.core.splat.mesh import Mesh, mesh_signature, triangles_of
from rigtalk.rigs.controls import Control

from ..changing import changed
from ..characters.targets import Target, find_target
from ..export.delivery import belongings
from .facing import facing
from .posing import Poser, held

__all__ = ["Parts", "find_parts", "head_mesh_of", "parts_named"]

_ANGLE_STEP = 0.2
"""Radians by which angles are tried: a straight line that fits small turns beats one that fits
large ones only at their end."""
_STILL = 1e-6
"""Of the head's size: what moves less is not moved."""
_SMALLEST = 1e-6
"""In units: what is smaller is a point."""
_UNEVEN = 1e-3
"""By how much the axes of an object may differ in scale."""


@dataclass(frozen=True)
class Parts:
    """The meshes of a character.

    Attributes
    ----------
    objects : tuple of bpy.types.Object
        The first one's local space is that of the head.
    """

    objects: tuple[bpy.types.Object, ...]

    @property
    def space(self) -> bpy.types.Object:
        """The object that the head is in the local space of."""
        return self.objects[0]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(thing.name for thing in self.objects)

    def vertices(self, depsgraph: bpy.types.Depsgraph) -> np.ndarray:
        """Evaluated vertices of all parts in the head's space, (V, 3) float32."""
        return np.concatenate(list(self._each(depsgraph, _vertices))).astype(np.float32)

    def polygons(self, depsgraph: bpy.types.Depsgraph) -> tuple[int, np.ndarray, np.ndarray]:
        """Number of vertices, and sizes and corners of all polygons, the parts' one by one."""
        count, sizes, corners = 0, [], []
        for vertices, size, corner in self._each(depsgraph, _polygons):
            sizes.append(size)
            corners.append(corner + count)
            count += vertices
        return count, np.concatenate(sizes), np.concatenate(corners)

    def signature(self, depsgraph: bpy.types.Depsgraph) -> str:
        """`mesh_signature` of all parts."""
        return mesh_signature(*self.polygons(depsgraph))

    def _each(
        self, depsgraph: bpy.types.Depsgraph, read: Callable[[Any, np.ndarray], Any]
    ) -> Iterator[Any]:
        into = self.space.evaluated_get(depsgraph).matrix_world.inverted_safe()
        for thing in self.objects:
            shown = thing.evaluated_get(depsgraph)
            mesh = shown.to_mesh()
            try:
                if mesh is None:
                    raise RigtalkError(f"{thing.name} has no mesh: is it hidden?")
                yield read(mesh, np.array(into @ shown.matrix_world))
            finally:
                shown.to_mesh_clear()


def find_parts(target: Target, context: bpy.types.Context, asked: bpy.types.Object) -> Parts:
    """The meshes that make up a character, those that are seen and rendered.

    Parameters
    ----------
    target : Target
    context : bpy.types.Context
        Its scene and view layer have the character.
    asked : bpy.types.Object
        What the user named; it comes first if it is a mesh.

    Raises
    ------
    RigtalkError
        If there is none, the main one is hidden, or it is scaled unevenly.
    """
    layer = context.view_layer
    meshes = [t for t in belongings(target, context.scene) if t.type == "MESH"]
    meshes = [thing for thing in meshes if layer.objects.get(thing.name) == thing]
    seen = [thing for thing in meshes if thing.visible_get(view_layer=layer)]
    seen = [thing for thing in seen if not thing.hide_render]
    main = _main(target, asked, meshes)
    if main is None:
        raise RigtalkError(
            f"{asked.name} has no mesh in the view layer {layer.name}: select the character's face"
        )
    if main not in seen:
        raise RigtalkError(
            f"{main.name} is hidden: show it in the viewport and in renders (eye, screen and "
            "camera in the Outliner)"
        )
    _check_scale(main)
    filled = [thing for thing in seen if len(thing.data.vertices) or thing.modifiers]
    return Parts(tuple(dict.fromkeys([main, *filled])))


def parts_named(names: Sequence[str]) -> Parts:
    """The parts of a head that was made before.

    Raises
    ------
    RigtalkError
        If one is gone.
    """
    found = [bpy.data.objects.get(name) for name in names]
    for name, thing in zip(names, found, strict=True):
        if thing is None or thing.type != "MESH":
            raise RigtalkError(f"the mesh {name} is gone or renamed: undo that, or bake again")
    return Parts(tuple(thing for thing in found if thing is not None))


def _main(
    target: Target, asked: bpy.types.Object, meshes: Sequence[bpy.types.Object]
) -> bpy.types.Object | None:
    """The mesh that was asked for, else the one that carries most controls, else the largest."""
    if asked in meshes:
        return asked
    if not meshes:
        return None
    owners = [channel.owner for channel in target.channels]

    def worth(thing: bpy.types.Object) -> tuple[int, int]:
        keys = thing.data.shape_keys
        shapes = len(keys.key_blocks) if keys else 0
        return (owners.count(keys) or shapes) if keys else 0, len(thing.data.vertices)

    return max(meshes, key=worth)


def _check_scale(thing: bpy.types.Object) -> None:
    matrix = thing.matrix_world.to_3x3()
    lengths = [matrix.col[axis].length for axis in range(3)]
    longest = max(lengths)
    if longest == 0.0 or min(lengths) == 0.0:
        raise RigtalkError(f"{thing.name} is scaled to nothing: give it a scale above 0")
    even = max(lengths) - min(lengths) <= _UNEVEN * longest
    square = all(
        abs(matrix.col[a].dot(matrix.col[b])) <= _UNEVEN * longest**2
        for a, b in ((0, 1), (0, 2), (1, 2))
    )
    if not even or not square or matrix.determinant() < 0:
        raise RigtalkError(
            f"{thing.name} is mirrored or scaled unevenly: apply its scale first "
            "(Object > Apply > Scale)"
        )


def head_mesh_of(
    asked: bpy.types.Object,
    context: bpy.types.Context,
    *,
    progress: Callable[[float], None] = lambda fraction: None,
) -> HeadMesh:
    """What Gaussians are bound to, and what each control does to it.

    The character is left as it was.

    Raises
    ------
    RigtalkError
        If the object is no character, its meshes cannot be used, or nothing moves them.
    """
    target = find_target(asked)
    parts = find_parts(target, context, asked)
    poser = Poser(target)
    with held(poser):
        poser.set({})
        count, sizes, corners = parts.polygons(context.evaluated_depsgraph_get())
        rest = parts.vertices(context.evaluated_depsgraph_get())
        size = _size(rest, sizes, parts)
        names, deltas = [], []
        for done, name in enumerate(poser.names):
            control = poser.controls.controls[poser.controls.index(name)]
            moved = _effect(control, parts, poser, context)
            if np.abs(moved).max() > _STILL * size:
                names.append(name)
                deltas.append(moved.astype(np.float16))
            progress((done + 1) / len(poser.names))
    if not names:
        raise RigtalkError(
            f"the controls of {target.object_name} move no vertex of {', '.join(parts.names[:3])}: "
            "do its shape keys or its rig reach these meshes?"
        )
    triangles = triangles_of(sizes, corners)
    front, up = facing(rest, triangles, _reach(names, deltas, poser), _up(parts))
    return HeadMesh(
        Mesh(rest, triangles),
        mesh_signature(count, sizes, corners),
        tuple(names),
        np.stack(deltas),
        parts.names,
        poser.controls.name,
        front,
        up,
    )


def _reach(names: Sequence[str], deltas: Sequence[np.ndarray], poser: Poser) -> np.ndarray:
    """How far controls of the face move each vertex at most, (V,)."""
    reach = np.zeros(len(deltas[0]), np.float32)
    for name, delta in zip(names, deltas, strict=True):
        if poser.controls.controls[poser.controls.index(name)].region != "head":
            np.maximum(reach, np.linalg.norm(delta.astype(np.float32), axis=1), out=reach)
    return reach


def _up(parts: Parts) -> np.ndarray:
    """Away from the ground in the head's space."""
    return np.array(parts.space.matrix_world.to_3x3().transposed().col[2])


def _size(vertices: np.ndarray, sizes: np.ndarray, parts: Parts) -> float:
    """Edge of the box around all vertices.

    Raises
    ------
    RigtalkError
        If there is nothing to be seen.
    """
    names = ", ".join(parts.names[:3])
    if not len(sizes):
        raise RigtalkError(f"{names} has no faces: Gaussians need a surface")
    if not np.isfinite(vertices).all():
        raise RigtalkError(f"{names} has vertices that are not finite: check its rig")
    size = float(np.ptp(vertices, axis=0).max())
    if size < _SMALLEST:
        raise RigtalkError(f"{names} has no size: all its vertices are in one place")
    return size


def _changing(parts: Parts, poser: Poser, control: str, context: bpy.types.Context) -> str:
    """Which modifier makes other faces in other expressions, in words."""
    for thing in parts.objects:
        one = Parts((thing,))
        if _steady(one, poser, control, context):
            continue
        for modifier in reversed(thing.modifiers):
            if modifier.show_viewport:
                with changed([(modifier, "show_viewport", False)]):
                    if _steady(one, poser, control, context):
                        return (
                            f"the modifier {modifier.name} of {thing.name} makes other faces when "
                            f"{control} moves: switch it off in the viewport, or apply it"
                        )
        return f"{thing.name} has other faces when {control} moves: switch its modifiers off"
    return "the mesh has other faces in other expressions: switch its modifiers off"


def _steady(parts: Parts, poser: Poser, control: str, context: bpy.types.Context) -> bool:
    signatures = set()
    for weight in (0.0, 1.0):
        poser.set({control: weight})
        signatures.add(parts.signature(context.evaluated_depsgraph_get()))
    return len(signatures) == 1


def _vertices(mesh: Any, into: np.ndarray) -> np.ndarray:
    flat = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", flat)
    return flat.reshape(-1, 3) @ into[:3, :3].T + into[:3, 3]


def _polygons(mesh: Any, _into: np.ndarray) -> tuple[int, np.ndarray, np.ndarray]:
    sizes = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("loop_total", sizes)
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    return len(mesh.vertices), sizes, corners


def _effect(control: Control, parts: Parts, poser: Poser, context: bpy.types.Context) -> np.ndarray:
    """How far vertices move for 1 of a control, (V, 3) float32."""
    weights = (-_ANGLE_STEP, _ANGLE_STEP) if control.high not in (0.0, 1.0) else (0.0, 1.0)
    at = []
    for weight in weights:
        poser.set({control.name: weight})
        at.append(parts.vertices(context.evaluated_depsgraph_get()))
    if at[0].shape != at[1].shape:
        raise RigtalkError(_changing(parts, poser, control.name, context))
    return (at[1] - at[0]) / (weights[1] - weights[0])
