"""A grown network says what the smaller one said, and can learn what that could not."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.config import ActorConfig
from rigtalk.training.finetune.pretrained import load_pretrained
from rigtalk.training.growing import grow, grows_into
from rigtalk.training.model import Actor

TINY = ActorConfig(width=32, heads=2, encoder_layers=1, decoder_layers=1, hidden=48, span=4)
LARGER = replace(TINY, encoder_layers=3, decoder_layers=2, conv_layers=3)


def made(config: ActorConfig, seed: int) -> Actor:
    torch.manual_seed(seed)
    actor = Actor(config).eval()
    for weight in actor.parameters():  # nothing is at zero by accident
        torch.nn.init.normal_(weight, std=0.1)
    return actor


def said(actor: Actor) -> torch.Tensor:
    generator = torch.Generator().manual_seed(5)
    features = torch.rand(1, 80, TINY.mels, generator=generator)
    emotion = torch.rand(1, 40, TINY.emotions, generator=generator)
    with torch.no_grad():
        return torch.cat(list(map(torch.Tensor.flatten, actor(features, emotion))))


def test_a_grown_actor_says_the_same_and_learns_in_its_new_layers() -> None:
    small, large = made(TINY, 0), made(LARGER, 1)
    assert not torch.allclose(said(small), said(large), atol=0.01)
    grow(small.state_dict(), large)
    assert torch.allclose(said(small), said(large), atol=1e-5)
    features, emotion = torch.rand(1, 80, TINY.mels), torch.rand(1, 40, TINY.emotions)
    large(features, emotion).arkit.square().sum().backward()
    assert large.encoder[2].feed_out.weight.grad.abs().max() > 0
    assert large.decoder[1].attention.out.weight.grad.abs().max() > 0


def test_an_actor_of_an_older_version_hears_as_it_did() -> None:
    old, new = made(TINY, 0), made(TINY, 1)
    torch.nn.init.zeros_(old.afterthought.weight)
    torch.nn.init.zeros_(old.afterthought.bias)
    weights = {n: w for n, w in old.state_dict().items() if not n.startswith("afterthought")}
    grow(weights, new)
    assert torch.equal(said(old), said(new))


@pytest.mark.parametrize(
    ("fault", "because"),
    [
        ("wider", "other sizes"),
        ("more layers", "other sizes"),
        ("a part is missing", "other sizes"),
    ],
)
def test_what_does_not_grow_is_refused_and_nothing_is_changed(fault: str, because: str) -> None:
    target = made(TINY, 0)
    before = said(target)
    if fault == "a part is missing":
        weights = {n: w for n, w in target.state_dict().items() if not n.startswith("stem")}
    else:
        config = replace(TINY, hidden=64) if fault == "wider" else LARGER
        weights = made(config, 1).state_dict()
    with pytest.raises(RigtalkError, match=because):
        grow(weights, target)
    assert torch.equal(said(target), before)


def test_sizes_grow_in_layers_only() -> None:
    assert grows_into(TINY, TINY)
    assert grows_into(TINY, LARGER)
    assert not grows_into(LARGER, TINY)
    assert not grows_into(TINY, replace(LARGER, width=64))


def test_the_embedded_actor_grows(tmp_path: Path) -> None:
    embedded = load_pretrained().actor
    config = replace(embedded.config, encoder_layers=embedded.config.encoder_layers + 1)
    larger = Actor(config).eval()
    grow(embedded.state_dict(), larger)
    features, emotion = torch.rand(1, 80, config.mels), torch.rand(1, 40, config.emotions)
    with torch.no_grad():
        pairs = zip(embedded(features, emotion), larger(features, emotion), strict=True)
        assert all(torch.allclose(a, b, atol=1e-4) for a, b in pairs)
