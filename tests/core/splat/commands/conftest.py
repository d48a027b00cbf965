"""A small head of Gaussians on the embedded head, and its command line."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.cli import main
from rigtalk.core.performance import Performance
from rigtalk.core.splat.files.head_file import write_head
from rigtalk.core.splat.gaussians import SH_C0, Gaussians
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.head_mesh import HeadMesh
from rigtalk.core.splat.mesh import Mesh, mesh_signature, triangles_of
from rigtalk.rigs import control_set
from rigtalk.rigs.head import build_head

COUNT = 4000
COLOURS = {"skin": (0.8, 0.6, 0.5), "lips": (0.7, 0.25, 0.25), "hair": (0.15, 0.1, 0.08)}
OTHERS = (0.5, 0.5, 0.5)


@pytest.fixture(scope="session")
def head_mesh() -> HeadMesh:
    """The embedded head, as a scene would give it."""
    head = build_head()
    sizes = (head.faces >= 0).sum(axis=1)
    corners = head.faces[head.faces >= 0]
    return HeadMesh(
        Mesh(head.vertices, triangles_of(sizes, corners)),
        mesh_signature(len(head.vertices), sizes, corners),
        head.shape_names,
        head.shape_deltas.astype(np.float16),
        ("Head",),
        "arkit",
    )


@pytest.fixture(scope="session")
def head(head_mesh: HeadMesh) -> SplatHead:
    """Gaussians all over it, by area, in the colours of its materials."""
    drawn = build_head()
    sizes = (drawn.faces >= 0).sum(axis=1)
    material = np.repeat(drawn.face_material, sizes - 2)
    mesh = head_mesh.mesh
    rng = np.random.default_rng(0)
    corners = mesh.vertices[mesh.triangles].astype(np.float64)
    doubled = np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    triangle = rng.choice(len(doubled), COUNT, p=doubled / doubled.sum())
    feet = rng.dirichlet((1, 1, 1), COUNT)
    table = np.array([COLOURS.get(name, OTHERS) for name in drawn.material_names])
    gaussians = Gaussians(
        np.einsum("nci,nc->ni", corners[triangle], feet),
        np.full((COUNT, 3), np.log(0.006)),
        np.tile([1.0, 0, 0, 0], (COUNT, 1)),
        np.full(COUNT, 4.0),
        (table[material[triangle]][:, None] - 0.5) / SH_C0,
    )
    return SplatHead(
        gaussians,
        triangle,
        feet,
        mesh,
        head_mesh.signature,
        head_mesh.control_names,
        head_mesh.control_deltas,
        facts=head_mesh.facts(),
    )


@pytest.fixture(scope="session")
def head_file(head: SplatHead, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("head") / "hero.splathead"
    write_head(path, head)
    return path


@pytest.fixture
def write(tmp_path: Path):
    """Writes the head with some parts exchanged."""

    def written(head: SplatHead, **parts: object) -> Path:
        path = tmp_path / "other.splathead"
        write_head(path, replace(head, **parts))
        return path

    return written


def curves(fps: float = 30.0, start: float = 0.0, **values: list[float]) -> Performance:
    """ARKit curves, by name."""
    controls = control_set("arkit")
    count = max(len(each) for each in values.values())
    array = np.zeros((count, len(controls)), np.float32)
    for name, each in values.items():
        array[:, controls.index(name)] = each
    return Performance(array, fps, controls, start)


@pytest.fixture
def make_curves():
    return curves


@pytest.fixture
def run(tiny_path: Path, capsys: pytest.CaptureFixture[str]):
    """Runs ``rigtalk head …`` and returns status, lines of stdout and lines of stderr."""

    def command(*words: object, host=None) -> tuple[int, list[str], list[str]]:
        status = main(["head", *(str(word) for word in words)], host)
        out, err = capsys.readouterr()
        return status, out.splitlines(), err.splitlines()

    return command


@pytest.fixture
def complaint(run):
    """Runs what must fail with one line, and returns that line."""

    def failed(*words: object, host=None) -> str:
        status, told, complaints = run(*words, host=host)
        assert status == 2
        assert told == []
        errors = [line for line in complaints if line.startswith("rigtalk: error: ")]
        assert len(errors) == 1, complaints
        return errors[0].removeprefix("rigtalk: error: ")

    return failed
