import re
from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.splat.files.axes import BLENDER, between
from rigtalk.core.splat.files.formats import write_splats
from rigtalk.core.splat.files.head_file import read_head
from rigtalk.core.splat.rotations import matrices, rotation_vectors

TURN = matrices(rotation_vectors(np.array([0.05, -0.1, 0.4])))
FEW = 800
SCALE, SHIFT = 11.0, np.array([0.3, -2.0, 1.1])


class Scene:
    """A host with one character."""

    def __init__(self, mesh) -> None:
        self.mesh, self.asked = mesh, None

    def head_mesh(self, scene, object_name):
        self.asked = scene, object_name
        return self.mesh


@pytest.fixture
def host(head_mesh) -> Scene:
    return Scene(head_mesh)


@pytest.fixture
def scan(head, tmp_path: Path) -> Path:
    """The head as somebody captured it: turned, eleven times as large, elsewhere."""
    path = tmp_path / "scan.ply"
    write_splats(path, head.gaussians.take(slice(FEW)).transformed(TURN, SCALE, SHIFT))
    return path


def gaps(bound, head) -> np.ndarray:
    """How far Gaussians are from where they should be, metres."""
    wanted = head.gaussians.positions[:FEW]
    return np.linalg.norm(bound.gaussians.positions - wanted, axis=1)


def test_a_scan_is_laid_onto_the_mesh(run, host, head, scan, tmp_path):
    out = tmp_path / "hero.splathead"
    scene = tmp_path / "hero.blend"
    words = ["bind", scan, "--scene", scene, "--object", "Head", "-o", out]
    status, told, notes = run(*words, host=host)
    assert (status, notes) == (0, [])
    assert host.asked == (scene, "Head")
    assert told[-1] == str(out)
    said = re.fullmatch(r"alignment\tscale (\S+), turned (\S+) degrees, moved .*", told[0])
    assert float(said[1]) == pytest.approx(1 / SCALE, rel=0.02)
    assert float(said[2]) == pytest.approx(23.9, abs=1)
    bound = read_head(out)
    assert bound.signature == head.signature
    assert bound.facts["rig"] == "arkit"
    assert np.quantile(gaps(bound, head), 0.95) < 0.005  # they stand 15 mm apart
    # It opens its mouth where the head does.
    weights = bound.weights(["jawOpen"], np.ones(1))
    moved = bound.posed_by_weights(weights).positions - bound.gaussians.positions
    wanted = (head.posed_by_weights(weights).positions - head.gaussians.positions)[:FEW]
    assert np.quantile(np.linalg.norm(moved - wanted, axis=1), 0.95) < 0.002


def test_pairs_of_points_begin_it(run, host, head, scan, tmp_path):
    out, pairs = tmp_path / "hero.splathead", tmp_path / "pairs.csv"
    points = head.gaussians.positions[[0, 200, 400, 600]].astype(float)
    # In the file's own axes, as a viewer of PLY shows them.
    there = (SCALE * points @ TURN.T + SHIFT) @ between(BLENDER, "RDF").T
    rows = [",".join(f"{x:.6f}" for x in (*a, *b)) for a, b in zip(there, points, strict=True)]
    pairs.write_text("sx,sy,sz,x,y,z\n" + "\n".join(rows) + "\n# by hand\n")
    status, told, _ = run("bind", scan, "-o", out, "--align", pairs, host=host)
    assert status == 0
    assert told[0] == "pairs\t4, 0.00 mm apart (root mean square)"
    assert np.quantile(gaps(read_head(out), head), 0.95) < 0.005


def test_what_is_in_place_already(run, host, head, tmp_path):
    path, out = tmp_path / "scan.spz", tmp_path / "hero.splathead"
    write_splats(path, head.gaussians.take(slice(FEW)))
    assert run("bind", path, "-o", out, "--align", "no", host=host)[0] == 0
    assert gaps(read_head(out), head).max() < 5e-4  # what SPZ rounds to


