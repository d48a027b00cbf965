import numpy as np
import pytest

from rigtalk.core.splat.fitting.correcting import Bases, supported
from rigtalk.core.splat.fitting.parameters import CHANNELS, Parameters, Rates
from rigtalk.core.splat.fitting.saving import load_fit, save_fit
from rigtalk.core.splat.fitting.surface import Surface
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.rotations import matrices, multiply, normalised, rotation_vectors


def slow_adam(values, gradient, first, second, *, rate, step):
    first[:] = 0.9 * first + 0.1 * gradient
    second[:] = 0.999 * second + 0.001 * gradient**2
    values -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-15)


def slow_turn(quaternions, vectors):
    quaternions[:] = normalised(multiply(quaternions, rotation_vectors(vectors)))


@pytest.fixture
def parameters(head) -> Parameters:
    surface = Surface(head.mesh)
    rng = np.random.default_rng(0)
    triangle, barycentric = surface.draw(50, surface.areas, rng)
    gaussians = Gaussians(
        surface.at(triangle, barycentric),
        rng.normal(-4, 0.1, (50, 3)),
        rng.normal(size=(50, 4)),
        rng.normal(size=50),
        rng.normal(size=(50, 4, 3)),
    )
    return Parameters.of(gaussians, triangle, barycentric.astype(np.float32), 0.02, 0.002)


def downhill(parameters) -> dict[str, np.ndarray]:
    shapes = {n: (50, 3) if n == "rotations" else parameters.arrays[n].shape for n in CHANNELS}
    return {name: np.ones(shape, np.float32) for name, shape in shapes.items()}


def test_a_first_step_goes_by_the_rates(parameters):
    before = {name: values.copy() for name, values in parameters.arrays.items()}
    rates = Rates()
    parameters.advance(downhill(parameters), rates, 0.0, slow_adam, slow_turn)
    after = parameters.arrays
    moved = {name: before[name] - after[name] for name in before}
    np.testing.assert_allclose(moved["positions"], 0.02 * rates.positions[0], rtol=1e-2)
    np.testing.assert_allclose(moved["log_scales"], rates.log_scales[0], rtol=1e-3)
    np.testing.assert_allclose(moved["opacity_logits"], rates.opacity_logits[0], rtol=1e-3)
    np.testing.assert_allclose(moved["sh"], rates.sh[0], rtol=1e-3)
    turn = np.swapaxes(matrices(before["rotations"]), 1, 2) @ matrices(after["rotations"])
    angle = np.arccos(np.clip((np.trace(turn, axis1=1, axis2=2) - 1) / 2, -1, 1))
    np.testing.assert_allclose(angle, np.sqrt(3) * rates.rotations[0], rtol=1e-2)


def test_rates_fall(parameters):
    rates = Rates()
    for name in CHANNELS:
        assert rates.at(name, 0) > rates.at(name, 0.5) > rates.at(name, 1)
        assert rates.at(name, 1) == pytest.approx(getattr(rates, name)[1])


def test_what_runs_away_is_held(parameters):
    parameters.arrays["log_scales"][0] = 5
    parameters.arrays["log_scales"][1] = -20
    parameters.arrays["opacity_logits"][0] = 100
    parameters.advance(downhill(parameters), Rates(), 0.0, slow_adam, slow_turn)
    assert np.exp(parameters.arrays["log_scales"]).max() <= 12.01 * 0.02
    assert np.exp(parameters.arrays["log_scales"]).min() >= 0.099 * 0.002
    assert parameters.arrays["opacity_logits"].max() <= 9


def test_saved_and_restored(parameters, head, tmp_path):
    parameters.advance(downhill(parameters), Rates(), 0.0, slow_adam, slow_turn)
    save_fit(tmp_path / "fit.npz", "key", parameters.saved())
    arrays = load_fit(tmp_path / "fit.npz", "key")
    again = Parameters.restored(arrays, head)
    assert (again.step, again.spacing, again.pixel) == (1, 0.02, 0.002)
    for name in CHANNELS:
        np.testing.assert_array_equal(again.arrays[name], parameters.arrays[name])
        assert again.moments[f"first {name}"].any()
    assert load_fit(tmp_path / "fit.npz", "another") is None
    assert load_fit(tmp_path / "none.npz", "key") is None


def test_one_that_strays_is_brought_back(parameters, head):
    parameters.arrays["positions"][5] *= 3
    surface = Surface(head.mesh)
    parameters.refoot(surface)
    foot = surface.at(parameters.triangle, parameters.barycentric)
    away = np.linalg.norm(parameters.arrays["positions"] - foot, axis=1)
    assert away.max() <= 3 * 0.02 * 1.001


def test_a_control_corrects_what_it_moves(parameters, head):
    support = supported(head, parameters)
    places = parameters.arrays["positions"]
    assert set(support) == set(head.control_names)
    assert (places[support["jawOpen"]][:, 2] < 0.03).all()
    assert (places[support["browOuterUpLeft"]][:, 0] > -0.03).all()


def test_bases_learn_what_an_expression_shows(parameters, head):
    bases = Bases(supported(head, parameters), parameters)
    index = bases.support["jawOpen"]
    goal = np.zeros_like(parameters.arrays["sh"])
    goal[index] = 0.1
    for _ in range(400):
        for weight in (0.5, 1.0):
            sh = bases.corrected(parameters, {"jawOpen": weight})["sh"] - parameters.arrays["sh"]
            gradient = downhill(parameters)
            gradient = {name: 0 * values for name, values in gradient.items()}
            gradient["sh"] = np.sign(sh - weight * goal)
            bases.add(gradient, {"jawOpen": weight, "unknown": 1.0})
            bases.advance(0.0, slow_adam)
    made = bases.correctives(head.control_names)
    weights = np.zeros(3)
    weights[head.control_names.index("jawOpen")] = 1
    changed = made.applied(parameters.gaussians(), made.coefficients(weights))
    difference = changed.sh - parameters.arrays["sh"]
    np.testing.assert_allclose(difference[index], 0.1, atol=0.03)
    others = np.setdiff1d(np.arange(50), index)
    assert not difference[others].any()
    # Nothing at rest.
    same = made.applied(parameters.gaussians(), made.coefficients(np.zeros(3)))
    np.testing.assert_array_equal(same.sh, parameters.gaussians().sh)
