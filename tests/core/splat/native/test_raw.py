"""Raw Gaussians, and what corrects them, are drawn as numpy makes them ready."""

import numpy as np
import pytest

from rigtalk.core.splat.correctives import Correctives
from rigtalk.core.splat.gaussians import MOST_LOG, Gaussians
from rigtalk.core.splat.native.library import NativeRenderer
from rigtalk.core.splat.posed import Posed
from rigtalk.core.splat.reference import Settings, render
from rigtalk.rigs.errors import RigtalkError

STEP = 1 / 255
CHANNELS = ("positions", "log_scales", "rotations", "opacity_logits", "sh")


def drawn(renderer, camera):
    frame = renderer.render(camera, Settings(), extras=True)
    return np.concatenate([frame.rgba, frame.normals], axis=2)


def truth(gaussians, camera):
    picture = render(gaussians, camera)
    return np.concatenate([picture.rgb, picture.alpha[..., None], picture.normals], axis=2)


def apart(found, expected):
    """The largest difference; of normals, which may nearly cancel, a tenth, where something is."""
    some = expected[..., 3] > 0.1
    off = np.abs(found - expected)
    return max(off[..., :4].max(), off[some][:, 4:].max(initial=0) / 10)


def bases(gaussians, count, *, names=CHANNELS, seed=0, size=0.2):
    rng = np.random.default_rng(seed)
    made = {}
    for name in names:
        shape = (len(gaussians), 3) if name == "rotations" else np.shape(getattr(gaussians, name))
        made[name] = rng.normal(0, size, (count, *shape))
    return Correctives.of_dense(np.ones((1, count)), made)


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize("count", [1, 15, 300])
def test_as_numpy_makes_them_ready(renderer, some, camera, degree, count):
    gaussians = some(count, degree, seed=degree)
    renderer.set_raw(gaussians)
    assert apart(drawn(renderer, camera), truth(gaussians, camera)) < STEP


def test_arrays_by_their_names(renderer, some, camera):
    gaussians = some(60, 2)
    arrays = {name: getattr(gaussians, name) for name in CHANNELS}
    renderer.set_raw(gaussians)
    truth = renderer.render(camera, Settings()).rgba
    renderer.set_raw({**arrays, "rotations": arrays["rotations"] * 2})  # of any length
    assert np.abs(renderer.render(camera, Settings()).rgba - truth).max() < STEP / 10
    with pytest.raises(RigtalkError, match="rotations has 236 numbers, not 240"):
        renderer.set_raw({**arrays, "rotations": arrays["rotations"][1:]})
    with pytest.raises(RigtalkError, match="coefficients, not 8"):
        renderer.set_raw({**arrays, "sh": arrays["sh"][:, 1:]})


def test_extremes(renderer, some, camera):
    """The most and the least that Gaussians may be."""
    base = some(60, 0)
    rng = np.random.default_rng(0)
    log_scales = base.log_scales.copy()
    log_scales[rng.random(log_scales.shape) < 0.2] = -MOST_LOG
    logits = rng.choice([-MOST_LOG, -5.55, -5.5, 0, MOST_LOG], 60)
    gaussians = Gaussians(base.positions, log_scales, base.rotations, logits, base.sh)
    renderer.set_raw(gaussians)
    assert np.abs(drawn(renderer, camera) - truth(gaussians, camera))[..., :4].max() < STEP
    renderer.set_raw(Gaussians.empty(2))
    assert not renderer.render(camera, Settings()).rgba.any()


