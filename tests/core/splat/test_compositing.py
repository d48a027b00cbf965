import numpy as np
import pytest

from rigtalk.core.splat.compositing import over, straight


@pytest.fixture
def drawn() -> np.ndarray:
    """Colour times alpha, and alpha; some colours beyond white, as harmonics make them."""
    rng = np.random.default_rng(0)
    alpha = rng.random((70, 33, 1))
    alpha[:3] = 0
    alpha[3:6] = 1
    return np.concatenate([rng.random((70, 33, 3)) * 1.3 * alpha, alpha], axis=2).astype(np.float32)


def test_over(drawn):
    colour = np.array([0.2, 0.5, 1.0])
    wanted = drawn[..., :3].astype(float) + (1 - drawn[..., 3:].astype(float)) * colour
    found = over(drawn, colour)
    assert found.dtype == np.uint8
    # Half a step of rounding, and single precision.
    assert np.abs(found - 255 * np.clip(wanted, 0, 1)).max() < 0.501
    assert found[0, 0].tolist() == [51, 128, 255]


@pytest.mark.parametrize("bits", [8, 16])
def test_straight(drawn, bits):
    most = 2**bits - 1
    found = straight(drawn, bits)
    assert found.dtype == np.dtype(f"u{bits // 8}")
    assert not found[:3].any()
    solid = drawn[..., 3] > 0.1
    wanted = np.clip(drawn[..., :3] / np.maximum(drawn[..., 3:], 0.1), 0, 1)
    assert np.abs(found[..., :3] - wanted * most)[solid].max() < 0.51
    assert np.abs(found[..., 3] - drawn[..., 3] * most).max() < 0.51
    assert (found[3:6, :, 3] == most).all()


def test_an_empty_picture():
    assert over(np.zeros((0, 5, 4), np.float32), np.zeros(3)).shape == (0, 5, 3)
    assert straight(np.zeros((0, 5, 4), np.float32)).shape == (0, 5, 4)
