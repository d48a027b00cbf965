"""A ball with three controls, small enough to be fitted within seconds."""

import numpy as np
import pytest

from rigtalk.core.splat.head_mesh import HeadMesh
from rigtalk.core.splat.mesh import Mesh, mesh_signature


def ball(rows: int = 12, columns: int = 24) -> Mesh:
    polar = np.linspace(0, np.pi, rows + 1)[1:-1]
    around = np.linspace(0, 2 * np.pi, columns, endpoint=False)
    p, a = np.meshgrid(polar, around, indexing="ij")
    ring = np.stack([np.sin(p) * np.cos(a), np.sin(p) * np.sin(a), np.cos(p)], axis=-1)
    vertices = np.concatenate([ring.reshape(-1, 3), [[0, 0, 1], [0, 0, -1]]])
    i, j = np.meshgrid(np.arange(rows - 2), np.arange(columns), indexing="ij")
    here, right = i * columns + j, i * columns + (j + 1) % columns
    below, across = here + columns, right + columns
    sides = np.stack([here, below, across, here, across, right], axis=-1).reshape(-1, 3)
    top, bottom, last = len(vertices) - 2, len(vertices) - 1, (rows - 2) * columns
    j = np.arange(columns)
    caps = [
        np.stack([np.full(columns, top), j, (j + 1) % columns], axis=1),
        np.stack([np.full(columns, bottom), last + (j + 1) % columns, last + j], axis=1),
    ]
    return Mesh(0.1 * vertices, np.concatenate([sides, *caps]))


@pytest.fixture(scope="session")
def head() -> HeadMesh:
    mesh = ball()
    v = mesh.vertices
    front = np.maximum(0, -v[:, 1:2] / 0.1)
    down, up = np.array([0, 0, -0.04]), np.array([0, 0, 0.02])
    deltas = np.stack(
        [
            front * (v[:, 2:] < 0) * down,
            front * (v[:, 2:] > 0.03) * (v[:, :1] > 0) * up,
            front * (v[:, 2:] > 0.03) * (v[:, :1] < 0) * up,
        ]
    )
    corners = mesh.triangles.ravel()
    signature = mesh_signature(len(v), np.full(len(mesh.triangles), 3), corners)
    names = ("jawOpen", "browOuterUpLeft", "browOuterUpRight")
    return HeadMesh(mesh, signature, names, deltas, ("Ball",), "arkit")
