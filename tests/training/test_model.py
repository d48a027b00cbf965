"""The actor's shapes, its finite receptive field and its emotion."""

import numpy as np
import pytest
import torch

from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.config import ActorConfig, TrainConfig
from rigtalk.training.model import Actor, BandedAttention, with_listener

TINY = ActorConfig(width=32, heads=2, encoder_layers=1, decoder_layers=1, hidden=48, span=4)


@pytest.fixture
def actor() -> Actor:
    torch.manual_seed(0)
    return Actor(TINY).eval()


def example(frames: int, *, batch: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(frames)
    return (
        torch.rand(batch, 2 * frames, TINY.mels, generator=generator),
        torch.rand(batch, frames, TINY.emotions, generator=generator),
    )


@pytest.mark.parametrize("frames", [1, 4, 7, 50])
def test_outputs_have_one_row_for_every_two_feature_frames(actor: Actor, frames: int) -> None:
    said = actor(*example(frames, batch=3))
    assert said.arkit.shape == (3, frames, 61)
    assert said.metahuman.shape == (3, frames, 251)
    assert said.closure.shape == said.silence.shape == (3, frames)
    assert said.phones.shape == (3, frames, 40)
    assert all(torch.isfinite(part).all() for part in said)


def test_output_depends_on_the_context_and_on_nothing_beyond(actor: Actor) -> None:
    frames, at, context = 80, 40, TINY.context_frames
    features, emotion = example(frames)
    features.requires_grad_()
    said = actor(features, emotion)
    (said.arkit[0, at].sum() + said.closure[0, at] + said.phones[0, at].sum()).backward()
    assert features.grad is not None
    heard = features.grad[0].abs().sum(dim=1).reshape(frames, 2).sum(dim=1).nonzero()[:, 0]
    assert at - heard.min() <= context
    assert heard.max() - at <= context
    # The field is used, too: most of it is heard.
    assert heard.max() - heard.min() >= context


def test_a_window_equals_the_whole_where_it_has_context(actor: Actor) -> None:
    features, emotion = example(90)
    context = TINY.context_frames
    start, stop = 13, 77
    with torch.no_grad():
        whole = actor(features, emotion)
        window = actor(features[:, 2 * start : 2 * stop], emotion[:, start:stop])
    inside = slice(context, stop - start - context)
    for a, b in zip(window, whole, strict=True):
        # float32 sums in another order
        torch.testing.assert_close(a[:, inside], b[:, start:stop][:, inside], atol=1e-5, rtol=0)


def test_banded_attention_equals_plain_attention_with_a_band_mask() -> None:
    torch.manual_seed(1)
    width, heads, span, frames = 24, 3, 5, 20
    banded = BandedAttention(width, heads=heads, span=span)
    torch.nn.init.normal_(banded.bias)
    x = torch.randn(2, frames, width)
    inside = torch.zeros(frames // span + 2, span)
    inside[1:-1] = 1
    around = torch.cat([inside[:-2], inside[1:-1], inside[2:]], dim=-1)
    got = banded(x, (around[:, None, None] - 1) * 1e4)

    query, key, value = banded.qkv(x).reshape(2, frames, 3, heads, width // heads).unbind(2)
    offset = torch.arange(frames)[None] - torch.arange(frames)[:, None]
    bias = banded.bias[:, (offset + span).clamp(0, 2 * span)]
    bias = bias.masked_fill(offset.abs() > span, -torch.inf)
    scores = torch.einsum("bqhc,bkhc->bhqk", query, key) / (width // heads) ** 0.5 + bias
    mixed = torch.einsum("bhqk,bkhc->bqhc", scores.softmax(-1), value)
    expected = banded.out(mixed.reshape(2, frames, width))
    torch.testing.assert_close(got, expected, atol=1e-5, rtol=1e-4)


def test_no_emotion_changes_nothing_and_any_emotion_changes_its_own_frames(actor: Actor) -> None:
    features, emotion = example(60)
    with torch.no_grad():
        assert actor.emotion(torch.zeros(1, 5, 7)).abs().max() == 0.0
        calm = actor(features, torch.zeros_like(emotion))
        late = torch.zeros_like(emotion)
        late[:, 45:, 2] = 1.0
        angry = actor(features, late)
    difference = (angry.arkit - calm.arkit)[0].abs().amax(dim=1)
    assert difference[50] > 1e-4
    assert difference[: 45 - TINY.context_frames].max() < 1e-5
    # What was said does not depend on how it felt.
    torch.testing.assert_close(angry.phones, calm.phones)


def test_bfloat16_is_close_to_float32(actor: Actor) -> None:
    features, emotion = example(40)
    with torch.no_grad():
        exact = actor(features, emotion)
        rough = actor(features.bfloat16(), emotion.bfloat16())
    assert rough.arkit.dtype == torch.float32
    # bfloat16 keeps 8 bits: 0.4 % of values around 1, through a handful of layers
    np.testing.assert_allclose(rough.closure.numpy(), exact.closure.numpy(), atol=0.1)


def test_sizes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(RigtalkError, match="not a multiple"):
        ActorConfig(width=30, heads=4)


def test_configuration_survives_json_and_refuses_another_version() -> None:
    config = TrainConfig(actor=TINY, minutes=3.0)
    assert TrainConfig.from_json(config.to_json()) == config
    with pytest.raises(RigtalkError, match="train again"):
        TrainConfig.from_json('{"actor": {"colour": 1}, "losses": {}}')


def test_a_listener_goes_on_hearing_while_the_decoder_learns(actor: Actor) -> None:
    torch.nn.init.normal_(actor.afterthought.weight)
    features, emotion = example(40)
    pair = with_listener(actor).eval()
    with torch.no_grad():
        before, same = actor(features, emotion), pair(features, emotion)
        assert all(torch.equal(a, b) for a, b in zip(before, same, strict=True))
        for name, weight in pair.named_parameters():
            if name.startswith(("emotion.", "decoder.", "norm.")):
                weight.add_(0.1)
        after, again = pair(features, emotion), with_listener(pair).eval()(features, emotion)
    for name in ("closure", "silence", "phones"):
        assert torch.equal(getattr(before, name), getattr(after, name))
    assert not torch.allclose(before.arkit, after.arkit, atol=1e-3)
    assert all(torch.equal(a, b) for a, b in zip(after, again, strict=True))
