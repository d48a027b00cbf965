"""The backward pass beside its mathematics, which tests/training/splat checks: what it refuses,
what it reuses, that threads change nothing; and Adam."""

import numpy as np
import pytest

from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.correctives import Correctives
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.native.gradients import Gradients, adam, robust_loss, turn
from rigtalk.core.splat.native.library import NativeRenderer
from rigtalk.core.splat.posed import Posed
from rigtalk.core.splat.reference import Settings
from rigtalk.core.splat.rotations import multiply, normalised, rotation_vectors
from rigtalk.rigs.errors import RigtalkError

NAMES = ("positions", "log_scales", "rotations", "opacity_logits", "sh", "scores")


def wanted(camera, seed=0):
    rng = np.random.default_rng(seed)
    size = camera.height, camera.width
    return rng.normal(size=(*size, 4)).astype(np.float32), rng.random(size).astype(np.float32)


def same(first, second):
    return all(getattr(first, n).tobytes() == getattr(second, n).tobytes() for n in NAMES)


def test_threads_change_nothing(library, some, camera):
    gaussians = some(8_000, size=0.03)
    d_rgba, error = wanted(camera)
    found = []
    for threads in (1, 2, 3, 7):
        renderer = NativeRenderer(library, threads=threads)
        renderer.set_raw(gaussians)
        found.append(renderer.gradient(camera, Settings(), d_rgba, error=error))
        renderer.close()
    assert np.abs(found[0].positions).max() > 0
    assert all(same(found[0], other) for other in found[1:])


def test_a_forward_pass_is_reused_only_where_it_serves(renderer, some, camera):
    """Whatever was done before, the gradient is that of what is asked for."""
    first, second = some(200, seed=1), some(200, seed=2)
    d_rgba, error = wanted(camera)
    other = Camera.look_at(
        (2, 1, 5), (0, 0, 0), field_of_view=0.7, width=camera.width, height=camera.height
    )

    def fresh(gaussians, camera, settings):
        renderer.set_raw(gaussians)
        return renderer.gradient(camera, settings, d_rgba, error=error)

    truths = {
        "first": fresh(first, camera, Settings()),
        "aside": fresh(first, other, Settings()),
        "antialiased": fresh(first, camera, Settings(0.3, True)),
        "second": fresh(second, camera, Settings()),
    }
    assert not any(same(truths["first"], truths[name]) for name in list(truths)[1:])
    renderer.set_raw(first)
    renderer.render(camera, Settings())
    assert same(renderer.gradient(camera, Settings(), d_rgba, error=error), truths["first"])
    again = renderer.gradient(camera, Settings(), 2 * d_rgba, error=error)
    np.testing.assert_allclose(again.positions, 2 * truths["first"].positions, rtol=1e-5)
    assert same(renderer.gradient(other, Settings(), d_rgba, error=error), truths["aside"])
    found = renderer.gradient(other, Settings(0.3, True), d_rgba, error=error)
    assert not same(found, truths["aside"])
    renderer.render(camera, Settings(0.3, True))
    found = renderer.gradient(camera, Settings(0.3, True), d_rgba, error=error)
    assert same(found, truths["antialiased"])
    renderer.render(camera, Settings())
    renderer.set_raw(second)
    assert same(renderer.gradient(camera, Settings(), d_rgba, error=error), truths["second"])


def test_a_mesh_that_has_moved_since(renderer, some, camera):
    gaussians = some(50, seed=3)
    corners = np.array([[-2, -2, 0], [2, -2, 0], [0, 2, 0.5]], np.float32)
    renderer.set_raw(gaussians)
    renderer.bind(corners, np.array([[0, 1, 2]]), np.zeros(50, int), np.full((50, 3), 1 / 3))
    d_rgba, error = wanted(camera)
    found = []
    for vertices in (corners, corners * np.float32(1.1), corners, None):
        renderer.render(camera, Settings(), vertices=corners)
        found.append(renderer.gradient(camera, Settings(), d_rgba, vertices, error))
    assert same(found[0], found[2])
    assert not same(found[0], found[1])
    assert not same(found[1], found[3])