@pytest.mark.parametrize("names", [*((name,) for name in CHANNELS), CHANNELS, ()])
def test_correctives_of(renderer, some, camera, names):
    gaussians = some(70, 1)
    correctives = bases(gaussians, 3, names=names)
    renderer.set_raw(gaussians)
    renderer.correctives(correctives)
    rest = truth(gaussians, camera)
    assert apart(drawn(renderer, camera), rest) < STEP
    for amounts in ((1, -0.5, 2), (0, 0, 1), (0, 0, 0)):
        coefficients = np.array(amounts, np.float32)
        renderer.correct(coefficients)
        expected = truth(correctives.applied(gaussians, coefficients), camera)
        assert apart(drawn(renderer, camera), expected) < STEP
        assert (apart(expected, rest) > 0.02) == (any(amounts) and bool(names))
    renderer.correct(np.ones(3, np.float32))
    renderer.correct(None)
    assert apart(drawn(renderer, camera), rest) < STEP


def test_correctives_that_leave_all_bounds(renderer, some, camera):
    """Half floats of every kind, and logarithms held at their most."""
    gaussians = some(40, 0)
    rng = np.random.default_rng(0)
    values = np.float16([0, -0.0, 6e-8, -6e-8, 5e-5, 6.2e-5, 0.3, -0.2])
    made = {
        "positions": rng.choice(values, (2, 40, 3)),
        "log_scales": rng.choice(np.float16([-60000, 0, -0.5]), (2, 40, 3)),
        "opacity_logits": rng.choice(np.float16([65504, 0, -65504]), (2, 40)),
    }
    correctives = Correctives.of_dense(np.ones((1, 2)), made)
    renderer.set_raw(gaussians)
    renderer.correctives(correctives)
    for amounts in ((1, 0.5), (0, 2)):
        coefficients = np.array(amounts, np.float32)
        renderer.correct(coefficients)
        expected = truth(correctives.applied(gaussians, coefficients), camera)
        assert np.abs(drawn(renderer, camera) - expected)[..., :4].max() < STEP


