import numpy as np
import pytest

from rigtalk.core.splat.fitting.judging import gmsd, psnr, ssim


@pytest.fixture
def picture() -> np.ndarray:
    y, x = np.mgrid[:64, :80] / 64
    return np.stack([x / 1.3, (np.sin(9 * x * y) + 1) / 2, y], axis=-1)


def test_psnr_of_a_known_error(picture):
    assert psnr(picture, picture + 0.1) == pytest.approx(20)
    assert psnr(picture, picture) == 99
    where = np.zeros(picture.shape[:2], bool)
    where[:10] = True
    half = picture.copy()
    half[:10] += 0.01
    half[10:] += 1
    assert psnr(picture, half, where) == pytest.approx(40)


def test_ssim_against_its_definition(picture):
    rng = np.random.default_rng(0)
    other = np.clip(picture + rng.normal(0, 0.1, picture.shape), 0, 1)
    taps = np.exp(-((np.arange(11) - 5) ** 2) / 4.5)
    window = np.outer(taps, taps) / taps.sum() ** 2
    values = []
    for c in range(3):
        for i in range(0, 54, 9):
            for j in range(0, 70, 9):
                a, b = (p[i : i + 11, j : j + 11, c] for p in (picture, other))
                ma, mb = (window * a).sum(), (window * b).sum()
                va = (window * (a - ma) ** 2).sum()
                vb = (window * (b - mb) ** 2).sum()
                ab = (window * (a - ma) * (b - mb)).sum()
                values.append(
                    (2 * ma * mb + 1e-4)
                    * (2 * ab + 9e-4)
                    / ((ma**2 + mb**2 + 1e-4) * (va + vb + 9e-4))
                )
    whole = ssim(picture, other)
    assert abs(whole - np.mean(values)) < 0.03
    assert ssim(picture, picture) == pytest.approx(1)


def test_gmsd_orders_what_people_order(picture):
    rng = np.random.default_rng(0)
    noise = [np.clip(picture + rng.normal(0, s, picture.shape), 0, 1) for s in (0.02, 0.2)]
    assert gmsd(picture, picture) == 0
    assert 0 < gmsd(picture, noise[0]) < gmsd(picture, noise[1])
    # A shift of brightness hurts people less than it hurts PSNR.
    assert gmsd(picture * 0.8 + 0.1, picture) < gmsd(picture, noise[1])
