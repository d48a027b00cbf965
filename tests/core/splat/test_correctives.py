import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.correctives import Correctives
from rigtalk.core.splat.rotations import matrices, rotation_vectors


@pytest.fixture
def correctives() -> Correctives:
    rng = np.random.default_rng(0)
    shapes = {
        "positions": (2, 6, 3),
        "log_scales": (2, 6, 3),
        "rotations": (2, 6, 3),
        "opacity_logits": (2, 6),
        "sh": (2, 6, 4, 3),
    }
    return Correctives(rng.normal(size=(3, 2)), {k: rng.normal(size=s) for k, s in shapes.items()})


def test_nothing_changes_at_rest(cloud, correctives):
    g = cloud(6)
    same = correctives.applied(g, correctives.coefficients(np.zeros(3)))
    for name in ("positions", "log_scales", "rotations", "opacity_logits", "sh"):
        np.testing.assert_allclose(getattr(same, name), getattr(g, name), atol=1e-6)


def test_differences_are_added(cloud, correctives):
    g = cloud(6)
    amounts = correctives.coefficients(np.array([0.5, 0, 1]))
    np.testing.assert_allclose(amounts, 0.5 * correctives.mix[0] + correctives.mix[2], rtol=1e-6)
    changed = correctives.applied(g, amounts)
    for name in ("positions", "log_scales", "opacity_logits", "sh"):
        difference = np.tensordot(amounts, correctives.bases[name].astype(float), axes=1)
        np.testing.assert_allclose(getattr(changed, name), getattr(g, name) + difference, atol=1e-5)
    vectors = np.tensordot(amounts, correctives.bases["rotations"].astype(float), axes=1)
    np.testing.assert_allclose(
        matrices(changed.rotations),
        matrices(g.rotations) @ matrices(rotation_vectors(vectors)),
        atol=1e-5,
    )


def test_a_channel_may_be_absent(cloud):
    only = Correctives(np.ones((1, 1)), {"sh": np.ones((1, 6, 4, 3))})
    changed = only.applied(cloud(6), np.array([2.0]))
    np.testing.assert_allclose(changed.sh, cloud(6).sh + 2, atol=1e-5)
    np.testing.assert_array_equal(changed.positions, cloud(6).positions)


def test_what_runs_away_is_held(cloud):
    wild = Correctives(np.ones((1, 1)), {"log_scales": np.full((1, 6, 3), 60000.0)})
    assert wild.applied(cloud(6), np.array([1.0])).log_scales.max() == 30


@pytest.mark.parametrize(
    ("mix", "bases", "what"),
    [
        (np.ones(3), {}, "matrix"),
        (np.full((3, 2), np.nan), {}, "matrix"),
        (np.ones((3, 2)), {"sh": np.ones((1, 6, 4, 3))}, "one a basis"),
        (np.ones((3, 2)), {"sh": np.full((2, 6, 4, 3), 1e6)}, "not finite"),
        (np.ones((3, 2)), {"colour": np.ones((2, 6))}, "no channel 'colour'"),
    ],
)
def test_bad_ones_are_refused(mix, bases, what):
    with pytest.raises(RigtalkError, match=what):
        Correctives(mix, bases)


def test_those_of_other_gaussians_are_refused(cloud, correctives):
    correctives.check(cloud(6), 3)
    with pytest.raises(RigtalkError, match="3 shapes, the head has 4"):
        correctives.check(cloud(6), 4)
    with pytest.raises(RigtalkError, match="correctives of positions"):
        correctives.check(cloud(7), 3)
    with pytest.raises(RigtalkError, match="correctives of sh"):
        correctives.check(cloud(6, 2), 3)
    with pytest.raises(RigtalkError, match="2 coefficients"):
        correctives.applied(cloud(6), np.zeros(3))
