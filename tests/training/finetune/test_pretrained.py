"""Weights come back out of the ONNX file that ships."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from rigtalk.core.network import EMBEDDED, load_network
from rigtalk.rigs import control_set
from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.config import ActorConfig, TrainConfig
from rigtalk.training.export import OUTPUTS, ActorForExport, export_actor
from rigtalk.training.finetune.pretrained import Pretrained, load_pretrained
from rigtalk.training.model import Actor

TINY = ActorConfig(width=32, heads=2, encoder_layers=1, decoder_layers=2, hidden=48, span=4)


def test_torch_says_what_the_embedded_file_says(embedded: Pretrained) -> None:
    network = load_network(EMBEDDED, threads=1)
    promised = ActorForExport(
        embedded.actor,
        arkit=control_set("arkit"),
        metahuman=control_set("metahuman"),
        closure_threshold=embedded.closure_threshold,
    ).eval()
    rng = np.random.default_rng(3)
    features = rng.uniform(0, 1.2, (1, 444, 64)).astype(np.float32)
    emotion = rng.uniform(0, 1, (1, 222, 7)).astype(np.float32)
    expected = network.session.run(OUTPUTS, {"features": features, "emotion": emotion})
    with torch.no_grad():
        said = promised(torch.from_numpy(features), torch.from_numpy(emotion))
    for mine, theirs in zip(said, expected, strict=True):
        assert np.abs(mine.numpy() - theirs).max() < 1e-4  # float32, summed in another order
    assert embedded.closure_threshold == network.closure_threshold


@pytest.mark.parametrize("listener", [False, True])
@pytest.mark.filterwarnings("ignore")  # torch's exporter warns of its own folding
def test_every_weight_of_any_size_comes_back(tmp_path: Path, listener: bool) -> None:
    torch.manual_seed(4)
    config = replace(TINY, listener=listener)
    actor = Actor(config).eval()
    for parameter in actor.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    export_actor(actor, tmp_path / "tiny.onnx", closure_threshold=0.4)
    back = load_pretrained(tmp_path / "tiny.onnx")
    assert back.actor.config == config
    assert back.closure_threshold == 0.4
    mine, theirs = back.actor.state_dict(), actor.state_dict()
    assert mine.keys() == theirs.keys()
    network = load_network(tmp_path / "tiny.onnx", threads=1)
    assert network.context_seconds == TINY.context_frames / 50
    for name, weight in theirs.items():
        assert torch.equal(mine[name], weight), name


def test_a_checkpoint_will_do(tmp_path: Path) -> None:
    actor = Actor(TINY)
    state = {
        "format": 1,
        "config": TrainConfig(actor=TINY).to_json(),
        "actor": actor.state_dict(),
    }
    torch.save(state, tmp_path / "actor.pt")
    back = load_pretrained(tmp_path / "actor.pt").actor
    assert torch.equal(back.stem.weight, actor.stem.weight)


def test_what_is_no_actor_gets_one_line(tmp_path: Path) -> None:
    with pytest.raises(RigtalkError, match="no such actor"):
        load_pretrained(tmp_path / "none.onnx")
    (tmp_path / "noise.onnx").write_bytes(b"noise" * 100)
    with pytest.raises(RigtalkError, match="not an actor, or damaged"):
        load_pretrained(tmp_path / "noise.onnx")
    model = onnx.load(str(EMBEDDED))
    for node in model.graph.node:
        node.name = node.name.replace("/actor/pose", "/other/pose")
    onnx.save(model, str(tmp_path / "other.onnx"))
    with pytest.raises(RigtalkError, match="of a kind that cannot be fine-tuned"):
        load_pretrained(tmp_path / "other.onnx")
