"""Lay a captured set of Gaussians onto a rigged mesh, and bind it there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..errors import RigtalkError
from .align import Similarity, align_to_mesh
from .gaussians import Gaussians
from .head import SplatHead
from .head_mesh import HeadMesh
from .mesh import Mesh
from .nearest import nearest_on_mesh
from .reference import Settings

__all__ = ["Bound", "bind_scan"]

_STILL = Similarity(np.eye(3), 1.0, np.zeros(3))


@dataclass(frozen=True, eq=False)
class Bound:
    """A captured head that a mesh carries.

    Attributes
    ----------
    head : SplatHead
    similarity : Similarity
        From where the Gaussians were to where they lie on the mesh.
    left_out : int
        Gaussians that were too far from the mesh.
    """

    head: SplatHead
    similarity: Similarity
    left_out: int


def bind_scan(
    gaussians: Gaussians,
    mesh: HeadMesh,
    *,
    settings: Settings | None = None,
    align: bool = True,
    start: Similarity | None = None,
    keep: float = 0.7,
    within: float = 0.0,
    facts: Mapping[str, str | int | float] | None = None,
) -> Bound:
    """Bind captured Gaussians to a character's mesh at rest.

    Parameters
    ----------
    gaussians : Gaussians
        In Blender's axes.
    mesh : HeadMesh
    settings : Settings, optional
        How the Gaussians want to be drawn.
    align : bool
        Whether to look for the similarity that lays them onto the mesh; without it `start` is
        taken as it is, or they lie in place already.
    start : Similarity, optional
        Near the truth; without it turns about the head's own vertical are tried.
    keep : float
        Share of the Gaussians that have a counterpart on the mesh, above 0 up to 1.
    within : float
        Distance from the mesh, in its unit, beyond which a Gaussian is left out; 0 for none.
    facts : mapping of str to str, int or float, optional
        To be kept with the head.

    Raises
    ------
    RigtalkError
        If they cannot be aligned, or none of them is near the mesh.
    """
    if not (np.isfinite(within) and within >= 0):
        raise RigtalkError(f"a distance from the mesh is 0 or more, not {within}")
    if not len(gaussians):
        raise RigtalkError("there are no Gaussians to bind")
    found = start or _STILL
    if align:
        found = _aligned(gaussians, mesh, start, keep)
    laid = found.of(gaussians)
    triangle, barycentric = nearest_on_mesh(laid.positions, mesh.mesh)
    near = np.ones(len(laid), bool)
    if within:
        corners = mesh.mesh.vertices.astype(np.float64)[mesh.mesh.triangles[triangle]]
        feet = np.einsum("nc,nci->ni", barycentric.astype(np.float64), corners)
        near = np.linalg.norm(laid.positions - feet, axis=1) <= within
    if not near.any():
        raise RigtalkError(
            f"none of {len(laid)} Gaussians is within {within:g} of the mesh: align them, or name "
            "a greater distance"
        )
    kept = {
        **mesh.facts(),
        "alignment scale": float(found.scale),
        "alignment residual": float(found.residual),
        **(facts or {}),
    }
    head = SplatHead(
        laid.take(near),
        triangle[near],
        barycentric[near],
        mesh.mesh,
        mesh.signature,
        mesh.control_names,
        mesh.control_deltas,
        settings=settings or Settings(),
        facts=kept,
    )
    return Bound(head, found, int((~near).sum()))


def _aligned(
    gaussians: Gaussians, mesh: HeadMesh, start: Similarity | None, keep: float
) -> Similarity:
    """The alignment to the head alone, with its own vertical upright."""
    upright = _upright(mesh)
    begin = start and replace(
        start, rotation=upright @ start.rotation, translation=upright @ start.translation
    )
    part = _head_alone(mesh)
    turned = Mesh(part.vertices @ upright.T, part.triangles)
    found = align_to_mesh(gaussians, turned, start=begin, keep=keep)
    return replace(
        found, rotation=upright.T @ found.rotation, translation=upright.T @ found.translation
    )


def _upright(mesh: HeadMesh) -> np.ndarray:
    """The rotation (3, 3) that takes the head's crown up along z and its face to -y."""
    up = np.asarray(mesh.up, np.float64)
    back = -np.asarray(mesh.front, np.float64)
    return np.stack([np.cross(back, up), back, up])


def _head_alone(mesh: HeadMesh) -> Mesh:
    """The part of a body that is its head: captured heads have no legs to match."""
    centre, radius = mesh.sphere
    inside = np.linalg.norm(mesh.mesh.vertices - centre, axis=1) <= radius * (1 + 1e-6)
    kept = inside[mesh.mesh.triangles].all(axis=1)
    return Mesh(mesh.mesh.vertices, mesh.mesh.triangles[kept]) if kept.any() else mesh.mesh
