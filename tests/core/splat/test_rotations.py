import numpy as np
import pytest

from rigtalk.core.splat.rotations import (
    matrices,
    multiply,
    normalised,
    quaternions,
    rotation_vectors,
)


@pytest.fixture
def some() -> np.ndarray:
    q = normalised(np.random.default_rng(1).normal(size=(200, 4)))
    # Half turns about each axis: the diagonal alone decides which component can be divided by.
    return np.concatenate([q, np.eye(4)])


def test_matrices_are_rotations(some):
    m = matrices(some)
    np.testing.assert_allclose(
        m @ np.swapaxes(m, 1, 2), np.broadcast_to(np.eye(3), m.shape), atol=1e-12
    )
    np.testing.assert_allclose(np.linalg.det(m), 1, atol=1e-12)


def test_a_quarter_turn_about_z_takes_x_to_y():
    quarter = rotation_vectors(np.array([0, 0, np.pi / 2]))
    np.testing.assert_allclose(matrices(quarter) @ [1, 0, 0], [0, 1, 0], atol=1e-12)


def test_there_and_back(some):
    back = quaternions(matrices(some))
    assert (back[:, 0] >= 0).all()
    np.testing.assert_allclose(np.abs((back * some).sum(1)), 1, atol=1e-12)


def test_a_product_is_the_product_of_the_matrices(some):
    other = some[::-1]
    np.testing.assert_allclose(
        matrices(multiply(some, other)), matrices(some) @ matrices(other), atol=1e-12
    )


def test_no_turn_is_the_identity():
    np.testing.assert_array_equal(rotation_vectors(np.zeros(3)), [1, 0, 0, 0])
    np.testing.assert_array_equal(normalised(np.zeros((2, 4))), [[1, 0, 0, 0]] * 2)
