"""The CPU's renderer draws what the reference draws."""

import numpy as np
import pytest

from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.mesh import Mesh, triangles_of
from rigtalk.core.splat.native.library import Library, NativeRenderer
from rigtalk.core.splat.posed import Posed
from rigtalk.core.splat.reference import Settings, render
from rigtalk.rigs.errors import RigtalkError
from rigtalk.rigs.head.build import build_head

STEP = 1 / 255


def one(position=(0, 0, 0), scale=(0.1, 0.1, 0.1), logit=4.0, rotation=(1, 0, 0, 0)):
    return Gaussians(
        np.array([position]),
        np.log([scale]),
        np.array([rotation]),
        np.array([logit]),
        np.full((1, 1, 3), 1.0),
    )


def agree(renderer, gaussians, camera, settings=None, *, extras=True):
    """Assert that both draw the same; returns the reference's picture."""
    settings = settings or Settings()
    posed = Posed.of(gaussians) if isinstance(gaussians, Gaussians) else gaussians
    renderer.set(posed)
    frame = renderer.render(camera, settings, extras=True)
    truth = render(posed, camera, settings)
    bright = max(1.0, float(np.abs(truth.rgb).max(initial=0)))
    assert np.abs(frame.rgba[..., :3] - truth.rgb).max(initial=0) < STEP * bright
    assert np.abs(frame.rgba[..., 3] - truth.alpha).max(initial=0) < STEP
    if extras:
        # Where next to nothing is, its depth and normal are quotients of next to nothing.
        some = truth.alpha > 0.02
        depth = truth.depth[some]
        assert np.abs(frame.depth[some] - depth).max(initial=0) < 2e-3 * depth.max(initial=1)
        assert np.abs(frame.normals[some] - truth.normals[some]).max(initial=0) < 0.02
        empty = truth.alpha == 0
        assert np.isinf(frame.depth[empty & (frame.rgba[..., 3] == 0)]).all()
    return truth


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize("settings", [Settings(), Settings(0.1, True)])
def test_random_scenes(renderer, some, camera, degree, settings):
    truth = agree(renderer, some(300, degree, seed=degree), camera, settings)
    assert truth.alpha.max() > 0.9


@pytest.mark.parametrize("size", [1e-6, 1e-3, 1.0, 30.0])
def test_tiny_and_huge(renderer, some, camera, size):
    agree(renderer, some(60, seed=3, size=size), camera)


def test_inside_a_cloud(renderer, some):
    """Gaussians behind the camera, around it and on its near plane."""
    camera = Camera.look_at((0, 0, 0.2), (0, 0, -1), field_of_view=1.2, width=61, height=40)
    agree(renderer, some(200, seed=5, size=0.2), camera, extras=False)


@pytest.mark.parametrize("away", [-1.0, 0.0, 0.25, 0.25 - 1e-9, 0.2500001, 1e6])
def test_around_the_near_plane(renderer, away):
    camera = Camera(40, 30, 50, 50, 20, 15, np.eye(3), np.zeros(3), near=0.25)
    gaussians = one((0.01, 0.02, away), (0.05, 0.05, 0.05))
    truth = agree(renderer, gaussians, camera)
    # What is 1e-9 nearer is as far as the plane once it is a float.
    assert (truth.alpha.max() > 0) == (0.25 - 1e-8 < away < 1) or away > 1


@pytest.mark.parametrize(
    "scale", [(1e-9, 1e-9, 1e-9), (1e-9, 0.5, 0.5), (50, 1e-6, 1e-6), (1e4, 1e4, 1e4), (3, 3, 1e-7)]
)
def test_degenerate_shapes(renderer, camera, scale):
    for rotation in ((1, 0, 0, 0), (1, 0.3, 0.2, 0.9), (0.2, 1, 0.4, 0)):
        truth = agree(renderer, one(scale=scale, rotation=rotation), camera, extras=False)
        assert truth.alpha.max() > 0


@pytest.mark.parametrize("logit", [-30.0, -5.55, -5.5, 0.0, 30.0])
def test_opacities(renderer, camera, logit):
    agree(renderer, one(logit=logit, scale=(0.5, 0.5, 0.5)), camera, extras=False)


