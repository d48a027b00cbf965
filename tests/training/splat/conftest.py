"""A small head of Gaussians on the embedded head's face, and takes of it."""

from pathlib import Path

import numpy as np
import pytest

from rigtalk.core import Actor
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.mesh import Mesh, triangles_of
from rigtalk.rigs.head import build_head
from rigtalk.training.splat.motion import HingedMotion
from rigtalk.training.splat.takes import HeadTake, performed_take


def on_the_face(count: int = 800, seed: int = 0) -> SplatHead:
    """Gaussians by area on what the jaw and the cheeks move, and a few elsewhere."""
    head = build_head()
    triangles = triangles_of((head.faces >= 0).sum(axis=1), head.faces[head.faces >= 0])
    moved = [head.shape_names.index(name) for name in ("jawOpen", "cheekPuff")]
    reach = np.linalg.norm(head.shape_deltas[moved], axis=2).max(axis=0)
    a, b, c = np.moveaxis(head.vertices[triangles], 1, 0)
    chance = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    chance *= 0.002 + (reach[triangles].max(axis=1) > 0.003)
    rng = np.random.default_rng(seed)
    of = np.sort(rng.choice(len(triangles), count, p=chance / chance.sum()))
    feet = rng.dirichlet((1, 1, 1), count)
    gaussians = Gaussians(
        np.einsum("nc,nci->ni", feet, head.vertices[triangles[of]])
        + rng.normal(0, 2e-4, (count, 3)),
        np.log([0.002, 0.002, 0.0005]) + rng.normal(0, 0.1, (count, 3)),
        rng.normal(size=(count, 4)),
        np.full(count, 3.0),
        rng.normal(0, 0.3, (count, 1, 3)),
    )
    mesh = Mesh(head.vertices, triangles)
    return SplatHead(gaussians, of, feet, mesh, "", head.shape_names, head.shape_deltas)


@pytest.fixture(scope="session")
def face_head() -> SplatHead:
    return on_the_face()


@pytest.fixture(scope="session")
def hinged(face_head: SplatHead) -> HingedMotion:
    return HingedMotion.of(face_head)


@pytest.fixture(scope="session")
def line_path(root: Path) -> Path:
    """The embedded line: 8 s."""
    return root / "core" / "data" / "line.flac"


@pytest.fixture(scope="session")
def line_take(face_head: SplatHead, hinged: HingedMotion, line_path: Path) -> HeadTake:
    return performed_take(line_path, face_head, hinged, Actor.load())
