"""Small meshes, and how they are made from grids and boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .subdivide import Subdivision

__all__ = ["Part", "box", "joined", "mirrored", "sheet", "subdivided"]


@dataclass(frozen=True)
class Part:
    """A piece of the head.

    Attributes
    ----------
    vertices : ndarray, shape (V, 3)
        Millimetres.
    faces : ndarray, shape (F, 4)
        -1 in the last column marks a triangle.
    material : ndarray of str, shape (F,)
    uv : ndarray, shape (V, 2)
    """

    vertices: np.ndarray
    faces: np.ndarray
    material: np.ndarray
    uv: np.ndarray


def sheet(
    points: np.ndarray,
    material: str | np.ndarray,
    *,
    closed: bool = False,
    start: np.ndarray | None = None,
    end: np.ndarray | None = None,
) -> Part:
    """Quads over a grid of points (rows, columns, 3), seen from outside when rows run down and
    columns run right.

    Parameters
    ----------
    closed : bool
        The last column meets the first.
    start, end : ndarray, shape (3,), optional
        A point that closes the first or the last row with a fan.
    """
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    right = np.roll(index, -1, axis=1) if closed else index[:, 1:]
    left = index if closed else index[:, :-1]
    faces = np.stack([left[:-1], left[1:], right[1:], right[:-1]], axis=-1)
    kinds = np.broadcast_to(
        np.asarray(material)[..., None] if np.ndim(material) else np.asarray(material),
        faces.shape[:2],
    )
    u, v = np.meshgrid(np.linspace(0, 1, columns), np.linspace(1, 0, rows))
    vertices = [points.reshape(-1, 3)]
    uv = [np.stack([u, v], axis=-1).reshape(-1, 2)]
    all_faces, all_kinds = [faces.reshape(-1, 4)], [kinds.reshape(-1)]
    count = rows * columns
    for tip, row in ((start, 0), (end, rows - 1)):
        if tip is None:
            continue
        a, b = left[row], right[row]
        fan = np.stack([np.full_like(a, count), a, b, np.full_like(a, -1)], axis=1)
        all_faces.append(fan if row == 0 else fan[:, [0, 2, 1, 3]])
        all_kinds.append(kinds[0 if row == 0 else -1])
        vertices.append(tip[None])
        uv.append(np.array([[0.5, 1.0 if row == 0 else 0.0]]))
        count += 1
    return Part(
        np.concatenate(vertices),
        np.concatenate(all_faces),
        np.concatenate(all_kinds).astype(object),
        np.concatenate(uv),
    )


def box(corners: np.ndarray, material: str) -> Part:
    """A box from its corners (2 heights from the top, 2 depths from the front, 2 sides, 3)."""
    faces = np.array(
        [[0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3], [0, 1, 3, 2], [4, 6, 7, 5]]
    )
    return Part(corners.reshape(8, 3), faces, np.full(6, material, object), np.full((8, 2), 0.5))


def subdivided(part: Part, steps: int) -> Part:
    """Catmull-Clark, `steps` times."""
    for _ in range(steps):
        division = Subdivision(part.faces, len(part.vertices))
        part = Part(
            division.smooth(part.vertices),
            division.faces,
            part.material[division.parent],
            division.linear(part.uv),
        )
    return part


def mirrored(part: Part) -> Part:
    """The same on the other side."""
    triangle = part.faces[:, 3] < 0
    faces = part.faces[:, [0, 3, 2, 1]].copy()
    faces[triangle] = part.faces[triangle][:, [0, 2, 1, 3]]
    return Part(part.vertices * [-1.0, 1.0, 1.0], faces, part.material, part.uv)


def joined(*parts: Part) -> Part:
    """One part from several."""
    starts = np.cumsum([0] + [len(p.vertices) for p in parts[:-1]])
    faces = [
        np.where(p.faces >= 0, p.faces + start, -1) for p, start in zip(parts, starts, strict=True)
    ]
    return Part(
        np.concatenate([p.vertices for p in parts]),
        np.concatenate(faces),
        np.concatenate([p.material for p in parts]),
        np.concatenate([p.uv for p in parts]),
    )
