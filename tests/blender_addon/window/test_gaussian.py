"""Heads of Gaussians in a real window; times go into the report, none is asserted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("bpy", reason="needs the bpy wheel: python build.py test installs it")

from rigtalk.blender_addon.head.materials import LOOKS
from rigtalk.core.splat.files.head_file import write_head
from rigtalk.core.splat.gaussians import SH_C0, Gaussians
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.mesh import Mesh, mesh_signature, triangles_of
from rigtalk.core.splat.native.library import library_path
from rigtalk.rigs.head import build_head

PLAIN = (0.8, 0.2, 0.1)
SUN = np.array([-0.4, -0.8, 0.45])
LEVELS = 3
"""Of 255: what is drawn is rounded twice, and the outermost Gaussians let a little through."""


@pytest.fixture(autouse=True)
def _fast() -> None:
    if not library_path("cpu").is_file():
        pytest.skip("needs the native renderer: python build.py native")


def coated(count: int, colour: tuple[float, float, float] | None = None) -> SplatHead:
    """The embedded head under flat Gaussians, of one colour or of those of its materials."""
    head = build_head()
    used = head.faces >= 0
    sizes, corners = used.sum(axis=1), head.faces[used]
    mesh = Mesh(head.vertices, triangles_of(sizes, corners))
    rng = np.random.default_rng(0)
    places = mesh.vertices[mesh.triangles].astype(np.float64)
    normals = np.cross(places[:, 1] - places[:, 0], places[:, 2] - places[:, 0])
    areas = np.linalg.norm(normals, axis=1)
    triangle = np.sort(rng.choice(len(areas), count, p=areas / areas.sum()))
    barycentric = rng.dirichlet((1, 1, 1), count)
    normals = normals[triangle] / np.maximum(areas[triangle], 1e-30)[:, None]
    # The turn that takes z to the normal.
    turns = np.stack([1 + normals[:, 2], -normals[:, 1], normals[:, 0], np.zeros(count)], axis=1)
    turns[np.linalg.norm(turns, axis=1) < 1e-6] = (0, 1, 0, 0)
    spacing = np.sqrt(areas.sum() / 2 / count)
    shown = np.tile(np.array(colour or (0.0, 0.0, 0.0)), (count, 1))
    if colour is None:
        face = np.repeat(np.arange(len(sizes)), sizes - 2)[triangle]
        looks = np.array([LOOKS[name].color for name in head.material_names])
        paint = np.einsum("nci,nc->ni", head.paint[mesh.triangles[triangle]], barycentric)
        light = 0.35 + 0.65 * np.clip(normals @ SUN, 0, 1)
        shown = np.clip(looks[head.face_material[face]] * paint * light[:, None], 0, 1) ** (1 / 2.2)
    gaussians = Gaussians(
        np.einsum("nci,nc->ni", places[triangle], barycentric),
        np.tile(np.log(spacing * np.array([0.7, 0.7, 0.1])), (count, 1)),
        turns,
        np.full(count, 5.0),
        ((shown - 0.5) / SH_C0)[:, None],
    )
    return SplatHead(
        gaussians,
        triangle,
        barycentric,
        mesh,
        mesh_signature(len(mesh.vertices), sizes, corners),
        tuple(head.shape_names),
        head.shape_deltas,
        facts={"rig": "arkit", "objects": json.dumps(["Head"])},
    )


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A head of one colour."""
    write_head(tmp_path / "plain.splathead", coated(20_000, PLAIN))
    return tmp_path / "plain.splathead"


def is_near(pixel: list[int], colour: tuple[float, float, float]) -> bool:
    return bool(np.abs(np.array(pixel) - 255 * np.array(colour)).max() <= LEVELS)


def test_gaussians_are_seen_where_their_mesh_is(run_script, plain: Path, tmp_path: Path) -> None:
    write_head(tmp_path / "painted.splathead", coated(50_000))
    report = run_script("gaussian_steps.py", plain, tmp_path / "painted.splathead")
    for view in report["agree"].values():
        # The mesh is covered, and but for soft edges about a head of 165 pixels nothing else.
        assert view["of the mesh"] > 0.99, report["agree"]
        assert view["of both"] > 0.85, report["agree"]
    assert len(report["quad"]) == 4
    assert all(0.01 < share < 0.3 for share in report["quad"]), report["quad"]
    for pixel in report["colours"].values():
        assert is_near(pixel, PLAIN), report["colours"]
    depth = report["depth"]
    assert not is_near(depth["before"], PLAIN)
    assert is_near(depth["behind"], PLAIN)
    assert not is_near(depth["out of it"], PLAIN)
    assert report["jaw_moved"] > 300
    assert report["played"] >= 3
    assert report["pictures_at_rest"] == 0
    assert not report["timer_at_rest"]
    assert report["scale_at_rest"] == 1.0
    assert report["light_outside"] < 20
    assert report["red_inside"] > 20


def test_the_mesh_comes_back_whatever_happens(run_script, plain: Path) -> None:
    report = run_script("gaussian_states_steps.py", plain)
    hidden, seen = "BOUNDS", "TEXTURED"
    switching = report["switching"]
    assert switching["off"] == switching["object"] == switching["undone"] == seen
    assert switching["on"] == switching["moved"] == switching["undone once"] == hidden
    assert switching["none shown"]
    editing = report["editing"]
    assert editing["shown"] == editing["undone"] == hidden
    assert editing["in edit mode"] == editing["edited"] == seen
    assert editing["same number"]
    assert "bake again" in editing["fault"]
    assert editing["words undone"] == ""
    saving = report["saving"]
    assert saving["shown"] == saving["shown again"] == hidden
    assert saving["loaded"] == seen
    assert saving["resumed"]
    stopping = report["stopping"]
    assert stopping["shown again"] == hidden
    assert stopping["shown"] == stopping["disabled"] == seen
    assert stopping["handlers"] == stopping["handlers disabled"] == []
