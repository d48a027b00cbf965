from dataclasses import replace

import numpy as np
import pytest

from rigtalk.core.splat.fitting.capture import CaptureFolder
from rigtalk.core.splat.fitting.plan import Quality, plan_shots
from rigtalk.core.splat.fitting.region import of_the_head, within
from rigtalk.core.splat.fitting.start import begin
from rigtalk.core.splat.gaussians import SH_C0
from rigtalk.core.splat.head_mesh import HeadMesh
from rigtalk.core.splat.mesh import Mesh
from rigtalk.core.splat.renderer import open_renderer
from rigtalk.core.splat.rotations import matrices

from .painting import take_all

SMALL = Quality(10, 1, 48, 800, 10, 1)


@pytest.fixture(scope="module")
def renderer():
    opened = open_renderer(threads=1)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def photos(head, tmp_path_factory):
    path = tmp_path_factory.mktemp("bake") / "work"
    folder = CaptureFolder.create(path, head, plan_shots(head, SMALL), {})
    take_all(folder)
    return [folder.photo(i) for i in range(len(folder.shots))]


def test_gaussians_lie_on_the_mesh_in_its_colours(head, photos, renderer):
    start = begin(head, photos, 800, 1, renderer, np.random.default_rng(0))
    g = start.gaussians
    assert 500 < len(g) <= 800
    assert g.degree == 1
    # On the ball, flat, with the normal across.
    radius = np.linalg.norm(g.positions, axis=1)
    assert radius.min() > 0.097
    assert radius.max() < 0.1001
    normal = matrices(g.rotations)[:, :, 2]
    assert np.abs(np.einsum("ni,ni->n", normal, g.positions / radius[:, None])).min() > 0.97
    assert (g.log_scales[:, 2] < g.log_scales[:, 0] - 1).all()
    rest = g.positions / 0.1
    pattern = 0.5 + 0.35 * np.sin(rest @ [[5, 1, 0], [0, 6, 2], [3, 0, 7]])
    colour = 0.5 + SH_C0 * g.sh[:, 0]
    assert np.median(np.abs(colour - pattern)) < 0.05
    # Half a pixel to some spacings.
    assert 0.1 * 0.02 < start.pixel < 0.1 * 0.1
    assert np.exp(g.log_scales[:, 0]).min() >= 0.49 * start.pixel


def test_what_no_camera_sees_gets_none(head, photos, renderer):
    # A small ball within the ball.
    mesh = head.mesh
    vertices = np.concatenate([mesh.vertices, 0.5 * mesh.vertices])
    triangles = np.concatenate([mesh.triangles, mesh.triangles + len(mesh.vertices)])
    deltas = np.concatenate([head.control_deltas, 0 * head.control_deltas], axis=1)
    double = HeadMesh(Mesh(vertices, triangles), "s", head.control_names, deltas, ("Two",), "arkit")
    inner = [replace(p, vertices=np.concatenate([p.vertices, 0.5 * mesh.vertices])) for p in photos]
    start = begin(double, inner, 800, 0, renderer, np.random.default_rng(0))
    assert (start.triangle < len(mesh.triangles)).mean() > 0.98


def test_a_body_is_masked(head, photos, renderer):
    assert of_the_head(head, photos, renderer)[0].mask is None
    # A larger ball behind is body: the face is what its controls move.
    mesh = head.mesh
    low = mesh.vertices * 3 + np.float32([0, 0.55, 0])
    triangles = np.concatenate([mesh.triangles, mesh.triangles + len(mesh.vertices)])
    deltas = np.concatenate([head.control_deltas, 0 * head.control_deltas], axis=1)
    whole = HeadMesh(
        Mesh(np.concatenate([mesh.vertices, low]), triangles),
        "s",
        head.control_names,
        deltas,
        ("Body",),
        "arkit",
    )
    inside = within(whole)
    assert inside[: len(mesh.triangles)].all()
    assert inside[len(mesh.triangles) :].mean() < 0.2
    both = [replace(p, vertices=np.concatenate([p.vertices, low])) for p in photos]
    masked = of_the_head(whole, both, renderer)
    hidden = np.mean([1 - photo.mask.mean() for photo in masked])
    assert 0.0005 < hidden < 0.5  # a ball of this size all but fills its pictures
    for photo in masked:
        face = photo.shot.camera.rotation @ [0, -0.1, 0] + photo.shot.camera.translation
        camera = photo.shot.camera
        u = int(camera.fx * face[0] / face[2] + camera.cx)
        v = int(camera.fy * face[1] / face[2] + camera.cy)
        facing = camera.centre[1] < -0.3 and camera.centre[2] > -0.05
        if facing and 0 <= u < 48 and 0 <= v < 48:
            assert photo.mask[v, u]
