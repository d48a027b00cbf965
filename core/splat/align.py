"""Bring a captured set of Gaussians onto a mesh: by pairs of points, then by the surface.

Two clouds of one face differ by a similarity: a turn, a scale and a shift. From pairs of points it
follows directly (Umeyama, 1991). Without pairs, a few turns are tried from where the clouds'
middles and sizes agree, and each is refined by pairing Gaussians with the nearest points of the
mesh over and over (iterative closest point; Besl and McKay, 1992). What counts is mostly the
distance from the surface's plane (Chen and Medioni, 1992), which lets smooth surfaces slide into
place, and the farthest pairs are left out: hair, shoulders and floaters are in one and not in the
other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..errors import RigtalkError
from .gaussians import Gaussians
from .mesh import Mesh
from .nearest import TriangleTree
from .rotations import matrices, rotation_vectors

__all__ = ["Similarity", "align_to_mesh", "similarity_of_pairs"]

_SAMPLES, _FEW = 1500, 400
"""Gaussians that take part, in the end and while turns are tried."""
_SURFACE = 2000
"""Points of the mesh that look for a Gaussian."""
_COARSE, _FINE = 15, 40
"""Steps for each of the tried turns, and at most for the best of them."""
_CONVERGED = 1e-5
"""Of the mesh's size: what moves less from step to step has settled."""
_ALONG = 0.05
"""Weight of distances along the surface beside those from it."""
_LARGEST_STEP = 0.4
"""Most radians, and most change of the logarithm of the scale, that one step may take."""
_LEAST_OPACITY = 0.3
"""Faint Gaussians are haze more than surface."""


_Nearest = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True, eq=False)
class Similarity:
    """``scale * rotation @ p + translation``.

    Attributes
    ----------
    rotation : np.ndarray, shape (3, 3), float64
        Proper.
    scale : float
    translation : np.ndarray, shape (3,), float64
    residual : float
        Root mean square distance of the pairs that counted, in the unit of the mesh.
    """

    rotation: np.ndarray
    scale: float
    translation: np.ndarray
    residual: float = 0.0

    def of_points(self, points: np.ndarray) -> np.ndarray:
        """Points (n, 3) after it, float64."""
        return self.scale * (np.asarray(points, np.float64) @ self.rotation.T) + self.translation

    def of(self, gaussians: Gaussians) -> Gaussians:
        """Gaussians after it."""
        return gaussians.transformed(self.rotation, self.scale, self.translation)


def similarity_of_pairs(
    source: np.ndarray, target: np.ndarray, weights: np.ndarray | None = None
) -> Similarity:
    """The similarity with the least squared distance of pairs (Umeyama, 1991, eq. 40 to 42).

    Parameters
    ----------
    source, target : np.ndarray, shape (n, 3)
        Three pairs or more, not in one line.
    weights : np.ndarray, shape (n,), optional
        0 or more.

    Raises
    ------
    RigtalkError
        If the pairs do not determine it.
    """
    source, target = np.asarray(source, np.float64), np.asarray(target, np.float64)
    if source.shape != target.shape or source.ndim != 2 or source.shape[1] != 3:
        raise RigtalkError("an alignment needs as many points on one side as on the other")
    if not (np.isfinite(source).all() and np.isfinite(target).all()):
        raise RigtalkError("an alignment has points that are not finite")
    share = np.ones(len(source)) if weights is None else np.asarray(weights, np.float64)
    if len(source) < 3 or share.sum() <= 0:
        raise RigtalkError("an alignment needs three pairs of points or more")
    share = share / share.sum()
    middle, middle_target = share @ source, share @ target
    centred, centred_target = source - middle, target - middle_target
    spread = float(share @ (centred * centred).sum(axis=1))
    u, sizes, v = np.linalg.svd((centred_target * share[:, None]).T @ centred)
    if sizes[1] <= 1e-9 * max(sizes[0], 1e-300) or spread <= 0:
        raise RigtalkError("an alignment needs points that are not all in one line")
    mirror = np.array([1.0, 1.0, np.sign(np.linalg.det(u) * np.linalg.det(v))])
    rotation = (u * mirror) @ v
    scale = float((sizes * mirror).sum() / spread)
    translation = middle_target - scale * rotation @ middle
    found = Similarity(rotation, scale, translation)
    gaps = found.of_points(source) - target
    return Similarity(
        rotation, scale, translation, float(np.sqrt(share @ (gaps * gaps).sum(axis=1)))
    )


