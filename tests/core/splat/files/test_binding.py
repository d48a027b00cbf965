import json

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.files.binding import BINDING_VERSION, write_binding
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.mesh import Mesh


@pytest.fixture
def head(cloud) -> SplatHead:
    mesh = Mesh(np.eye(3), [[0, 1, 2]])
    deltas = np.full((1, 3, 3), 0.25)
    return SplatHead.bind(
        cloud(4), mesh, shape_names=["smile"], shape_deltas=deltas, facts={"a": 1}
    )


def test_every_array_is_there_and_explained(head, tmp_path):
    numbers, words = write_binding(
        tmp_path / "hero.v2", head, gaussians_file="hero.ply", axes="RDF"
    )
    assert (numbers.name, words.name) == ("hero.v2.npz", "hero.v2.json")
    content = json.loads(words.read_text())
    assert content["version"] == BINDING_VERSION
    assert content["shape_names"] == ["smile"]
    assert content["facts"] == {"a": 1}
    with np.load(numbers, allow_pickle=False) as arrays:
        assert set(arrays) == set(content["arrays"]["contents"])
        for name in arrays:
            said = content["arrays"]["contents"][name]
            assert str(arrays[name].dtype) in said
            assert said.startswith("(")
            assert said[: said.index(")")].count(",") + 1 == arrays[name].ndim
        assert np.array_equal(arrays["triangle"], head.triangle)
        assert np.array_equal(arrays["shape_deltas"], head.shape_deltas)


def test_a_place_that_cannot_be_written(head, tmp_path):
    with pytest.raises(RigtalkError, match="cannot be written"):
        write_binding(tmp_path / "none" / "a", head, gaussians_file="a.ply", axes="RDF")
