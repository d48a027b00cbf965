"""The fastest back end that works is chosen, and why no faster one is told."""

import numpy as np
import pytest

from rigtalk.core.splat import renderer as module
from rigtalk.core.splat.correctives import Correctives
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.mesh import Mesh
from rigtalk.core.splat.native import compiling
from rigtalk.core.splat.renderer import open_renderer
from rigtalk.rigs.errors import RigtalkError


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    if compiling.find_compiler() is None:
        pytest.skip("needs a C++ compiler to build the native renderer")
    return compiling.build(tmp_path_factory.mktemp("native"))[0]


@pytest.fixture
def only_cpu(built, monkeypatch):
    paths = {"cpu": built, "cuda": built.with_name("missing.so")}
    monkeypatch.setattr(module, "library_path", paths.__getitem__)


@pytest.fixture
def nothing_built(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "library_path", lambda name: tmp_path / f"{name}.so")


@pytest.fixture
def head(cloud):
    vertices = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0.2], [-1, 1, 0]], np.float32)
    mesh = Mesh(vertices, np.array([[0, 1, 2], [0, 2, 3]]))
    return SplatHead.bind(cloud(40), mesh)


def test_the_cpu_where_there_is_no_card(only_cpu, cloud, camera):
    opened = open_renderer(threads=1)
    assert opened.backend == "cpu"
    assert "cuda: not built" in opened.reason
    opened.show(cloud(30))
    slow = open_renderer("numpy")
    slow.show(cloud(30))
    fast, truth = opened.draw(camera), slow.draw(camera)
    assert np.abs(fast.rgb - truth.rgb).max() < 1 / 255
    assert np.abs(fast.alpha - truth.alpha).max() < 1 / 255
    out = np.empty((camera.height, camera.width, 4), np.float32)
    assert opened.draw_rgba(camera, out=out) is out
    assert np.abs(slow.draw_rgba(camera) - out).max() < 1 / 255
    for renderer in (opened, slow):
        depth = np.full((camera.height, camera.width), -1, np.float32)
        renderer.draw_rgba(camera, out=out, depth=depth)
        np.testing.assert_array_equal(depth, renderer.draw(camera).depth)
    with pytest.raises(RigtalkError, match="depth needs an array"):
        opened.draw_rgba(camera, depth=depth[:, ::2])


def test_without_anything_built_numpy_draws_and_says_so(nothing_built, cloud, camera):
    opened = open_renderer()
    assert opened.backend == "numpy"
    assert opened.reason.count("python build.py native") == 2
    opened.show(cloud(5))
    assert opened.draw(camera).alpha.max() > 0


def test_what_is_asked_for_is_not_replaced(nothing_built):
    with pytest.raises(RigtalkError, match=r"build\.py native"):
        open_renderer("cpu")
    with pytest.raises(RigtalkError, match="choose from cuda, cpu, numpy"):
        open_renderer("gpu")


@pytest.mark.parametrize("backend", ["cpu", "numpy"])
def test_a_head_follows_its_mesh(only_cpu, head, camera, backend):
    opened = open_renderer(backend)
    with pytest.raises(RigtalkError, match="nothing to draw"):
        opened.draw(camera)
    opened.show_head(head)
    still = opened.draw(camera)
    moved = opened.draw(camera, vertices=head.mesh.vertices + np.float32(0.5))
    assert np.abs(still.rgb - moved.rgb).max() > 0.1
    with pytest.raises(RigtalkError):
        opened.draw(camera, vertices=head.mesh.vertices[:2])
    opened.show(head.gaussians)
    assert np.abs(opened.draw(camera).rgb - still.rgb).max() < 2 / 255
    with pytest.raises(RigtalkError, match="bound to no mesh"):
        opened.draw(camera, vertices=head.mesh.vertices)
    opened.close()


def test_what_changes_the_gaussians_of_a_head(only_cpu, head, camera):
    rng = np.random.default_rng(0)
    shapes = {"positions": (40, 3), "rotations": (40, 3), "opacity_logits": (40,), "sh": (40, 4, 3)}
    bases = {name: rng.normal(0, 0.5, (2, *shape)) for name, shape in shapes.items()}
    rich = SplatHead(
        head.gaussians,
        head.triangle,
        head.barycentric,
        head.mesh,
        shape_names=("open", "smile"),
        shape_deltas=np.zeros((2, *head.mesh.vertices.shape)),
        correctives=Correctives.of_dense(np.eye(2), bases),
    )
    coefficients = np.array([0.7, -0.4], np.float32)
    offsets = {name: rng.normal(0, 0.3, shape) for name, shape in shapes.items()}
    fast, slow = open_renderer("cpu"), open_renderer("numpy")
    for each in (fast, slow):
        each.show_head(rich)
    last = None
    for change in (
        (None,),
        (coefficients,),
        (coefficients, offsets),
        (None, offsets),
        (-coefficients,),
        (None,),
    ):
        for each in (fast, slow):
            each.correct(*change)
        found = fast.draw_rgba(camera)
        assert np.abs(found - slow.draw_rgba(camera)).max() < 1 / 255
        assert last is None or np.abs(found - last).max() > 0.05
        last = found
    with pytest.raises(RigtalkError, match="coefficients"):
        fast.correct(coefficients[:1])
    # A head without correctives has nothing to correct.
    for each in (fast, slow):
        each.show_head(head)
        each.correct(coefficients)
    assert np.abs(fast.draw_rgba(camera) - slow.draw_rgba(camera)).max() < 1 / 255


def test_a_card_that_draws_wrongly_is_not_used(only_cpu, built, monkeypatch):
    monkeypatch.setattr(module, "library_path", lambda name: built)
    assert open_renderer().backend == "cuda"  # the CPU's library in its place draws rightly
    drawn = module.NativeRenderer.render

    def darker(self, *arguments, **options):
        frame = drawn(self, *arguments, **options)
        frame.rgba[:] *= 0.9
        return frame

    monkeypatch.setattr(module.NativeRenderer, "render", darker)
    opened = open_renderer()
    assert opened.backend == "cpu"
    assert "draws a test wrongly" in opened.reason