def align_to_mesh(
    gaussians: Gaussians,
    mesh: Mesh,
    *,
    start: Similarity | None = None,
    keep: float = 0.7,
    seed: int = 0,
) -> Similarity:
    """The similarity that lays captured Gaussians onto a mesh.

    Parameters
    ----------
    gaussians : Gaussians
        In axes like the mesh's, more or less upright.
    mesh : Mesh
    start : Similarity, optional
        Near the truth, such as from a few pairs of points. Without it, middles and sizes are
        matched and eight turns about the vertical axis (z) are tried.
    keep : float
        Share of the Gaussians that have a counterpart on the mesh, above 0 up to 1.
    seed : int
        Of the choice of the Gaussians that take part.

    Raises
    ------
    RigtalkError
        If there are too few opaque Gaussians, the mesh has no faces, or nothing fits.
    """
    if not 0 < keep <= 1:
        raise RigtalkError(f"the share to keep is above 0 up to 1, not {keep}")
    solid = np.nonzero(gaussians.opacities() > _LEAST_OPACITY)[0]
    if len(solid) < 10:
        raise RigtalkError(f"{len(solid)} opaque Gaussians are too few to be aligned")
    rng = np.random.default_rng(seed)
    chosen = rng.choice(solid, min(_SAMPLES, len(solid)), replace=False)
    points = gaussians.positions[chosen].astype(np.float64)
    surface, normals = _surface(mesh, rng)
    exact = _on_surface(mesh)
    if start is not None:
        return _refined(points, surface, normals, exact, start, keep, _FINE)

    def roughly(moved: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        index = _nearest_point(moved, surface)
        return surface[index], normals[index]

    starts = _starts(points, surface)
    tried = [
        _refined(points[:_FEW], surface, normals, roughly, each, keep, _COARSE) for each in starts
    ]
    best = min(tried, key=lambda each: each.residual)
    found = _refined(points, surface, normals, exact, best, keep, _FINE)
    size, reach = (float(np.ptp(each, axis=0).max()) for each in (surface, found.of_points(points)))
    if not 0.05 * size < reach < 20 * size:
        raise RigtalkError(
            "the Gaussians do not fit the mesh; give pairs of points, or turn them upright first"
        )
    return found


def _surface(mesh: Mesh, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points (m, 3) all over the mesh, by area, and the normals there."""
    if not len(mesh.triangles):
        raise RigtalkError("the mesh has no faces to align Gaussians to")
    normals, areas = _normals(mesh)
    of = rng.choice(len(areas), _SURFACE, p=areas / areas.sum())
    weights = rng.dirichlet((1, 1, 1), _SURFACE)
    corners = mesh.vertices.astype(np.float64)[mesh.triangles[of]]
    return np.einsum("nc,nci->ni", weights, corners), normals[of]


def _normals(mesh: Mesh) -> tuple[np.ndarray, np.ndarray]:
    """Unit normals (T, 3) of the triangles, and twice their areas, above 0."""
    a, b, c = np.moveaxis(mesh.vertices.astype(np.float64)[mesh.triangles], 1, 0)
    normals = np.cross(b - a, c - a)
    areas = np.linalg.norm(normals, axis=1) + 1e-300
    return normals / areas[:, None], areas


def _on_surface(mesh: Mesh) -> _Nearest:
    """A function from points to the nearest points of a mesh and the normals there."""
    tree = TriangleTree.of(mesh)
    normals, _ = _normals(mesh)
    corners = mesh.vertices.astype(np.float64)[mesh.triangles]

    def nearest(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        triangle, weights = tree.nearest(points)
        feet = np.einsum("nc,nci->ni", weights.astype(np.float64), corners[triangle])
        return feet, normals[triangle]

    return nearest


def _starts(points: np.ndarray, surface: np.ndarray) -> list[Similarity]:
    """Middles and sizes matched, by medians that floaters do not move; turns about z."""
    middle, target = np.median(points, axis=0), np.median(surface, axis=0)
    size, size_target = (
        float(np.median(np.linalg.norm(each - about, axis=1)))
        for each, about in ((points, middle), (surface, target))
    )
    scale = size_target / max(size, 1e-30)
    starts = []
    for angle in np.arange(8) * np.pi / 4:
        c, s = np.cos(angle), np.sin(angle)
        rotation = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
        starts.append(Similarity(rotation, scale, target - scale * rotation @ middle))
    return starts


def _refined(
    points: np.ndarray,
    surface: np.ndarray,
    normals: np.ndarray,
    nearest: _Nearest,
    start: Similarity,
    keep: float,
    steps: int,
) -> Similarity:
    """Pair with the nearest points, take a step, and again.

    Nearest points alone would let a cloud shrink into a corner of the mesh, where all are near. So
    points of the mesh are paired with the cloud, too: those that no Gaussian is near pull it back.
    """
    current = start
    size = float(np.ptp(surface, axis=0).max())
    for _ in range(steps):
        moved = current.of_points(points)
        feet, upright = nearest(moved)
        back = _nearest_point(surface, moved)
        ahead = _nearest_share(np.linalg.norm(moved - feet, axis=1), keep) / len(points)
        behind = _nearest_share(np.linalg.norm(moved[back] - surface, axis=1), keep) / len(surface)
        following = _step(
            current,
            np.concatenate([moved, moved[back]]),
            np.concatenate([feet, surface]),
            np.concatenate([upright, normals]),
            np.concatenate([ahead, behind]),
        )
        change = np.abs(following.of_points(points) - moved).max()
        current = following
        if change < _CONVERGED * size:
            break
    return current


def _step(
    current: Similarity,
    moved: np.ndarray,
    feet: np.ndarray,
    normals: np.ndarray,
    weights: np.ndarray,
) -> Similarity:
    """The small similarity that brings points towards planes, after the current one."""
    used = weights > 0
    moved, feet, normals, weights = (each[used] for each in (moved, feet, normals, weights))
    middle = moved.mean(axis=0)
    centred = moved - middle
    size = np.sqrt((centred * centred).sum(axis=1).mean())
    if not size > 0:
        raise RigtalkError("an alignment needs points that are not all in one line")
    centred /= size
    gaps = (feet - moved) / size
    left, right = np.zeros((7, 7)), np.zeros(7)
    axes = [np.broadcast_to(axis, normals.shape) for axis in np.eye(3)]
    for ways, share in ((normals, 1.0), *((axis, _ALONG) for axis in axes)):
        rows = np.column_stack(
            [np.cross(centred, ways), np.einsum("ni,ni->n", centred, ways), ways]
        )
        left += share * rows.T @ (weights[:, None] * rows)
        right += share * rows.T @ (weights * np.einsum("ni,ni->n", gaps, ways))
    solution = np.linalg.solve(left + 1e-12 * np.trace(left) * np.eye(7), right)
    solution[:4] *= min(1.0, _LARGEST_STEP / max(1e-30, np.abs(solution[:4]).max()))
    turn, growth = matrices(rotation_vectors(solution[:3])), float(np.exp(solution[3]))
    shift = middle + size * solution[4:] - growth * turn @ middle
    gap = np.linalg.norm(feet - moved, axis=1)
    return Similarity(
        turn @ current.rotation,
        growth * current.scale,
        growth * turn @ current.translation + shift,
        float(np.sqrt(weights @ (gap * gap) / weights.sum())),
    )


def _nearest_share(gaps: np.ndarray, keep: float) -> np.ndarray:
    return (gaps <= np.quantile(gaps, keep)).astype(np.float64)


def _nearest_point(queries: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Index of the nearest of some thousand points, by comparing all with all."""
    cost = 0.5 * (points * points).sum(axis=1) - queries @ points.T
    return cost.argmin(axis=1)
