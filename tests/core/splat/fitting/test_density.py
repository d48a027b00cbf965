import numpy as np
import pytest

from rigtalk.core.splat.fitting.density import Scores, thickened, thinned
from rigtalk.core.splat.fitting.parameters import CHANNELS, Parameters
from rigtalk.core.splat.fitting.surface import Surface, facing
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.posed import Posed


@pytest.fixture
def some(head) -> tuple[Parameters, Surface]:
    surface = Surface(head.mesh)
    rng = np.random.default_rng(0)
    triangle, barycentric = surface.draw(60, surface.areas, rng)
    gaussians = Gaussians(
        surface.at(triangle, barycentric),
        np.log(np.tile([0.02, 0.01, 0.002], (60, 1))),
        facing(surface.normals[triangle]),
        np.full(60, 2.0),
        rng.normal(size=(60, 4, 3)),
    )
    return Parameters.of(gaussians, triangle, barycentric.astype(np.float32), 0.02, 0.002), surface


def test_faint_and_hidden_ones_go(some):
    parameters, _ = some
    scores = Scores.none(60)
    rows = np.zeros((60, 4), np.float32)
    rows[:, 3] = 0.5
    rows[3, 3] = 0.001
    scores.add(rows)
    scores.add(0 * rows)  # the largest counts, not the last
    parameters.arrays["opacity_logits"][7] = -6
    kept = thinned(parameters, scores)
    assert np.nonzero(~kept)[0].tolist() == [3, 7]


def test_the_wrong_ones_are_halved(some):
    parameters, surface = some
    scores = Scores.none(60)
    scores.error[[4, 9]] = 5
    more = thickened(parameters, scores, 100, surface, np.random.default_rng(0))
    assert len(more) == 62
    long = parameters.arrays["log_scales"][4].argmax()
    assert long == 0
    halves = [4, 60 if np.allclose(more.triangle[60], more.triangle[4]) else 61]
    halves = [4, *(i for i in (60, 61) if _near(more, i, 4))]
    assert len(halves) == 2
    middle = more.arrays["positions"][halves].mean(axis=0)
    np.testing.assert_allclose(middle, parameters.arrays["positions"][4], atol=1e-4)
    assert (more.arrays["log_scales"][halves, 0] < parameters.arrays["log_scales"][4, 0]).all()
    # Together they cover about what the one did.
    spread = Posed.of(more.gaussians()).covariances[halves].mean(axis=0)
    apart = more.arrays["positions"][halves] - middle
    whole = np.trace(_full(spread) + apart.T @ apart / 2)
    np.testing.assert_allclose(whole, 0.02**2 + 0.01**2 + 0.002**2, rtol=0.15)


def test_no_more_than_there_is_room_for(some):
    parameters, surface = some
    scores = Scores.none(60)
    scores.error[:] = 1
    rng = np.random.default_rng(0)
    assert len(thickened(parameters, scores, 70, surface, rng)) == 70
    assert len(thickened(parameters, scores, 1000, surface, rng)) == 90  # half as many again
    assert len(thickened(parameters, scores, 40, surface, rng)) == 60
    # What is below half a pixel is not halved.
    parameters.arrays["log_scales"][:] = np.log(0.0005)
    assert len(thickened(parameters, scores, 1000, surface, rng)) == 60


def test_halves_get_feet_of_their_own(some):
    parameters, surface = some
    scores = Scores.none(60)
    scores.error[:] = 1
    more = thickened(parameters, scores, 90, surface, np.random.default_rng(0))
    assert more.barycentric.min() >= 0
    foot = surface.at(more.triangle, more.barycentric)
    away = np.linalg.norm(more.arrays["positions"] - foot, axis=1)
    assert away.max() < 0.01
    for name in CHANNELS:
        assert len(more.moments[f"first {name}"]) == 90


def _near(parameters, i, j) -> bool:
    places = parameters.arrays["positions"]
    return bool(np.linalg.norm(places[i] - places[j]) < 0.04) and np.allclose(
        parameters.arrays["sh"][i], parameters.arrays["sh"][j]
    )


def _full(packed):
    xx, xy, xz, yy, yz, zz = packed
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
