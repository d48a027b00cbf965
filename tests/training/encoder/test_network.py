"""The encoder's frames stand where ours do, and learn when they shall."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from rigtalk.training.encoder.checkpoint import read_config, read_model
from rigtalk.training.encoder.network import Encoder, make_network

from .conftest import CONFIG, LARGE, Make


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory, make_checkpoint: Make) -> Encoder:
    """An encoder without attention and positions: what remains hears each frame by itself."""
    folder = tmp_path_factory.mktemp("local")
    make_checkpoint(folder, "Wav2Vec2", **{**LARGE, "num_hidden_layers": 0})
    config = read_config(folder, layers="last")
    model = read_model(folder, config)
    model.encoder.pos_conv_embed = torch.nn.Module()
    model.encoder.pos_conv_embed.forward = torch.zeros_like
    return Encoder(model, config).eval()


@pytest.mark.parametrize(
    ("offset", "frames"),
    [(-121, [9, 10]), (-120, [10]), (0, [10]), (119, [10]), (120, [10, 11]), (199, [10, 11])],
)
def test_a_click_is_heard_in_the_frame_that_it_stands_in(
    local: Encoder, offset: int, frames: list[int]
) -> None:
    """Frame 10 is at 0.2 s and covers samples 3000 to 3399, half of them on either side."""
    samples = torch.zeros(1, 320 * 20)
    with torch.no_grad():
        silence = local(samples)
        samples[0, 320 * 10 + offset] = 1.0
        moved = (local(samples) - silence).abs().sum(dim=-1)[0]
    assert moved.shape == (20,)
    assert (moved > 1e-4).nonzero()[:, 0].tolist() == frames


@pytest.mark.parametrize("frames", [1, 2, 7, 50])
def test_a_frame_for_each_20_ms(local: Encoder, frames: int) -> None:
    assert local(torch.randn(2, 320 * frames)).shape == (2, frames, 32)


@pytest.mark.parametrize(("layers", "parameters"), [("all", 1), ("last", 0)])
def test_layers(tmp_path: Path, make_checkpoint: Make, layers: str, parameters: int) -> None:
    folder = make_checkpoint(tmp_path, "Hubert")
    config = read_config(folder, layers=layers)
    model = read_model(folder, config)
    encoder = Encoder(model, config).eval()
    assert sum(p.requires_grad for p in encoder.parameters()) == parameters
    samples = torch.randn(1, 320 * 9)
    with torch.no_grad():
        said = model(torch.nn.functional.pad(samples, (200, 0)), output_hidden_states=True)
        even = [torch.nn.functional.layer_norm(x, (32,)) for x in said.hidden_states]
        heard = encoder(samples)
    expected = torch.stack(even).mean(dim=0) if layers == "all" else even[-1]
    torch.testing.assert_close(heard, expected, atol=1e-5, rtol=1e-5)


def test_a_frozen_encoder_does_not_drop_out(tmp_path: Path, make_checkpoint: Make) -> None:
    folder = make_checkpoint(tmp_path, "WavLM")
    for frozen in (True, False):
        encoder = read_config(folder, frozen=frozen)
        network = make_network(replace(CONFIG, encoder=encoder))
        network.train()
        assert network.pretrained.model.training != frozen
        samples = torch.randn(1, 320 * 30)
        with torch.no_grad():
            same = torch.equal(network.pretrained(samples), network.pretrained(samples))
        assert same == frozen