def test_corrected_gaussians_are_what_the_gradient_is_to(renderer, some, camera):
    gaussians = some(80, 1, seed=4)
    rng = np.random.default_rng(0)
    correctives = Correctives.of_dense(
        np.ones((1, 1)),
        {
            "positions": rng.normal(0, 0.1, (1, 80, 3)),
            "rotations": rng.normal(0, 0.5, (1, 80, 3)),
            "opacity_logits": rng.normal(0, 1, (1, 80)),
        },
    )
    d_rgba, error = wanted(camera)
    one = np.ones(1, np.float32)
    renderer.set_raw(gaussians)
    renderer.correctives(correctives)
    plain = renderer.gradient(camera, Settings(), d_rgba, error=error)
    renderer.correct(one)
    found = renderer.gradient(camera, Settings(), d_rgba, error=error)
    renderer.set_raw(correctives.applied(gaussians, one))
    truth = renderer.gradient(camera, Settings(), d_rgba, error=error)
    for name in NAMES:
        a, b, c = (getattr(each, name) for each in (found, truth, plain))
        assert np.linalg.norm(a - b) < 2e-3 * np.linalg.norm(b)
        assert np.linalg.norm(c - b) > 0.05 * np.linalg.norm(b)


def test_what_is_not_seen_has_no_gradient(renderer, some, camera):
    d_rgba, error = wanted(camera)
    renderer.set_raw(Gaussians.empty(1))
    assert len(renderer.gradient(camera, Settings(), d_rgba).positions) == 0
    base = some(30)
    away = base.positions.copy()
    away[::2] += camera.centre.astype(np.float32) * 3  # behind the camera
    gaussians = Gaussians(away, base.log_scales, base.rotations, base.opacity_logits, base.sh)
    renderer.set_raw(gaussians)
    out = Gradients(*(np.full_like(each, np.nan) for each in vars(Gradients.empty(30, 4)).values()))
    found = renderer.gradient(camera, Settings(), d_rgba, error=error, out=out)
    assert found is out
    for name in NAMES:
        assert not getattr(found, name)[::2].any()
        assert np.isfinite(getattr(found, name)).all()
    assert found.positions[1::2].any()
    empty = Camera(0, 9, 50, 50, 0, 0, np.eye(3), np.zeros(3))
    found = renderer.gradient(empty, Settings(), np.zeros((9, 0, 4), np.float32), out=out)
    assert not any(getattr(found, name).any() for name in NAMES)


def test_what_does_not_fit_is_told(renderer, some, camera):
    d_rgba, error = wanted(camera)
    with pytest.raises(RigtalkError, match="set them first"):
        renderer.gradient(camera, Settings(), d_rgba)
    renderer.set(Posed.of(some(9)))
    with pytest.raises(RigtalkError, match="need raw Gaussians"):
        renderer.gradient(camera, Settings(), d_rgba, out=Gradients.empty(9, 4))
    renderer.set_raw(some(9))
    for wrong in (d_rgba[1:], d_rgba[..., :3]):
        with pytest.raises(RigtalkError, match="a gradient needs d_rgba"):
            renderer.gradient(camera, Settings(), wrong)
    with pytest.raises(RigtalkError, match="an error"):
        renderer.gradient(camera, Settings(), d_rgba, error=error[:, 1:])
    with pytest.raises(RigtalkError, match="gradients of positions has 24 numbers, not 27"):
        renderer.gradient(camera, Settings(), d_rgba, out=Gradients.empty(8, 4))
    with pytest.raises(RigtalkError, match="bound to no mesh"):
        renderer.gradient(camera, Settings(), d_rgba, vertices=np.zeros((3, 3)))
    d_rgba[5, 5, 1] = np.nan
    with pytest.raises(RigtalkError, match="gradients of the picture have numbers that are not"):
        renderer.gradient(camera, Settings(), d_rgba)
    d_rgba[5, 5, 1] = 0
    error[2, 2] = np.inf
    with pytest.raises(RigtalkError, match="errors of the picture have numbers that are not"):
        renderer.gradient(camera, Settings(), d_rgba, error=error)
    assert renderer.gradient(camera, Settings(), d_rgba).positions.shape == (9, 3)


@pytest.mark.parametrize("count", [0, 1, 17, 200_001])
@pytest.mark.parametrize("threads", [1, 3])
def test_adam(library, count, threads):
    rng = np.random.default_rng(0)
    values, first, second = (np.zeros(count, np.float32) for _ in range(3))
    values[:] = rng.normal(size=count)
    truth, m, v = values.astype(np.float64), np.zeros(count), np.zeros(count)
    options = {"rate": 0.02, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8}
    for step in range(1, 6):
        gradient = (rng.normal(size=count) * rng.choice([0, 1e-6, 1, 1e3], count)).astype(
            np.float32
        )
        adam(library, values, gradient, first, second, step=step, threads=threads, **options)
        m = 0.9 * m + 0.1 * gradient
        v = 0.99 * v + 0.01 * gradient.astype(np.float64) ** 2
        truth -= 0.02 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.99**step)) + 1e-8)
    np.testing.assert_allclose(values, truth, atol=2e-6)
    np.testing.assert_allclose(first, m, rtol=1e-4, atol=1e-3)  # up to thousands, which may cancel


