"""A head of Gaussians and the meshes that it follows: their vertices now, and the controls."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.mesh import mesh_signature

from ..animation.channel import Channel
from ..characters.targets import Target, find_target
from ..export.recovery import performance_of
from .extraction import Parts, parts_named

__all__ = ["Follower", "reach_of"]

_SAME_PLACE = 1e-6
"""Of the head's size: vertices that moved by less have not moved."""
_EDITING = {"OBJECT", "POSE"}
"""Modes in which meshes are as they are seen."""


@dataclass(frozen=True, eq=False)
class _Joined:
    """How the parts were joined up when they were last compared with the head."""

    counts: tuple[tuple[int, int, int], ...]
    corners: tuple[np.ndarray, ...]


class Follower:
    """Reads what the rig does to the meshes that a head was made on.

    Parameters
    ----------
    head : SplatHead
    character : bpy.types.Object
        The one that has the head; held by name and number, so that undo may replace it.

    Attributes
    ----------
    origin : np.ndarray, shape (3,)
        Where `vertices` are counted from, in the world.
    vertices : np.ndarray, shape (V, 3), float64
    centre : np.ndarray, shape (3,)
        Of the box about the vertices, from `origin`.
    revision : int
        Grows whenever the vertices have moved.
    size : float
        Half the diagonal of the box about the vertices.
    """

    def __init__(self, head: SplatHead, character: bpy.types.Object) -> None:
        self.head = head
        self.names = _names(head, character)
        self.origin: np.ndarray = np.zeros(3)
        self.vertices = head.mesh.vertices.astype(np.float64)
        self.centre: np.ndarray = np.zeros(3)
        self.revision = 0
        self.size = 1.0
        self._character = character.session_uid
        self._joined: _Joined | None = None
        self._target: Target | None = None

    def objects(self) -> tuple[bpy.types.Object, ...]:
        """The meshes, as far as they are there."""
        found = (bpy.data.objects.get(name) for name in self.names)
        return tuple(thing for thing in found if thing is not None and thing.type == "MESH")

    def edited(self) -> bpy.types.Object | None:
        """One of the meshes that is being edited, sculpted or painted, or None."""
        return next((thing for thing in self.objects() if thing.mode not in _EDITING), None)

    def forget(self) -> None:
        """Look for everything anew: undo and loading replace data-blocks."""
        self._target = None
        self._joined = None

    def look(self, depsgraph: Any) -> None:
        """Take over where the vertices are.

        Raises
        ------
        RigtalkError
            If a mesh is gone, was edited since the head was made, or is not finite.
        """
        parts = parts_named(self.names)
        self._check(parts, depsgraph)
        read = [_world(thing, depsgraph) for thing in parts.objects]
        world = np.concatenate(read) if len(read) > 1 else read[0]
        # Along the memory this is twenty times faster.
        columns = np.ascontiguousarray(world.T)
        low, high = columns.min(axis=1), columns.max(axis=1)
        if not np.isfinite([*low, *high]).all():
            raise RigtalkError("the mesh has vertices that are not finite: check its rig")
        origin = np.round((low + high) / 2, 3)
        if np.abs(origin - self.origin).max() < (high - low).max():
            origin = self.origin  # near enough; what does not move is then the same number
        moved = world - origin
        self.centre = (low + high) / 2 - origin
        self.size = float(np.linalg.norm(high - low)) / 2
        same = origin is self.origin and moved.shape == self.vertices.shape
        if same and np.abs(moved - self.vertices).max(initial=0.0) <= _SAME_PLACE * self.size:
            return
        self.origin, self.vertices = origin, moved
        self.revision += 1

    def coefficients(self, depsgraph: Any) -> np.ndarray | None:
        """Coefficients (bases,) of the head's correctives for the controls as they are now.

        None where the head has none, or the character has none of its controls.
        """
        correctives = self.head.correctives
        if correctives is None:
            return None
        try:
            names, values = self._controls(depsgraph)
        except (RigtalkError, ReferenceError, ValueError, KeyError, AttributeError):
            self._target = None  # the rig has changed: find it anew when asked again
            return None
        return correctives.coefficients(self.head.weights(names, values))

    def _controls(self, depsgraph: Any) -> tuple[tuple[str, ...], np.ndarray]:
        if self._target is None:
            character = _by_number(self._character)
            self._target = find_target(character)
        target = self._target
        values = _channel_values(target.channels, depsgraph)
        shown = performance_of(values[None], target.channels, target.controls, fps=1.0)
        rig = str(self.head.facts.get("rig") or target.controls.name)
        shown = shown.to(rig)
        return tuple(shown.controls.names), shown.values[0]

    def _check(self, parts: Parts, depsgraph: Any) -> None:
        """Compare with the mesh that the head was made on, where anything is new."""
        now = _joined(parts, depsgraph)
        before = self._joined
        if before is not None and now.counts == before.counts:
            pairs = zip(now.corners, before.corners, strict=True)
            if all(np.array_equal(one, other) for one, other in pairs):
                return
        self.head.check_mesh(_signature(parts, depsgraph))
        self._joined = now


