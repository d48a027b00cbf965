"""A head of Gaussians that a mesh carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..errors import RigtalkError
from .attention import Attention
from .correctives import Correctives, changed
from .deformation import RestFrames
from .gaussians import Gaussians
from .mesh import Mesh, mesh_signature
from .nearest import nearest_on_mesh
from .posed import Posed, packed, unpacked
from .reference import Settings
from .rotations import matrices, normalised

__all__ = ["SplatHead"]


@dataclass(frozen=True, eq=False)
class SplatHead:
    """Gaussians at rest, each bound to a point of a triangle.

    The Gaussians are stored where they are when the mesh is at rest, in the mesh's own space. When
    it deforms, a Gaussian's foot moves with its triangle, and what is about the foot turns by ``q``
    and stretches by ``U``, which are blended over the triangle's corners::

        position   = foot' + R(q) U (position at rest - foot)
        covariance = R(q) U (covariance at rest) U R(q)ᵀ

    Colours turn with ``q``.

    Attributes
    ----------
    gaussians : Gaussians
    triangle : np.ndarray, shape (n,), int32
        Index in ``mesh.triangles``.
    barycentric : np.ndarray, shape (n, 3), float32
        The foot: weights of the triangle's corners, 0-1 with sum 1.
    mesh : Mesh
    signature : str
        `mesh_signature` of the artist's mesh; that of the triangles if not given.
    shape_names : tuple of str
        Shapes that the head can be posed by without its mesh; may be none.
    shape_deltas : np.ndarray, shape (shapes, V, 3), float16
        In the mesh's unit, at weight 1.
    correctives : Correctives or None
    settings : Settings
        How it is meant to be drawn.
    facts : mapping of str to str, int or float
        What its maker wants to keep: how it was fitted, how good it is.
    attention : Attention or None
        What sound changes.

    Raises
    ------
    RigtalkError
        If the parts do not belong together.
    """

    gaussians: Gaussians
    triangle: np.ndarray
    barycentric: np.ndarray
    mesh: Mesh
    signature: str = ""
    shape_names: tuple[str, ...] = ()
    shape_deltas: np.ndarray | None = None
    correctives: Correctives | None = None
    settings: Settings = field(default_factory=Settings)
    facts: Mapping[str, str | int | float] = field(default_factory=dict)
    attention: Attention | None = None

    def __post_init__(self) -> None:
        count, shapes = len(self.gaussians), len(self.shape_names)
        triangle = np.asarray(self.triangle)
        barycentric = np.ascontiguousarray(self.barycentric, dtype=np.float32)
        if triangle.shape != (count,) or barycentric.shape != (count, 3):
            raise RigtalkError(f"{count} Gaussians need {count} triangles and feet")
        if count and not 0 <= triangle.min() <= triangle.max() < len(self.mesh.triangles):
            raise RigtalkError("a Gaussian is bound to a triangle that the mesh does not have")
        sums = barycentric.sum(axis=1)
        if not (np.abs(sums - 1) < 1e-3).all() or (barycentric < -1e-3).any():
            raise RigtalkError("a Gaussian's foot is not in its triangle")
        if self.shape_deltas is None:
            deltas = np.zeros((0, *self.mesh.vertices.shape), np.float16)
        else:
            with np.errstate(over="ignore"):
                deltas = np.ascontiguousarray(self.shape_deltas, dtype=np.float16)
        if deltas.shape != (shapes, *self.mesh.vertices.shape) or not np.isfinite(deltas).all():
            raise RigtalkError(f"{shapes} shapes need a finite difference for each vertex")
        if len(set(self.shape_names)) != shapes:
            raise RigtalkError("two shapes have the same name")
        if self.correctives:
            self.correctives.check(self.gaussians, shapes)
        if self.attention:
            self.attention.check(self.gaussians, shapes)
        signature = self.signature or mesh_signature(
            len(self.mesh.vertices),
            np.full(len(self.mesh.triangles), 3),
            self.mesh.triangles.ravel(),
        )
        for name, value in {
            "triangle": np.ascontiguousarray(triangle, dtype=np.int32),
            "barycentric": barycentric,
            "shape_names": tuple(self.shape_names),
            "shape_deltas": deltas,
            "signature": signature,
            "facts": dict(self.facts),
        }.items():
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.gaussians)

    @classmethod
    def bind(
        cls,
        gaussians: Gaussians,
        mesh: Mesh,
        *,
        signature: str = "",
        shape_names: Sequence[str] = (),
        shape_deltas: np.ndarray | None = None,
        settings: Settings | None = None,
        facts: Mapping[str, str | int | float] | None = None,
    ) -> SplatHead:
        """Bind Gaussians that lie on or near a mesh at rest to the nearest points of it.

        Raises
        ------
        RigtalkError
            If the mesh has no triangles.
        """
        triangle, barycentric = nearest_on_mesh(gaussians.positions, mesh)
        return cls(
            gaussians,
            triangle,
            barycentric,
            mesh,
            signature,
            tuple(shape_names),
            shape_deltas,
            settings=settings or Settings(),
            facts=facts or {},
        )

    def check_mesh(self, signature: str) -> None:
        """Raise RigtalkError unless a mesh with this signature is the one it was made for."""
        if signature != self.signature:
            raise RigtalkError(
                "the head was made for another mesh, or the mesh was edited since: vertices or "
                "faces were added, removed or renumbered; undo that, or bake again"
            )

    def weights(self, names: Sequence[str], values: np.ndarray) -> np.ndarray:
        """Weights (..., shapes) float32 from values (..., names) of controls of the same names.

        Shapes without a control stay at 0.
        """
        at = {name: i for i, name in enumerate(names)}
        found = [(i, at[name]) for i, name in enumerate(self.shape_names) if name in at]
        result = np.zeros((*values.shape[:-1], len(self.shape_names)), np.float32)
        for shape, control in found:
            result[..., shape] = values[..., control]
        return result

    def vertices(self, weights: np.ndarray) -> np.ndarray:
        """The mesh under shapes.

        Parameters
        ----------
        weights : np.ndarray, shape (shapes,)

        Returns
        -------
        np.ndarray, shape (V, 3), float32
        """
        used = np.asarray(weights, dtype=np.float32)
        if used.shape != (len(self.shape_names),) or not np.isfinite(used).all():
            raise RigtalkError(f"the head needs {len(self.shape_names)} finite weights of shapes")
        assert self.shape_deltas is not None  # noqa: S101 - set by __post_init__
        moved = self.mesh.vertices.copy()
        for i in np.nonzero(used)[0]:
            moved += used[i] * self.shape_deltas[i].astype(np.float32)
        return moved

    def posed_by_weights(self, weights: np.ndarray, rest: RestFrames | None = None) -> Posed:
        """The Gaussians under shapes, corrected for them."""
        coefficients = self.correctives.coefficients(weights) if self.correctives else None
        return self.posed(self.vertices(weights), coefficients, rest)

    def corrected(
        self,
        coefficients: np.ndarray | None = None,
        offsets: Mapping[str, np.ndarray] | None = None,
    ) -> Gaussians:
        """The Gaussians at rest as they are posed.

        Parameters
        ----------
        coefficients : np.ndarray, shape (bases,), optional
            Of the correctives.
        offsets : mapping of str to np.ndarray, optional
            Of the attention, from `attention_offsets`.
        """
        gaussians = self.gaussians
        if self.correctives and coefficients is not None:
            gaussians = self.correctives.applied(gaussians, coefficients)
        return changed(gaussians, offsets) if offsets else gaussians

    def posed(
        self,
        vertices: np.ndarray,
        coefficients: np.ndarray | None = None,
        rest: RestFrames | None = None,
        offsets: Mapping[str, np.ndarray] | None = None,
    ) -> Posed:
        """The Gaussians on the deformed mesh.

        Parameters
        ----------
        vertices : np.ndarray, shape (V, 3)
            In the space in which the Gaussians shall stand.
        coefficients : np.ndarray, shape (bases,), optional
            Of the correctives; without them the Gaussians are not corrected.
        rest : RestFrames, optional
            ``RestFrames.of(head.mesh)``, made once for many frames.
        offsets : mapping of str to np.ndarray, optional
            Of the attention, from `attention_offsets`.

        Raises
        ------
        RigtalkError
            If the vertices are not those of the mesh, or not finite.
        """
        moved = self.mesh.deformed(vertices)
        gaussians = self.corrected(coefficients, offsets)
        turns, stretches = (rest or RestFrames.of(self.mesh)).at_vertices(moved)
        corners = self.mesh.triangles[self.triangle]
        weights = self.barycentric.astype(np.float64)
        turn, stretch = _blended(turns[corners], weights), _sum(stretches[corners], weights)
        bent = matrices(turn) @ unpacked(stretch)
        foot = _sum(self.mesh.vertices.astype(np.float64)[corners], weights)
        offset = gaussians.positions - foot
        plain = Posed.of(gaussians)
        covariances = bent @ unpacked(plain.covariances) @ np.swapaxes(bent, 1, 2)
        return Posed(
            _sum(moved[corners], weights) + np.einsum("nij,nj->ni", bent, offset),
            packed(covariances),
            plain.opacities,
            gaussians.sh,
            turn,
            np.einsum("nij,nj->ni", matrices(turn), plain.normals),
        )


def _sum(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.einsum("nci,nc->ni", values, weights)


def _blended(turns: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The mean turn of three corners (n, 3, 4); a turn and its negative are the same."""
    agree = np.einsum("nci,ni->nc", turns, turns[:, 0])
    return normalised(_sum(turns * np.where(agree < 0, -1, 1)[..., None], weights))