def test_no_gaussian_and_no_pixel(renderer, some, camera):
    renderer.set(Posed.of(Gaussians.empty()))
    frame = renderer.render(camera, Settings(), extras=True)
    assert not frame.rgba.any()
    assert np.isinf(frame.depth).all()
    renderer.set(Posed.of(some(40)))
    for width, height in ((0, 0), (0, 9), (9, 0)):
        empty = Camera(width, height, 50, 50, 0, 0, np.eye(3), np.zeros(3))
        assert renderer.render(empty, Settings()).rgba.shape == (height, width, 4)


@pytest.mark.filterwarnings("ignore:invalid value")  # of the reference
def test_numbers_that_are_none(renderer, some, camera):
    """Spoilt Gaussians are left out, and the others drawn."""
    good, bad = Posed.of(some(50)), Posed.of(some(50))
    for name in ("positions", "covariances"):
        getattr(bad, name)[::2] = np.nan
        getattr(bad, name)[1::4] = np.inf
    bad.covariances[3::4] = np.inf
    joined = Posed(
        *(
            np.concatenate([getattr(each, name) for each in (good, bad)])
            for name in ("positions", "covariances", "opacities", "sh", "turns", "normals")
        )
    )
    agree(renderer, joined, camera)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (16, 16), (17, 33), (3, 130)])
def test_sizes_that_are_no_tiles(renderer, some, width, height):
    camera = Camera.look_at((0, 1, 6), (0, 0, 0), field_of_view=0.7, width=width, height=height)
    agree(renderer, some(80), camera)


def test_turned_harmonics(renderer, some, camera):
    posed = Posed.of(some(60, 3))
    rng = np.random.default_rng(1)
    turns = rng.normal(size=(60, 4))
    turns /= np.linalg.norm(turns, axis=1, keepdims=True)
    agree(
        renderer,
        Posed(posed.positions, posed.covariances, posed.opacities, posed.sh, turns, posed.normals),
        camera,
    )


def test_as_many_threads_as_one_likes(library, some, camera):
    """The picture is the same to the last bit."""
    posed = Posed.of(some(20_000, size=0.02))
    pictures = []
    for threads in (1, 2, 3, 7):
        renderer = NativeRenderer(library, threads=threads)
        renderer.set(posed)
        frame = renderer.render(camera, Settings(), extras=True)
        pictures.append((frame.rgba, frame.depth, frame.normals))
        renderer.close()
    for other in pictures[1:]:
        for a, b in zip(pictures[0], other, strict=True):
            assert a.tobytes() == b.tobytes()


def sheet(some, *, rows=6):
    """A bumpy sheet with Gaussians on it, and a flat and a lonely triangle."""
    grid = np.linspace(-1, 1, rows)
    x, y = (each.ravel() for each in np.meshgrid(grid, grid))
    vertices = np.stack([x, y, 0.2 * np.sin(3 * x) * y], axis=1)
    at = np.arange(rows * rows).reshape(rows, rows)
    corner = [at[:-1, :-1], at[:-1, 1:], at[1:, 1:], at[1:, :-1]]
    a, b, c, d = (each.ravel() for each in corner)
    count = rows * rows
    extra = np.array([[0, 0, 1], [0.5, 0, 1], [0, 0.5, 1.2], [2, 2, 0], [3, 3, 0], [4, 4, 0]])
    more = np.array([[count, count + 1, count + 2], [count + 3, count + 4, count + 5]])
    mesh = Mesh(
        np.concatenate([vertices, extra]),
        np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1), more]),
    )
    gaussians = some(150, seed=7, size=0.05)
    rng = np.random.default_rng(2)
    triangle = rng.integers(0, len(mesh.triangles), len(gaussians))
    barycentric = rng.dirichlet((1, 1, 1), len(gaussians))
    return SplatHead(gaussians, triangle, barycentric, mesh)