def sparse(rng, count, harmonics, bases=4):
    """Some rows for some Gaussians, a few pairs twice."""
    gaussian = np.sort(rng.choice(count // 2, count) * 2)
    widths = {"positions": (3,), "rotations": (3,), "opacity_logits": (), "sh": (harmonics, 3)}
    rows = {name: rng.normal(0, 0.2, (count, *width)) for name, width in widths.items()}
    return Correctives(np.ones((1, bases)), gaussian, rng.integers(0, bases, count), rows)


@pytest.mark.parametrize(("count", "degree", "harmonics"), [(60, 3, 4), (60, 1, 3), (2100, 0, 0)])
def test_rows_for_some(renderer, some, camera, count, degree, harmonics):
    """One coefficient after another changes, and changes back, also to the last bit."""
    gaussians = some(count, degree, size=0.03 if count > 100 else 0.1)
    correctives = sparse(np.random.default_rng(2), count, harmonics)
    renderer.set_raw(gaussians)
    renderer.correctives(correctives)
    pictures = []
    for amounts in ((1, 0, 0, 0), (1, 0, -2, 0), (0, 0, -2, 1), (1, 0, 0, 0), (0, 0, 0, 0)):
        coefficients = np.array(amounts, np.float32)
        renderer.correct(coefficients)
        pictures.append(drawn(renderer, camera))
        expected = truth(correctives.applied(gaussians, coefficients), camera)
        assert apart(pictures[-1], expected) < STEP
    np.testing.assert_array_equal(pictures[0], pictures[3])
    renderer.set_raw(gaussians)
    np.testing.assert_array_equal(pictures[4], drawn(renderer, camera))
    renderer.correct(np.array([1, 0, 0, 0], np.float32))
    np.testing.assert_array_equal(pictures[0], drawn(renderer, camera))
    # Others in their place.
    other = sparse(np.random.default_rng(3), count, harmonics)
    renderer.correctives(other)
    np.testing.assert_array_equal(pictures[0], drawn(renderer, camera))
    renderer.correct(np.ones(4, np.float32))
    expected = truth(other.applied(gaussians, np.ones(4)), camera)
    assert apart(drawn(renderer, camera), expected) < STEP


@pytest.mark.parametrize(
    ("name", "spoil", "what"),
    [
        ("gaussian", lambda a: a[::-1], "not in the order"),
        ("gaussian", lambda a: a + 2, "that there is not"),
        ("gaussian", lambda a: a - 1000, "that there is not"),
        ("gaussian", lambda a: a[:-1], "bases of correctives has 20 numbers, not 19"),
        ("basis", lambda a: a + 4, "that there is not"),
        ("basis", lambda a: a - 4, "that there is not"),
        ("basis", lambda a: a[1:], "bases of correctives has 19 numbers, not 20"),
    ],
)
def test_rows_that_lie_are_told(renderer, some, camera, name, spoil, what):
    correctives = sparse(np.random.default_rng(2), 20, 4)
    correctives.gaussian[-1] = 19
    object.__setattr__(correctives, name, spoil(getattr(correctives, name)))
    renderer.set_raw(some(20, 1))
    with pytest.raises(RigtalkError, match=what):
        renderer.correctives(correctives)
    assert renderer.render(camera, Settings()).rgba.any()


def test_correctives_stay_while_they_fit(renderer, some, camera):
    first, second = some(50, 1, seed=1), some(50, 1, seed=2)
    correctives = bases(first, 2)
    one = np.array([1, 0.5], np.float32)
    renderer.set_raw(first)
    renderer.correctives(correctives)
    renderer.correct(one)
    renderer.set_raw(second)
    assert apart(drawn(renderer, camera), truth(second, camera)) < STEP
    renderer.correct(one)
    expected = truth(correctives.applied(second, one), camera)
    assert apart(drawn(renderer, camera), expected) < STEP
    for other in (some(51, 1), some(50, 2)):
        renderer.set_raw(other)
        with pytest.raises(RigtalkError, match="coefficients of correctives has 2 numbers, not 0"):
            renderer.correct(one)
        renderer.set_raw(first)
        renderer.correctives(correctives)
    renderer.correctives(None)
    renderer.correct(None)
    assert apart(drawn(renderer, camera), truth(first, camera)) < STEP
    renderer.correctives(correctives)
    renderer.set(Posed.of(first))
    with pytest.raises(RigtalkError, match="no raw Gaussians"):
        renderer.correct(one)


def test_what_does_not_fit_is_told(renderer, some, camera):
    gaussians = some(20, 1)
    with pytest.raises(RigtalkError, match="no raw Gaussians"):
        renderer.correctives(bases(gaussians, 2))
    renderer.set_raw(gaussians)
    with pytest.raises(RigtalkError, match="a Gaussian or a basis that there is not"):
        renderer.correctives(bases(some(21, 1), 2))
    with pytest.raises(RigtalkError, match="harmonics"):
        renderer.correctives(bases(some(20, 2), 2))
    renderer.correctives(bases(gaussians, 2))
    with pytest.raises(RigtalkError, match="has 3 numbers, not 2"):
        renderer.correct(np.zeros(3, np.float32))
    with pytest.raises(RigtalkError, match="not finite"):
        renderer.correct(np.array([0, np.nan], np.float32))
    gaussians.log_scales[3] = np.inf
    with pytest.raises(RigtalkError, match="log-scales have numbers that are not finite"):
        renderer.set_raw(gaussians)
    # And what it had, it still draws.
    assert renderer.render(camera, Settings()).rgba.any()


def test_as_many_threads_as_one_likes(library, some, camera):
    """The picture is the same to the last bit."""
    gaussians = some(5_000, size=0.03)
    correctives = bases(gaussians, 2)
    pictures = set()
    for threads in (1, 2, 5):
        renderer = NativeRenderer(library, threads=threads)
        renderer.set_raw(gaussians)
        renderer.correctives(correctives)
        renderer.correct(np.array([0.5, 0.25], np.float32))
        pictures.add(renderer.render(camera, Settings()).rgba.tobytes())
        renderer.close()
    assert len(pictures) == 1
