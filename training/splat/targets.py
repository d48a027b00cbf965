"""What the Gaussians of a head lack, frame by frame, when the mesh is known to move otherwise.

The attention's offsets are added to the Gaussians at rest, which the shapes then pose. So a target
is the difference at rest that, posed by the shapes, stands where the true mesh carries the
Gaussian: with ``B`` and ``B*`` the maps of its surroundings by the shapes and in truth (see
`rigtalk.core.splat.head`),

    positions   B⁻¹ (position* - position)
    rotations   of the polar turn of B⁻¹ B*, in the Gaussian's own axes
    log_scales  log of how far B⁻¹ B* stretches each of those axes
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rigtalk.core.splat.deformation import RestFrames
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.mesh import Mesh
from rigtalk.core.splat.posed import unpacked
from rigtalk.core.splat.rotations import matrices

__all__ = ["TARGET_CHANNELS", "Truth", "moving"]

TARGET_CHANNELS: Mapping[str, int] = {"positions": 3, "log_scales": 3, "rotations": 3}
"""Channels that motion tells of, and their sizes; colours need pictures."""
QUIET = 2e-4
"""Of the head's size: Gaussians that lack less than this in every frame are left as they are."""


@dataclass(frozen=True, eq=False)
class Truth:
    """Targets of some Gaussians of a head.

    Attributes
    ----------
    head : SplatHead
    index : np.ndarray, shape (m,)
        Which Gaussians.
    rest : RestFrames
        Of the part of the mesh that is around them.
    used : np.ndarray, shape (U,)
        Vertices of that part.
    deltas : np.ndarray, shape (shapes, U, 3), float32
    corners : np.ndarray, shape (m, 3)
        Of the Gaussians' triangles, in that part.
    """

    head: SplatHead
    index: np.ndarray
    rest: RestFrames
    used: np.ndarray
    deltas: np.ndarray
    corners: np.ndarray

    @classmethod
    def of(cls, head: SplatHead, index: np.ndarray | None = None) -> Truth:
        """Of all Gaussians, or some."""
        chosen = np.arange(len(head)) if index is None else np.asarray(index)
        mesh = head.mesh
        corners = mesh.triangles[head.triangle[chosen]]
        near = np.zeros(len(mesh.vertices), bool)
        near[corners] = True
        around = mesh.triangles[near[mesh.triangles].any(axis=1)]
        used, numbered = np.unique(around, return_inverse=True)
        part = Mesh(mesh.vertices[used], numbered.reshape(-1, 3).astype(np.int32))
        deltas = np.asarray(head.shape_deltas)[:, used].astype(np.float32)
        rest = RestFrames.of(part)
        return cls(head, chosen, rest, used, deltas, np.searchsorted(used, corners))

    def targets(self, weights: np.ndarray, vertices: np.ndarray) -> np.ndarray:
        """Offsets of one frame.

        Parameters
        ----------
        weights : np.ndarray, shape (shapes,)
        vertices : np.ndarray, shape (V, 3)
            Where the mesh truly is, in the head's space.

        Returns
        -------
        np.ndarray, shape (m, 9), float32
            The columns of `TARGET_CHANNELS`. What the head's own correctives do is taken off.
        """
        head, index = self.head, self.index
        feet, corners = head.barycentric[index].astype(np.float64), self.corners
        rest = self.rest.mesh.vertices
        by_shapes = rest + np.tensordot(np.asarray(weights, np.float32), self.deltas, axes=1)
        truly = np.asarray(vertices, np.float32)[self.used]
        bent = self._map(by_shapes, feet)
        relative = np.linalg.solve(bent, self._map(truly, feet))
        foot = _blend(rest.astype(np.float64)[corners], feet)
        arm = head.gaussians.positions[index] - foot
        gap = _blend((truly.astype(np.float64) - by_shapes)[corners], feet)
        shift = np.linalg.solve(bent, gap[..., None])[..., 0]
        shift += np.einsum("nij,nj->ni", relative, arm) - arm
        axes = matrices(head.gaussians.rotations[index])
        own = np.swapaxes(axes, 1, 2) @ relative @ axes
        result = np.concatenate([shift, np.log(np.linalg.norm(own, axis=1)), _turn(own)], axis=1)
        return (result - self._corrected(weights)).astype(np.float32)

    def _map(self, vertices: np.ndarray, feet: np.ndarray) -> np.ndarray:
        turns, stretches = self.rest.at_vertices(vertices)
        turn = turns[self.corners]
        agree = np.einsum("nci,ni->nc", turn, turn[:, 0])
        blended = _blend(turn * np.where(agree < 0, -1, 1)[..., None], feet)
        blended /= np.linalg.norm(blended, axis=1, keepdims=True)
        return matrices(blended) @ unpacked(_blend(stretches[self.corners], feet))

    def _corrected(self, weights: np.ndarray) -> np.ndarray:
        correctives = self.head.correctives
        result = np.zeros((len(self.index), sum(TARGET_CHANNELS.values())))
        if correctives is None:
            return result
        changes = correctives.changes(correctives.coefficients(weights), len(self.head))
        for at, name in enumerate(TARGET_CHANNELS):
            if name in changes:
                result[:, 3 * at : 3 * at + 3] = changes[name][self.index]
        return result


def moving(targets: np.ndarray, size: float) -> np.ndarray:
    """Which Gaussians lack something worth learning, (n,) bool.

    Parameters
    ----------
    targets : np.ndarray, shape (frames, n, 9)
    size : float
        Of the head, in the mesh's unit.
    """
    return np.abs(targets[..., :3]).max(axis=(0, 2)) > QUIET * size


def _blend(values: np.ndarray, feet: np.ndarray) -> np.ndarray:
    return np.einsum("nci,nc->ni", values, feet)


def _turn(maps: np.ndarray) -> np.ndarray:
    """Rotation vectors (n, 3) of maps near the identity.

    Of a symmetric stretch U and a turn R, skew(R U) is sin(angle) × axis × (tr U - axis·U·axis)/2;
    near the identity that bracket is 1 as far as anyone could see.
    """
    spread = np.trace(maps, axis1=1, axis2=2) / 3
    skew = maps - np.swapaxes(maps, 1, 2)
    sine = np.stack([skew[:, 2, 1], skew[:, 0, 2], skew[:, 1, 0]], axis=1) / 2
    return sine / np.maximum(spread, 0.1)[:, None]