def test_a_head_that_moves(renderer, some, camera):
    head = sheet(some)
    renderer.set(Posed.of(head.gaussians))
    renderer.bind(head.mesh.vertices, head.mesh.triangles, head.triangle, head.barycentric)
    rng = np.random.default_rng(3)
    turned = np.array([[-0.9, 0.1, 0.3], [0.2, -1.2, 0.1], [0.1, 0.4, 1.1]], np.float32)
    rest = head.mesh.vertices
    for moved in (rest, rest + rng.normal(0, 0.08, rest.shape), rest @ turned):
        moved = moved.astype(np.float32)
        frame = renderer.render(camera, Settings(), vertices=moved, extras=True)
        truth = render(head.posed(moved), camera)
        assert truth.alpha.max() > 0.9
        assert np.abs(frame.rgba[..., :3] - truth.rgb).max() < STEP
        assert np.abs(frame.rgba[..., 3] - truth.alpha).max() < STEP
    # New Gaussians of the same number stay on the mesh: correctives change them in every frame.
    other = some(150, seed=8, size=0.04)
    renderer.set(Posed.of(other))
    frame = renderer.render(camera, Settings(), vertices=moved)
    again = SplatHead(other, head.triangle, head.barycentric, head.mesh)
    assert np.abs(frame.rgba[..., 3] - render(again.posed(moved), camera).alpha).max() < STEP


def test_the_embedded_head_in_motion(renderer, some):
    built = build_head()
    sizes = (built.faces >= 0).sum(axis=1)
    mesh = Mesh(built.vertices, triangles_of(sizes, built.faces[built.faces >= 0]))
    count = 6_000
    rng = np.random.default_rng(0)
    triangle = rng.integers(0, len(mesh.triangles), count)
    barycentric = rng.dirichlet((1, 1, 1), count).astype(np.float32)
    loose = some(count, size=0.004)
    feet = np.einsum("nci,nc->ni", mesh.vertices[mesh.triangles[triangle]], barycentric)
    gaussians = Gaussians(
        feet, loose.log_scales, loose.rotations, loose.opacity_logits + 2, loose.sh
    )
    head = SplatHead(gaussians, triangle, barycentric, mesh)
    open_mouth = built.shape_deltas[built.shape_names.index("jawOpen")]
    moved = (mesh.vertices + open_mouth).astype(np.float32)
    middle = (mesh.vertices.max(0) + mesh.vertices.min(0)) / 2
    camera = Camera.look_at(
        np.add(middle, (0.3, -1.2, 0.1)),
        middle,
        (0, 0, 1),
        field_of_view=0.4,
        width=160,
        height=160,
    )
    renderer.set(Posed.of(head.gaussians))
    renderer.bind(mesh.vertices, mesh.triangles, triangle, barycentric)
    frame = renderer.render(camera, Settings(), vertices=moved)
    truth = render(head.posed(moved), camera)
    assert truth.alpha.max() > 0.9
    assert np.abs(frame.rgba[..., :3] - truth.rgb).max() < STEP
    assert np.abs(frame.rgba[..., 3] - truth.alpha).max() < STEP


def test_what_does_not_fit_is_told(renderer, some, camera):
    with pytest.raises(RigtalkError, match="set them first"):
        renderer.render(camera, Settings())
    head = sheet(some)
    renderer.set(Posed.of(head.gaussians))
    vertices, triangles = head.mesh.vertices, head.mesh.triangles
    with pytest.raises(RigtalkError, match="bound to no mesh"):
        renderer.render(camera, Settings(), vertices=vertices)
    with pytest.raises(RigtalkError, match="no vertex"):
        renderer.bind(vertices, triangles + 10, head.triangle, head.barycentric)
    with pytest.raises(RigtalkError, match="no triangle"):
        renderer.bind(vertices, triangles, head.triangle + 1000, head.barycentric)
    renderer.bind(vertices, triangles, head.triangle, head.barycentric)
    with pytest.raises(RigtalkError, match="vertices has 123 numbers"):
        renderer.render(camera, Settings(), vertices=vertices[:41])
    with pytest.raises(RigtalkError, match="array"):
        renderer.render(camera, Settings(), out=np.zeros((3, 3, 4), np.float32))
    renderer.close()
    with pytest.raises(RigtalkError, match="no such renderer"):
        renderer.render(camera, Settings())


def test_a_file_that_is_no_library(tmp_path):
    path = tmp_path / "librigtalk_splat.so"
    path.write_bytes(b"\x7fELF nothing")
    with pytest.raises(RigtalkError, match="cannot be loaded"):
        Library(path)


def test_instructions_that_are_none(library):
    with pytest.raises(RigtalkError, match="no instructions"):
        NativeRenderer(library, instructions="abacus")
