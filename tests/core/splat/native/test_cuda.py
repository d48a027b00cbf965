"""The CUDA back end's own source, run on the processor: what it draws.

`test_library.py` runs with it too. Set RIGTALK_EMULATED to a library of `emulator.build` to use
that one, under sanitizers say.
"""

from itertools import pairwise

import numpy as np
import pytest

from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.correctives import CHANNELS
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.native.gradients import Gradients
from rigtalk.core.splat.native.library import NativeRenderer
from rigtalk.core.splat.posed import Posed
from rigtalk.core.splat.reference import Settings

from .scenes import correctives, head, wanted

ALIKE = 2 / 255
NAMES = (*CHANNELS, "scores")


@pytest.fixture
def processor(library):
    opened = NativeRenderer(library, threads=1)
    yield opened
    opened.close()


def same_picture(a, b):
    assert a.rgba[..., 3].max() > 0.3
    assert np.abs(a.rgba - b.rgba).max() < ALIKE * max(1.0, float(np.abs(b.rgba).max()))


def same_gradients(a, b):
    for name in NAMES:
        left, right = getattr(a, name), getattr(b, name)
        assert np.abs(right).max() > 0, name
        assert np.abs(left - right).max() < 1e-3 * np.abs(right).max(), name


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize("settings", [Settings(), Settings(0.1, True)])
def test_gradients_are_those_of_the_cpu(cuda, processor, some, camera, degree, settings):
    gaussians = some(250, degree, seed=degree)
    answers = []
    for each in (cuda, processor):
        each.set_raw(gaussians)
        answers.append(each.gradient(camera, settings, **wanted(camera)))
    same_gradients(*answers)


@pytest.mark.parametrize("without", [(), ("rotations", "sh"), ("positions", "opacity_logits")])
def test_a_corrected_head_in_motion(cuda, processor, some, camera, without):
    gaussians, mesh, binding = head(some)
    fixes = correctives(gaussians, without=without)
    rng = np.random.default_rng(1)
    pictures, answers = [], []
    for each in (cuda, processor):
        each.set_raw(gaussians)
        each.bind(mesh.vertices, mesh.triangles, *binding)
        each.correctives(fixes)
        for coefficients in (None, np.array([1, -2, 0.5]), None, np.array([-3, 0, 2])):
            each.correct(coefficients)
            moved = mesh.vertices + rng.normal(0, 0.1, mesh.vertices.shape).astype(np.float32)
            pictures.append(each.render(camera, Settings(), vertices=moved, extras=True))
            answers.append(each.gradient(camera, Settings(), vertices=moved, **wanted(camera)))
        rng = np.random.default_rng(1)
    for here, there in zip(pictures[:4], pictures[4:], strict=True):
        same_picture(here, there)
    for one, other in zip(answers[:4], answers[4:], strict=True):
        same_gradients(one, other)
    assert np.abs(pictures[0].rgba - pictures[1].rgba).max() > 0.02  # corrections are seen


def test_gaussians_set_anew(cuda, processor, some, camera):
    """Posed, raw, another number, another degree, bound and not: nothing old is left."""
    gaussians, mesh, binding = head(some)
    for step in (
        lambda r: r.set(Posed.of(some(100, 2))),
        lambda r: r.set_raw(some(80, 3, seed=2)),
        lambda r: r.set_raw(gaussians),
        lambda r: r.bind(mesh.vertices, mesh.triangles, *binding),
        lambda r: r.correctives(correctives(gaussians)),
        lambda r: r.correct(np.array([1.0, 2.0, 3.0])),
        lambda r: r.set(Posed.of(gaussians)),
        lambda r: r.set_raw(gaussians),
        lambda r: r.correctives(None),
    ):
        frames = []
        for each in (cuda, processor):
            step(each)
            frames.append(each.render(camera, Settings()))
        same_picture(*frames)
    moved = mesh.vertices[:, ::-1].copy()
    same_picture(*(r.render(camera, Settings(), vertices=moved) for r in (cuda, processor)))


def test_the_order_of_threads_changes_nothing(card, cuda, some, camera):
    """Threads and blocks that run backwards or at random: no race, and the same to the last bit."""
    gaussians, mesh, binding = head(some, 400)
    seen = []
    for order in (0, 1, 2, 3):
        card.set("order", order)
        cuda.set_raw(gaussians)
        cuda.bind(mesh.vertices, mesh.triangles, *binding)
        cuda.correctives(correctives(gaussians))
        cuda.correct(np.array([1.0, 2.0, 3.0]))
        moved = mesh.vertices * np.float32(1.1)
        frame = cuda.render(camera, Settings(), vertices=moved, extras=True)
        answer = cuda.gradient(camera, Settings(), vertices=moved, **wanted(camera))
        arrays = frame.rgba, frame.depth, frame.normals, *(getattr(answer, n) for n in NAMES)
        seen.append([each.tobytes() for each in arrays])
    assert seen[1:] == seen[:1] * 3


