import numpy as np
import pytest

from rigtalk.core.judge.regions import REGIONS, matrix_distance, region_curves, region_matrix
from rigtalk.rigs import control_set

NAMES = tuple(REGIONS)


def moving(**curves: np.ndarray) -> np.ndarray:
    values = np.zeros((200, 61), np.float32)
    for name, curve in curves.items():
        values[:, control_set("arkit").index(name)] = curve
    return values


WAVE = 0.5 + 0.4 * np.sin(np.arange(200) / 9)


def test_every_region_has_controls() -> None:
    curves = region_curves(np.ones((3, 61), np.float32))
    np.testing.assert_allclose(curves, 1.0)


def test_what_moves_together_correlates() -> None:
    matrix = region_matrix(
        region_curves(moving(browInnerUp=WAVE, jawOpen=WAVE, mouthFrownLeft=-WAVE))
    )
    brow, jaw, frown = (NAMES.index(name) for name in ("inner brow up", "jaw", "frown"))
    assert matrix[brow, jaw] == pytest.approx(1.0, abs=1e-5)
    assert matrix[brow, frown] == pytest.approx(-1.0, abs=1e-5)
    assert matrix[brow, NAMES.index("nose")] == 0.0
    np.testing.assert_allclose(np.diag(matrix), 1.0)


def test_distance() -> None:
    still = region_matrix(region_curves(moving()))
    together = region_matrix(region_curves(moving(browInnerUp=WAVE, jawOpen=WAVE)))
    pairs = len(NAMES) * (len(NAMES) - 1) / 2
    assert matrix_distance(still, together) == pytest.approx(np.sqrt(1 / pairs), rel=1e-4)
    assert matrix_distance(together, together) == 0.0
    assert np.isfinite(region_matrix(region_curves(moving())[:1])).all()
