"""The native backward pass gives what torch's autograd gives in doubles."""

import numpy as np
import pytest
import torch

from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.mesh import Mesh
from rigtalk.core.splat.native import compiling
from rigtalk.core.splat.native.library import Library, NativeRenderer
from rigtalk.core.splat.reference import Settings
from rigtalk.rigs.errors import RigtalkError

from . import rules

CLOSE = 1e-3  # of the largest norm; floats and an early stop at 1e-4 of light


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    if compiling.find_compiler() is None:
        pytest.skip("needs a C++ compiler to build the native renderer")
    return Library(compiling.build(tmp_path_factory.mktemp("native"))[0])


@pytest.fixture(params=["portable", "avx2", "avx512"])
def renderer(library, request):
    try:
        opened = NativeRenderer(library, threads=2, instructions=request.param)
    except RigtalkError as error:
        pytest.skip(str(error))
    yield opened
    opened.close()


@pytest.fixture
def camera():
    return Camera.look_at((1, 2, 6), (0, 0, 0), field_of_view=0.7, width=45, height=37)


def some(count, degree=1, *, seed=0, size=0.15, logit=0.0):
    rng = np.random.default_rng(seed)
    return Gaussians(
        rng.normal(size=(count, 3)),
        np.log(size) + rng.normal(0, 0.7, (count, 3)),
        rng.normal(size=(count, 4)),
        rng.normal(logit, 2, count),
        rng.normal(0, 0.5, (count, (degree + 1) ** 2, 3)),
    )


def sheet(gaussians, *, rows=5):
    """A bumpy sheet that the Gaussians are bound to."""
    grid = np.linspace(-1, 1, rows)
    x, y = (each.ravel() for each in np.meshgrid(grid, grid))
    at = np.arange(rows * rows).reshape(rows, rows)
    a, b, c, d = (each.ravel() for each in (at[:-1, :-1], at[:-1, 1:], at[1:, 1:], at[1:, :-1]))
    mesh = Mesh(
        np.stack([x, y, 0.2 * np.sin(3 * x) * y], axis=1),
        np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]),
    )
    rng = np.random.default_rng(2)
    count = len(gaussians)
    triangle = rng.integers(0, len(mesh.triangles), count)
    return SplatHead(gaussians, triangle, rng.dirichlet((1, 1, 1), count), mesh)


def wanted(camera, seed=0):
    """A loss's gradient to the picture, and an error."""
    rng = np.random.default_rng(seed)
    size = camera.height, camera.width
    return rng.normal(size=(*size, 4)).astype(np.float32), rng.random(size).astype(np.float32)


def agree(renderer, gaussians, camera, settings=None, *, head=None, vertices=None):
    """Assert that both give the same; returns the native gradients."""
    settings = settings or Settings()
    d_rgba, error = wanted(camera)
    renderer.set_raw(gaussians)
    if head:
        renderer.bind(head.mesh.vertices, head.mesh.triangles, head.triangle, head.barycentric)
    found = renderer.gradient(camera, settings, d_rgba, vertices=vertices, error=error)

    leaves = rules.parameters(gaussians)
    bend = rules.Bend.of(head, vertices) if head else None
    rgba, weights, parts = rules.draw(leaves, gaussians, camera, settings, bend)
    drawn = renderer.render(camera, settings, vertices=vertices).rgba
    assert np.abs(drawn - rgba.detach().numpy()).max() < 1e-3 * max(1, rgba.max().item())
    (rgba * torch.from_numpy(d_rgba)).sum().backward()
    for name, leaf in leaves.items():
        close(getattr(found, name), leaf.grad.numpy(), name)
    pulls = parts.grad.abs().sum(2).norm(dim=1)
    errors = torch.from_numpy(error.ravel()).double()
    scores = torch.stack([pulls, weights.sum(1), weights @ errors, weights.max(1).values], 1)
    for column in range(4):
        close(found.scores[:, column], scores[:, column].numpy(), f"score {column}")
    return found


def close(found, truth, name):
    apart = np.linalg.norm(found - truth) / np.linalg.norm(truth)
    assert apart < CLOSE, f"{name} is {apart:.1e} off"


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize("settings", [Settings(), Settings(0.1, True)])
def test_random_scenes(renderer, camera, degree, settings):
    found = agree(renderer, some(120, degree, seed=degree), camera, settings)
    assert np.abs(found.sh[:, -1]).max() > 0


def test_nearly_opaque(renderer, camera):
    """Alpha is held at its most in many pixels, and most Gaussians are hidden."""
    found = agree(renderer, some(200, 1, seed=5, size=0.4, logit=6), camera)
    assert found.scores[:, 3].max() == pytest.approx(0.99)
    assert (found.scores[:, 1] == 0).any()


@pytest.mark.parametrize("settings", [Settings(), Settings(0.3, True)])
def test_slopes_beyond_the_margin(renderer, settings):
    camera = Camera.look_at((0, 0, 1.2), (0, 0, 0), field_of_view=0.8, width=40, height=30)
    gaussians = some(150, 1, seed=6, size=0.3, logit=-2)  # light comes through to all
    local = gaussians.positions @ camera.rotation.T + camera.translation
    slope = np.abs(local[:, :2] / local[:, 2:]).max(1) * camera.fy / 15
    beyond = (local[:, 2] > camera.near) & (slope > 1.8)
    found = agree(renderer, gaussians, camera, settings)
    assert (found.scores[beyond, 1] > 0).any()


@pytest.mark.parametrize("degree", [1, 3])
@pytest.mark.parametrize("settings", [Settings(), Settings(0.1, True)])
def test_a_mesh_that_moves(renderer, camera, degree, settings):
    head = sheet(some(120, degree, seed=7, size=0.08))
    rng = np.random.default_rng(3)
    rest = head.mesh.vertices
    turned = np.array([[-0.9, 0.1, 0.3], [0.2, -1.2, 0.1], [0.1, 0.4, 1.1]], np.float32)
    moved = ((rest + rng.normal(0, 0.08, rest.shape)) @ turned).astype(np.float32)
    agree(renderer, head.gaussians, camera, settings, head=head, vertices=moved)


def test_flat_ones(renderer, camera):
    """Discs seen from all sides, as a bake begins with them."""
    gaussians = some(120, 1, seed=8, size=0.3)
    flat = gaussians.log_scales.copy()
    flat[:, 2] = np.log(0.01)
    gaussians = Gaussians(
        gaussians.positions, flat, gaussians.rotations, gaussians.opacity_logits, gaussians.sh
    )
    for settings in (Settings(), Settings(0.3, True)):
        agree(renderer, gaussians, camera, settings)