def reach_of(head: SplatHead) -> float:
    """How far Gaussians stand out from the mesh at rest, in its unit."""
    if not len(head):
        return 0.0
    corners = head.mesh.vertices[head.mesh.triangles[head.triangle]]
    feet = np.einsum("nci,nc->ni", corners, head.barycentric)
    scales = head.gaussians.scales()
    opacities = np.maximum(head.gaussians.opacities(), 1 / 255)
    # Where a Gaussian falls below a 255th: the rules' own limit.
    extent = np.sqrt(2 * np.log(255 * opacities)) * scales.max(axis=1)
    return float((np.linalg.norm(head.gaussians.positions - feet, axis=1) + extent).max())


def _names(head: SplatHead, character: bpy.types.Object) -> tuple[str, ...]:
    """Names of the meshes; a character that was renamed since is meant all the same."""
    try:
        listed = json.loads(str(head.facts.get("objects", "[]")))
        names = [name for name in listed if isinstance(name, str)]
    except ValueError:
        names = []
    if not names:
        return (character.name,)
    gone = [name for name in names if name not in bpy.data.objects]
    if len(gone) == 1 and character.type == "MESH" and character.name not in names:
        names[names.index(gone[0])] = character.name
    return tuple(names)


def _by_number(uid: int) -> bpy.types.Object:
    found = next((thing for thing in bpy.data.objects if thing.session_uid == uid), None)
    if found is None:
        raise RigtalkError("the character is gone")
    return found


def _world(thing: bpy.types.Object, depsgraph: Any) -> np.ndarray:
    """Evaluated vertices in the world, (V, 3) float64."""
    shown = thing.evaluated_get(depsgraph)
    mesh = shown.to_mesh()
    if mesh is None:
        raise RigtalkError(f"{thing.name} has no mesh: is it hidden?")
    try:
        flat = np.empty(len(mesh.vertices) * 3, np.float32)
        # A hundred times faster than by `vertices`.
        mesh.attributes["position"].data.foreach_get("vector", flat)
    finally:
        shown.to_mesh_clear()
    matrix = np.array(shown.matrix_world, np.float64)
    return flat.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]


def _joined(parts: Parts, depsgraph: Any) -> _Joined:
    counts, corners = [], []
    for thing in parts.objects:
        shown = thing.evaluated_get(depsgraph)
        mesh = shown.to_mesh()
        if mesh is None:
            raise RigtalkError(f"{thing.name} has no mesh: is it hidden?")
        try:
            counts.append((len(mesh.vertices), len(mesh.polygons), len(mesh.loops)))
            flat = np.empty(len(mesh.loops), np.int32)
            if len(flat):
                mesh.attributes[".corner_vert"].data.foreach_get("value", flat)
            corners.append(flat)
        finally:
            shown.to_mesh_clear()
    return _Joined(tuple(counts), tuple(corners))


def _signature(parts: Parts, depsgraph: Any) -> str:
    return mesh_signature(*parts.polygons(depsgraph))


def _channel_values(channels: tuple[Channel, ...], depsgraph: Any) -> np.ndarray:
    """What each channel shows, (channels,) float32; shape keys of a mesh are read at once."""
    values = np.zeros(len(channels), np.float32)
    shown: dict[int, dict[str, float]] = {}
    for column, channel in enumerate(channels):
        owner = channel.owner
        if owner.id_type == "KEY":
            key = owner.session_uid
            if key not in shown:
                shown[key] = _shape_keys(owner.evaluated_get(depsgraph))
            found = shown[key].get(channel.path)
            if found is not None:
                values[column] = found
                continue
        value = owner.evaluated_get(depsgraph).path_resolve(channel.path)
        values[column] = value if isinstance(value, int | float) else value[channel.index]
    return values


def _shape_keys(keys: bpy.types.Key) -> dict[str, float]:
    """Values by data path; what is muted is at rest."""
    blocks = keys.key_blocks
    names = [block.name for block in blocks]
    shown: np.ndarray = np.empty(len(blocks), np.float32)
    blocks.foreach_get("value", shown)
    muted: np.ndarray = np.empty(len(blocks), bool)
    blocks.foreach_get("mute", muted)
    paths = (f'key_blocks["{bpy.utils.escape_identifier(name)}"].value' for name in names)
    return dict(zip(paths, np.where(muted, 0.0, shown).tolist(), strict=True))
