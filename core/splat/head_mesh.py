"""What a head of Gaussians is made on: a character's meshes as one, and how controls move them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rigtalk.rigs import control_set

from ..errors import RigtalkError
from .mesh import Mesh

__all__ = ["HeadMesh"]


@dataclass(frozen=True, eq=False)
class HeadMesh:
    """The meshes of a character at rest, joined, in the local space of the character's object.

    Attributes
    ----------
    mesh : Mesh
        All parts, one after another in the order of `objects`.
    signature : str
        `mesh_signature` of the polygons.
    control_names : tuple of str
        Controls that move a vertex.
    control_deltas : np.ndarray, shape (controls, V, 3), float16
        The mesh with one control at 1, less the mesh at rest; in the mesh's unit.
    objects : tuple of str
        Names of the objects.
    rig : str
        Name of the control set.
    front, up : tuple of float
        Unit vectors: where the face looks, and where its crown is.

    Raises
    ------
    RigtalkError
        If the parts do not belong together.
    """

    mesh: Mesh
    signature: str
    control_names: tuple[str, ...]
    control_deltas: np.ndarray
    objects: tuple[str, ...]
    rig: str
    front: tuple[float, float, float] = (0.0, -1.0, 0.0)
    up: tuple[float, float, float] = (0.0, 0.0, 1.0)

    def __post_init__(self) -> None:
        with np.errstate(over="ignore"):
            deltas = np.ascontiguousarray(self.control_deltas, dtype=np.float16)
        if deltas.shape != (len(self.control_names), *self.mesh.vertices.shape):
            raise RigtalkError("each control needs a difference for each vertex")
        if not np.isfinite(deltas).all():
            raise RigtalkError("a control moves a vertex by more than a number can say")
        if len(set(self.control_names)) != len(self.control_names):
            raise RigtalkError("two controls have the same name")
        object.__setattr__(self, "control_deltas", deltas)

    def facts(self) -> dict[str, str]:
        """What a head that is made on it keeps of it."""
        return {
            "rig": self.rig,
            "objects": json.dumps(self.objects),
            "front": json.dumps(self.front),
            "up": json.dumps(self.up),
        }

    @cached_property
    def face(self) -> tuple[np.ndarray, float]:
        """Middle (3,) and radius of what controls of the face move; of all where there are none."""
        vertices = self.mesh.vertices.astype(np.float64)
        turning = {each.name for each in control_set(self.rig).controls if each.region == "head"}
        kept = [i for i, name in enumerate(self.control_names) if name not in turning]
        if kept:
            reach = np.abs(self.control_deltas[kept].astype(np.float32)).max(axis=(0, 2))
            vertices = vertices[reach > 0.05 * reach.max()]
        middle = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
        return middle, float(np.linalg.norm(vertices - middle, axis=1).max())

    @cached_property
    def sphere(self) -> tuple[np.ndarray, float]:
        """Centre (3,) and radius of a sphere about the head.

        A mesh that is a whole body is cut to what stands about its face: a little more than twice
        as far from its middle as the farthest of it.
        """
        vertices = self.mesh.vertices.astype(np.float64)
        centre = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
        radius = float(np.linalg.norm(vertices - centre, axis=1).max())
        middle, reach = self.face
        if self.control_names and 2.2 * reach < radius:
            # The crown and the back of the head lie behind and above the face.
            return middle - 0.77 * reach * np.asarray(self.front), 2.2 * reach
        return centre, radius
