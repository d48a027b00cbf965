import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.network import EMBEDDED, load_network
from rigtalk.core.speech.phones import SYMBOLS

from .conftest import METADATA, build_network


def saved(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "actor.onnx"
    path.write_bytes(data)
    return path


def test_metadata_and_shapes(tiny_path: Path):
    network = load_network(tiny_path, threads=1)
    assert network.context_seconds == METADATA["context_seconds"]
    assert network.closure_threshold == 0.5
    for name, width in (("arkit", 61), ("metahuman", 251)):
        curves, closure, silence = network.run(
            np.zeros((40, 64), np.float32), np.zeros((20, 7), np.float32), control_set=name
        )
        assert curves.shape == (20, width)
        assert closure.shape == silence.shape == (20,)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "not an actor, or damaged"),
        (b"PK junk" * 99, "not an actor, or damaged"),
        (build_network()[:4000], "not an actor, or damaged"),
        (build_network(""), "not an actor of rigtalk"),
        (build_network("[]"), "not an actor of rigtalk"),
        (build_network({"format": 1}), "not an actor of rigtalk"),
        (build_network(METADATA | {"format": 2}), "format 2, this rigtalk plays format 1"),
        (build_network(METADATA | {"control_sets": {"arkit": 9}}), "version 9 of the control set"),
        (build_network(METADATA | {"closure_threshold": 0}), "impossible metadata"),
        (build_network(METADATA | {"bites": {"arkit": {"nose": 1}}}), "not an actor of rigtalk"),
        (build_network(METADATA | {"bites": {"arkit": {"jawOpen": 7}}}), "not an actor of rigtalk"),
        (build_network(METADATA | {"bites": {"arkit": 7}}), "not an actor of rigtalk"),
        (build_network(METADATA | {"bites": []}), "not an actor of rigtalk"),
        (build_network(mels=80), "inputs or outputs do not fit"),
    ],
)
def test_what_is_no_actor(tmp_path: Path, data: bytes, complaint: str):
    with pytest.raises(RigtalkError, match=complaint) as error:
        load_network(saved(tmp_path, data), threads=1)
    assert "\n" not in str(error.value)


def test_phones_are_told_in_their_order_or_not_at_all(tmp_path: Path, telling_path: Path):
    network = load_network(telling_path, threads=1)
    assert network.tells_phones
    heard, _, _ = network.run(
        np.zeros((40, 64), np.float32), np.zeros((20, 7), np.float32), control_set="phones"
    )
    assert heard.shape == (20, len(SYMBOLS))
    np.testing.assert_allclose(np.exp(heard).sum(axis=1), 1.0, rtol=1e-5)
    for metadata, phones in (
        (METADATA, True),
        (METADATA | {"phones": SYMBOLS[::-1]}, True),
        (METADATA | {"phones": "many"}, True),
        (METADATA | {"phones": SYMBOLS}, False),
    ):
        path = saved(tmp_path, build_network(metadata, phones=phones))
        assert not load_network(path, threads=1).tells_phones


def test_missing(tmp_path: Path):
    with pytest.raises(RigtalkError, match="no such actor"):
        load_network(tmp_path / "none.onnx", threads=1)
    with pytest.raises(RigtalkError, match="cannot be read"):
        load_network(tmp_path, threads=1)


def test_an_output_is_missing(tmp_path: Path):
    model = onnx.load_from_string(build_network())
    del model.graph.output[-1]
    with pytest.raises(RigtalkError, match="inputs or outputs do not fit"):
        load_network(saved(tmp_path, model.SerializeToString()), threads=1)


def test_the_embedded_actor():
    assert EMBEDDED.stat().st_size <= 25e6
    network = load_network(EMBEDDED, threads=1)
    facts = json.loads(network.session.get_modelmeta().custom_metadata_map["rigtalk"])
    assert facts["control_sets"] == {"arkit": 1, "metahuman": 1}
    assert 0 < network.context_seconds < 10
