import numpy as np
import pytest

from rigtalk.core.aperture import aperture
from rigtalk.core.judge.heads import embedded_probe
from rigtalk.rigs import control_set, mapping

MOUTH = control_set("arkit").in_region("jaw", "mouth", "nose")


def mouths(rng: np.random.Generator) -> np.ndarray:
    values = np.zeros((300, len(control_set("arkit"))), dtype=np.float32)
    values[:, MOUTH] = rng.random((300, len(MOUTH))) * 0.4
    return values


def test_millimetres_are_those_of_the_embedded_head():
    values = mouths(np.random.default_rng(0))
    measured = embedded_probe().track(values).opening
    np.testing.assert_allclose(aperture("arkit").openings(values)[:, 1], measured, atol=0.1)


def test_metahuman_opens_as_what_it_maps_to():
    values = mouths(np.random.default_rng(1)) * 0.5
    values[:, control_set("arkit").index("mouthClose")] *= 0.5
    played = mapping("arkit", "metahuman").apply(values)
    shown = aperture("arkit").openings(mapping("metahuman", "arkit").apply(played))
    error = np.abs(aperture("metahuman").openings(played) - shown)
    assert np.median(error) < 0.3  # mm; linear where the mapping is bound by ranges
    assert shown.std() > 1.0


@pytest.mark.parametrize("name", ["arkit", "metahuman"])
def test_a_face_at_rest_has_no_opening(name: str):
    rest = np.zeros((2, len(control_set(name))), dtype=np.float32)
    assert not aperture(name).openings(rest).any()
