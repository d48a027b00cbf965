import itertools

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.files.axes import BLENDER, between, converted

ALL = [
    "".join(code)
    for ways in itertools.permutations(["RL", "UD", "FB"])
    for code in itertools.product(*ways)
]


def test_up_stays_up():
    """Blender's z is y up in glTF and y down in COLMAP; a face looks to -y, +z and -z."""
    np.testing.assert_array_equal(between(BLENDER, "RUB") @ [1, 2, 3], [1, 3, -2])
    np.testing.assert_array_equal(between(BLENDER, "RDF") @ [1, 2, 3], [1, -3, 2])
    np.testing.assert_array_equal(between("rub", "RDF") @ [1, 2, 3], [1, -2, -3])


@pytest.mark.parametrize("code", ALL)
def test_there_and_back(cloud, code):
    g = cloud(20, 3)
    back = converted(converted(g, BLENDER, code), code, BLENDER)
    np.testing.assert_array_equal(back.positions, g.positions)
    np.testing.assert_allclose(back.covariances(), g.covariances(), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(back.sh, g.sh, atol=1e-5)


def test_there_are_48_and_no_more():
    assert len(set(ALL)) == 48
    for code in ("RRF", "RUX", "RU", "RUBF", ""):
        with pytest.raises(RigtalkError, match="not known"):
            between(code, "RUB")