def test_a_graph_is_captured_once_and_replayed(card, cuda, some, camera):
    gaussians, mesh, binding = head(some)
    cuda.set_raw(gaussians)
    cuda.bind(mesh.vertices, mesh.triangles, *binding)
    cuda.correctives(correctives(gaussians))
    cuda.render(camera, Settings(), vertices=mesh.vertices)
    before = {n: card.count(n) for n in ("cudaGraphInstantiate", "cudaMalloc", "cudaGraphLaunch")}
    pictures = []
    for i in range(5):
        eye = np.array([np.sin(i), 1, 5])
        moving = Camera.look_at(eye, (0, 0, 0), field_of_view=0.7, width=75, height=53)
        cuda.correct(np.full(3, i / 5))
        moved = mesh.vertices * np.float32(1 + i / 10)
        frame = cuda.render(moving, Settings(0.1 * i, bool(i % 2)), vertices=moved)
        pictures.append(frame.rgba)
        assert min(frame.seconds.values()) > 0
    assert all(np.abs(a - b).max() > 0.05 for a, b in pairwise(pictures))
    assert card.count("cudaGraphInstantiate") == before["cudaGraphInstantiate"]
    assert card.count("cudaMalloc") == before["cudaMalloc"]
    assert card.count("cudaGraphLaunch") == before["cudaGraphLaunch"] + 5


def test_the_last_frame_serves_the_gradient(card, cuda, some, camera):
    gaussians = some(60)
    cuda.set_raw(gaussians)
    cuda.render(camera, Settings(), extras=True)
    before = card.count("cudaGraphLaunch")
    first = cuda.gradient(camera, Settings(), **wanted(camera))
    assert card.count("cudaGraphLaunch") == before
    cuda.gradient(camera, Settings(0.4), **wanted(camera))
    assert card.count("cudaGraphLaunch") == before + 1
    cuda.set_raw(some(60, seed=1))
    other = cuda.gradient(camera, Settings(0.4), **wanted(camera))
    assert np.abs(other.positions - first.positions).max() > 0.1


def test_lists_that_overflow_grow_and_shrink(card, cuda, processor):
    """Large Gaussians in a large picture, then a hundred frames of a small one."""
    rng = np.random.default_rng(0)
    posed = Posed.of(
        Gaussians(
            rng.normal(0, 0.1, (60, 3)),
            np.full((60, 3), 0.3),
            rng.normal(size=(60, 4)),
            np.full(60, -2.0),
            rng.normal(size=(60, 1, 3)),
        )
    )
    large = Camera.look_at(
        (0, 0, 3), (0, 0, 0), (0, 1, 0), field_of_view=0.7, width=700, height=700
    )
    small = Camera.look_at((0, 0, 3), (0, 0, 0), (0, 1, 0), field_of_view=0.7, width=20, height=20)
    frames = []
    for each in (cuda, processor):
        each.set(posed)
        frames.append(each.render(large, Settings()))
    assert frames[0].pairs > 65536 + 2 * 60
    same_picture(*frames)
    captured = card.count("cudaGraphInstantiate")
    frames = [cuda.render(small, Settings()) for _ in range(103)]
    assert card.count("cudaGraphInstantiate") == captured + 2
    assert frames[0].rgba.tobytes() == frames[-1].rgba.tobytes()


def test_pairs_of_more_than_32_bits(cuda, processor):
    """So many Gaussians and tiles that a pair's number takes 64 bits."""
    count = 2**17 + 1
    rng = np.random.default_rng(0)
    positions = rng.normal(size=(count, 3)).astype(np.float32)
    positions[300:] += 1000  # beside the picture
    posed = Posed.of(
        Gaussians(
            positions,
            np.full((count, 3), -2.0),
            np.tile(np.array([1.0, 0, 0, 0]), (count, 1)),
            np.full(count, 3.0),
            rng.normal(size=(count, 1, 3)),
        )
    )
    camera = Camera.look_at(
        (0, 0, 5), (0, 0, 0), (0, 1, 0), field_of_view=0.9, width=4096, height=1040
    )
    frames = []
    for each in (cuda, processor):
        each.set(posed)
        frames.append(each.render(camera, Settings()))
    assert 100 < frames[0].drawn <= 300
    same_picture(*frames)


def test_nothing_to_draw_and_nothing_to_draw_on(cuda, some, camera):
    cuda.set_raw(Gaussians.empty(1))
    answer = cuda.gradient(camera, Settings(), **wanted(camera))
    assert answer.positions.shape == (0, 3)
    cuda.set_raw(some(20))
    nowhere = Camera(0, 9, 50, 50, 0, 0, np.eye(3), np.zeros(3))
    out = Gradients.empty(20, 4)
    out.positions[:] = 7
    answer = cuda.gradient(nowhere, Settings(), np.zeros((9, 0, 4), np.float32), out=out)
    assert not answer.positions.any()
    behind = Camera(40, 40, 50, 50, 20, 20, np.eye(3), np.array([0, 0, -50.0]))
    out.positions[:] = 7
    answer = cuda.gradient(behind, Settings(), np.ones((40, 40, 4), np.float32), out=out)
    assert not answer.positions.any()
    assert not cuda.render(behind, Settings()).rgba.any()
