import numpy as np
import pytest

from rigtalk.core.splat.harmonics import basis, degree_of, rotated
from rigtalk.core.splat.rotations import matrices, normalised


@pytest.fixture
def directions() -> np.ndarray:
    rays = np.random.default_rng(2).normal(size=(50, 3))
    return rays / np.linalg.norm(rays, axis=1, keepdims=True)


def test_they_are_orthonormal():
    """Gauss-Legendre times even angles integrates products of degree 6 exactly."""
    z, weights = np.polynomial.legendre.leggauss(8)
    angles = 2 * np.pi * np.arange(16) / 16
    r = np.sqrt(1 - z * z)[:, None]
    rays = np.stack(
        np.broadcast_arrays(r * np.cos(angles), r * np.sin(angles), z[:, None]), axis=-1
    )
    values = basis(rays, 3)
    products = np.einsum("zak,zal,z->kl", values, values, weights) * 2 * np.pi / 16
    np.testing.assert_allclose(products, np.eye(16), atol=1e-12)


def test_signs_are_those_of_splat_files():
    """Constants of KHR_gaussian_splatting, appendix A, in a direction where none vanishes."""
    x, y, z = 2 / 7, 3 / 7, 6 / 7
    expected = {
        0: 0.282094791,
        1: -0.488602511 * y,
        2: 0.488602511 * z,
        3: -0.488602511 * x,
        5: -1.092548430 * y * z,
        8: 0.546274215 * (x * x - y * y),
        9: -0.590043589 * y * (3 * x * x - y * y),
        10: 2.890611442 * x * y * z,
        14: 1.445305721 * z * (x * x - y * y),
    }
    values = basis(np.array([x, y, z]), 3)
    for index, value in expected.items():
        assert values[index] == pytest.approx(value, abs=1e-8)


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_turned_field_has_the_old_colours_in_turned_directions(degree, mirrored, directions):
    rng = np.random.default_rng(degree)
    coefficients = rng.normal(size=(5, (degree + 1) ** 2, 3))
    turns = matrices(normalised(rng.normal(size=(5, 4))))
    if mirrored:
        turns = turns @ np.diag([1, 1, -1])
    after = np.einsum("dk,nkc->ndc", basis(directions, degree), rotated(coefficients, turns))
    for i in range(5):
        before = basis(directions @ turns[i], degree) @ coefficients[i]
        np.testing.assert_allclose(after[i], before, atol=1e-10)


def test_a_number_of_coefficients_has_a_degree_or_not():
    assert [degree_of(k) for k in (1, 4, 9, 16)] == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="not in"):
        degree_of(10)