def test_floaters(run, complaint, host, head, scan, cloud, tmp_path):
    path, out = tmp_path / "cloudy.ply", tmp_path / "hero.splathead"
    write_splats(path, type(head.gaussians).join([head.gaussians.take(slice(90)), cloud(60, 0)]))
    words = ["bind", path, "-o", out, "--align", "no"]
    status, _, notes = run(*words, host=host)
    assert status == 0
    assert "many Gaussians are far from the mesh" in notes[0]
    status, told, notes = run(*words, "--within", "0.02", host=host)
    assert (status, notes) == (0, [])
    assert told[0].startswith("left out\t")
    assert 90 <= len(read_head(out)) < 95
    out.unlink()
    words = ["bind", scan, "-o", out, "--align", "no", "--within", "0.001"]
    assert "no Gaussian is within 0.001 of the mesh" in complaint(*words, host=host)
    assert not out.exists()


def test_a_scan_elsewhere_is_noted(run, host, scan, tmp_path):
    words = ["bind", scan, "-o", tmp_path / "hero.splathead", "--align", "no"]
    status, _, notes = run(*words, host=host)
    assert status == 0
    assert "does not lie on the mesh" in notes[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2,3,4,5,6\n", "1 pairs of points; three or more"),
        ("1,2,3,4,5,6\n1,2,3\n", "line 2 is no pair"),
        ("1,2,3,4,5,6\na,b,c,d,e,f\n", "line 2 is no pair"),
        ("1,2,3,4,5,inf\n", "line 1 is no pair"),
        ("0,0,0,0,0,0\n1,0,0,1,0,0\n2,0,0,2,0,0\n", "not all in one line"),
        ("", "0 pairs of points"),
    ],
)
def test_bad_pairs(complaint, host, scan, tmp_path, text, message):
    pairs = tmp_path / "pairs.csv"
    pairs.write_text(text)
    words = ["bind", scan, "-o", tmp_path / "hero.splathead", "--align", pairs]
    assert message in complaint(*words, host=host)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--align", "maybe"], "--align maybe: say yes, no, or name a file of pairs"),
        (["--axes", "XYZ"], "axes 'XYZ' are not known"),
        (["--within", "-1"], "--within is -1"),
        (["--within", "nan"], "--within is nan"),
        (["--object", "Head"], "give the scene with --scene"),
    ],
)
def test_what_is_not_understood(complaint, host, scan, tmp_path, words, message):
    assert message in complaint("bind", scan, "-o", tmp_path / "hero.splathead", *words, host=host)


def test_bad_scans(complaint, host, scan, cloud, tmp_path):
    out = ("-o", tmp_path / "hero.splathead")
    assert "no such file" in complaint("bind", tmp_path / "none.ply", *out, host=host)
    assert "not in .wav" in complaint("bind", tmp_path / "scan.wav", *out, host=host)
    foreign = tmp_path / "foreign.ply"
    foreign.write_bytes(b"solid stl" * 20)
    assert "not a PLY file" in complaint("bind", foreign, *out, host=host)
    empty = tmp_path / "empty.ply"
    write_splats(empty, cloud(0))
    assert "no Gaussians in it" in complaint("bind", empty, *out, host=host)
    few = tmp_path / "few.ply"
    write_splats(few, cloud(3))
    assert "too few to be aligned" in complaint("bind", few, *out, host=host)
    huge = tmp_path / "huge.ply"
    with huge.open("wb") as file:
        file.truncate(240 << 30)  # a billion Gaussians, on a disk that keeps no zeros
    assert "257.7 GB are too many" in complaint("bind", huge, *out, host=host)
    assert "ends in .splathead" in complaint("bind", scan, "-o", tmp_path / "a.ply", host=host)
    assert "scenes need Blender" in complaint("bind", scan, *out)
    assert not (tmp_path / "hero.splathead").exists()