def test_adam_refuses(library):
    values = np.zeros((4, 3), np.float32)

    def step(*arrays, **options):
        given = [values.copy() for _ in range(4)]
        given[: len(arrays)] = arrays
        adam(library, *given, **{"rate": 0.1, "step": 1, **options})

    for wrong in (values.astype(np.float64), values[:, ::2], values[:3]):
        with pytest.raises(RigtalkError, match="Adam needs values"):
            step(wrong)
    for options, words in (
        ({"step": 0}, "count from 1"),
        ({"threads": -1}, "threads"),
        ({"rate": np.nan}, "rate must be finite"),
        ({"epsilon": 0.0}, "epsilon above 0"),
        ({"beta1": 1.0}, "betas"),
        ({"beta2": np.nan}, "betas"),
    ):
        with pytest.raises(RigtalkError, match=words):
            step(**options)
    assert not values.any()


@pytest.mark.parametrize("count", [0, 1, 30_000])
def test_turn(library, count):
    rng = np.random.default_rng(0)
    quaternions = normalised(rng.normal(size=(count, 4))).astype(np.float32)
    vectors = rng.normal(size=(count, 3)) * rng.choice([0, 1e-6, 0.01, 3], (count, 1))
    vectors = vectors.astype(np.float32)
    truth = multiply(quaternions, rotation_vectors(vectors))
    turn(library, quaternions, vectors)
    np.testing.assert_allclose(quaternions, truth, atol=1e-6)
    with pytest.raises(RigtalkError, match="a turn needs"):
        turn(library, quaternions, np.zeros((count + 1, 3)))
    with pytest.raises(RigtalkError, match="one piece"):
        turn(library, quaternions.astype(np.float64), vectors)


@pytest.mark.parametrize("shape", [(0, 5), (1, 1), (37, 45), (200, 123)])
@pytest.mark.parametrize("kind", [np.float32, np.uint8])
@pytest.mark.parametrize("masked", [False, True])
def test_robust_loss(library, shape, kind, masked):
    rng = np.random.default_rng(0)
    drawn = rng.random((*shape, 4)).astype(np.float32)
    target = (rng.random((*shape, 4)) * (255 if kind is np.uint8 else 1)).astype(kind)
    mask = rng.random(shape) < 0.5 if masked else None
    wrong = drawn - target.astype(np.float64) / (255 if kind is np.uint8 else 1)
    if mask is not None:
        wrong *= mask[..., None]
    found = []
    for threads in (1, 3):
        d_rgba, error = np.empty_like(drawn), np.empty(shape, np.float32)
        mean = robust_loss(
            library,
            drawn,
            target,
            small=0.05,
            mask=mask,
            d_rgba=d_rgba,
            error=error,
            threads=threads,
        )
        found.append((mean, d_rgba.tobytes(), error.tobytes()))
    assert found[0] == found[1]
    assert mean == pytest.approx(np.mean(wrong**2) if wrong.size else 0, rel=1e-5)
    truth = wrong / np.sqrt(wrong**2 + 0.05**2) / max(1, wrong.size)
    np.testing.assert_allclose(d_rgba, truth, rtol=1e-4, atol=1e-5 / max(1, wrong.size))
    np.testing.assert_allclose(error, np.abs(wrong).mean(axis=2), atol=1e-6)


def test_a_loss_refuses(library):
    picture = np.zeros((4, 5, 4), np.float32)

    def call(**options):
        given = {"drawn": picture, "target": picture, "small": 0.1, "d_rgba": picture.copy()}
        robust_loss(library, **{**given, **options})

    for options, words in (
        ({"target": picture[1:]}, "two pictures"),
        ({"target": picture.astype(int)}, "two pictures"),
        ({"mask": np.ones((4, 4), bool)}, "a mask"),
        ({"d_rgba": picture[:2]}, "d_rgba must be"),
        ({"error": np.zeros((5, 4), np.float32)}, "error must be"),
        ({"small": 0.0}, "above 0"),
        ({"small": np.nan}, "above 0"),
        ({"threads": 2000}, "threads"),
    ):
        with pytest.raises(RigtalkError, match=words):
            call(**options)
