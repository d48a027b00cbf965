"""The actor: log-mel in, curves of both control sets out.

A convolutional stem halves the frame rate to 50 Hz; a transformer encoder listens; the emotion, a
vector of intensities that may change from frame to frame, bends the tokens; a decoder and one head
per control set move the face. Attention is banded: a frame sees `ActorConfig.span` frames on each
side, so the cost is linear in time and a window with enough context equals the whole.

Weights are float32. Activations take the type of the input, so bfloat16 features make a bfloat16
step (on CPUs with AVX512-BF16 matrix products run five times as fast); the heads are float32.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from .config import ActorConfig

__all__ = ["Actor", "ActorOutput", "with_listener"]

SHUT_OUT = -1e4
"""Score of a frame that must not be attended to; finite, so that no row can become NaN."""


class ActorOutput(NamedTuple):
    """What the actor says about each 20 ms frame; n = half the feature frames.

    ``arkit (B, n, 61)`` and ``metahuman (B, n, 251)`` are unbounded here (the export clips them to
    the ranges of their controls), ``closure``, ``silence (B, n)`` and ``phones (B, n, 40)``
    are logits.
    """

    arkit: Tensor
    metahuman: Tensor
    closure: Tensor
    silence: Tensor
    phones: Tensor


class Linear(nn.Linear):
    """A linear layer that computes in the type of its input."""

    def forward(self, x: Tensor) -> Tensor:
        bias = None if self.bias is None else self.bias.to(x.dtype)
        return functional.linear(x, self.weight.to(x.dtype), bias)


class Norm(nn.LayerNorm):
    """Layer normalisation of each frame alone (never over time) in the type of its input."""

    def forward(self, x: Tensor) -> Tensor:
        weight, bias = self.weight.to(x.dtype), self.bias.to(x.dtype)
        return functional.layer_norm(x, self.normalized_shape, weight, bias, self.eps)


class SharedDropout(nn.Module):
    """Channels of an example left out for its whole length, in training (Gal & Ghahramani 2016).

    Speech hardly changes from frame to frame, so a channel dropped in one frame alone would be
    read off its neighbours; and one draw for a whole line costs next to nothing.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0.0:
            return x
        kept = torch.rand(x.shape[0], 1, x.shape[2]) >= self.rate
        return x * (kept.to(x.dtype) / (1.0 - self.rate))


def neighbours(x: Tensor) -> Tensor:
    """Each frame beside the one before and after it: (B, n, C) -> (B, n, 3C), zero outside."""
    padded = functional.pad(x, (0, 0, 1, 1))
    return torch.cat([padded[:, :-2], padded[:, 1:-1], padded[:, 2:]], dim=-1)


def settled(x: Tensor) -> Tensor:
    """Each frame with a quarter of both its neighbours, (B, n, C); the ends stay as they are.

    Faces have next to no motion above 15 Hz, of which this leaves a third. The network learns
    through it, so it costs no height of the faster movements. Lips that meet do so for more than a
    frame: a closure that is heard in one alone is more often false.
    """
    padded = torch.cat([x[:, :1], x, x[:, -1:]], dim=1)
    return 0.25 * padded[:, :-2] + 0.5 * padded[:, 1:-1] + 0.25 * padded[:, 2:]


class ConvBlock(nn.Module):
    """Residual convolution over three frames, written as one matrix product."""

    def __init__(self, width: int, *, dropout: float) -> None:
        super().__init__()
        self.norm = Norm(width)
        self.mix = Linear(3 * width, width)
        self.out = Linear(width, width)
        self.drop = SharedDropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        mixed = functional.relu(self.mix(neighbours(self.norm(x))))
        return x + self.out(self.drop(mixed))


class BandedAttention(nn.Module):
    """Attention to the `span` frames on each side, in blocks of `span` frames.

    A block of queries meets the keys of its own block and of the two beside it; scores outside the
    band are shut out. Position enters as a learnt bias for each head and offset.
    """

    offset: Tensor
    outside: Tensor

    def __init__(self, width: int, *, heads: int, span: int) -> None:
        super().__init__()
        self.heads, self.span = heads, span
        self.qkv = Linear(width, 3 * width)
        self.out = Linear(width, width)
        self.bias = nn.Parameter(torch.zeros(heads, 2 * span + 1))
        query = torch.arange(span)[:, None]
        key = torch.arange(3 * span)[None, :] - span
        offset = key - query
        self.register_buffer("offset", (offset + span).clamp(0, 2 * span), persistent=False)
        self.register_buffer("outside", offset.abs() > span, persistent=False)

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        """Parameters: x (B, blocks·span, C); edges (blocks, 1, 1, 3·span), scores to add."""
        batch, frames, width = x.shape
        blocks, size = frames // self.span, width // self.heads
        query, key, value = self.qkv(x).split(width, dim=-1)
        query = query.reshape(batch, blocks, self.span, self.heads, size).transpose(2, 3)
        key, value = self._around(key), self._around(value)  # (B, blocks, heads, 3 span, size)
        scores = (query @ key.transpose(-1, -2)).float() * size**-0.5
        bias = self.bias[:, self.offset].masked_fill(self.outside, SHUT_OUT)
        weights = torch.softmax(scores + bias + edges, dim=-1).to(x.dtype)
        mixed = (weights @ value).transpose(2, 3).reshape(batch, frames, width)
        return self.out(mixed)

    def _around(self, x: Tensor) -> Tensor:
        batch, frames, width = x.shape
        blocks = x.reshape(batch, frames // self.span, self.span, self.heads, width // self.heads)
        padded = functional.pad(blocks, (0, 0, 0, 0, 0, 0, 1, 1))
        around = torch.cat([padded[:, :-2], padded[:, 1:-1], padded[:, 2:]], dim=2)
        return around.transpose(2, 3)


class Layer(nn.Module):
    """One transformer layer, normalised before each part."""

    def __init__(self, config: ActorConfig, *, dropout: float) -> None:
        super().__init__()
        width = config.width
        self.drop = SharedDropout(dropout)
        self.norm_attention = Norm(width)
        self.attention = BandedAttention(width, heads=config.heads, span=config.span)
        self.norm_feed = Norm(width)
        self.feed_in = Linear(width, config.hidden)
        self.feed_out = Linear(config.hidden, width)

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        x = x + self.drop(self.attention(self.norm_attention(x), edges))
        fed = functional.relu(self.feed_in(self.norm_feed(x)))
        return x + self.feed_out(self.drop(fed))


class EmotionEmbedding(nn.Module):
    """Intensities (B, n, 7) to a scale and a shift of the decoder's tokens (B, n, 2C).

    The linear part makes half an intensity half a shift; the small network adds what mixtures and
    strength change beyond that, and is built to give nothing for no emotion.
    """

    def __init__(self, config: ActorConfig) -> None:
        super().__init__()
        self.direct = Linear(config.emotions, 2 * config.width, bias=False)
        self.inner = Linear(config.emotions, 32)
        self.bent = Linear(32, 2 * config.width, bias=False)

    def forward(self, emotion: Tensor) -> Tensor:
        bent = torch.tanh(self.inner(emotion)) - torch.tanh(self.inner(torch.zeros_like(emotion)))
        return self.direct(emotion) + self.bent(bent)


class Listener(nn.Module):
    """A decoder that moves nothing: what a fine-tuned actor goes on hearing with."""

    def __init__(self, config: ActorConfig, *, dropout: float) -> None:
        super().__init__()
        self.emotion = EmotionEmbedding(config)
        self.decoder = nn.ModuleList(
            Layer(config, dropout=dropout) for _ in range(config.decoder_layers)
        )
        self.norm = Norm(config.width)

    def forward(self, x: Tensor, emotion: Tensor, edges: Tensor) -> Tensor:
        """Parameters: x (B, blocks·span, C), emotion (B, blocks·span, 7), edges as in `Layer`."""
        return _decoded(self, x, emotion, edges)


class Actor(nn.Module):
    """The network that performs a line.

    Parameters
    ----------
    config : ActorConfig
    dropout : float
        Share of channels left out in training, see `SharedDropout`.
    """

    hears = "features"
    """What goes in; ``"samples"`` in `rigtalk.training.encoder`."""

    def __init__(self, config: ActorConfig, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.stem = Linear(6 * config.mels, width)
        self.convs = nn.ModuleList(
            ConvBlock(width, dropout=dropout) for _ in range(config.conv_layers)
        )
        self.encoder = nn.ModuleList(
            Layer(config, dropout=dropout) for _ in range(config.encoder_layers)
        )
        self.emotion = EmotionEmbedding(config)
        self.decoder = nn.ModuleList(
            Layer(config, dropout=dropout) for _ in range(config.decoder_layers)
        )
        self.heard = Norm(width)
        self.events = Linear(width, 2 + config.phones)
        self.norm = Norm(width)
        self.afterthought = Linear(width, 2 + config.phones)
        self.listener = Listener(config, dropout=dropout) if config.listener else None
        self.pose = Linear(width, width)
        self.arkit = Linear(width, config.arkit)
        self.metahuman = Linear(width, config.metahuman)
        for layer in (self.arkit, self.metahuman):
            nn.init.normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)
        nn.init.zeros_(self.afterthought.weight)
        nn.init.zeros_(self.afterthought.bias)

    def listen(self, features: Tensor) -> Tensor:
        """From features (B, 2n, 64) at 100 Hz to what the stem takes, (B, n, C)."""
        batch, length, mels = features.shape
        return neighbours(features.reshape(batch, length // 2, 2 * mels))

    def forward(self, heard: Tensor, emotion: Tensor) -> ActorOutput:
        """Parameters: heard, as `listen` takes it, of n frames of 20 ms; emotion (B, n, 7)."""
        x = self.stem(self.listen(heard))
        frames = x.shape[1]
        for conv in self.convs:
            x = conv(x)
        x, edges = self._in_blocks(x)
        for layer in self.encoder:
            x = layer(x, edges)
        heard = self.heard(x)[:, :frames]
        felt = functional.pad(emotion, (0, 0, 0, x.shape[1] - frames))
        moved = _decoded(self, x, felt, edges)[:, :frames]
        pose = settled(functional.relu(self.pose(moved)).float())
        mended = moved
        if self.listener is not None:
            mended = self.listener(x, felt, edges)[:, :frames]
        # The encoder says what it heard; the decoder, which has looked further around, mends it.
        events = self.events(heard.float()) + self.afterthought(mended.float())
        return ActorOutput(
            arkit=self.arkit(pose),
            metahuman=self.metahuman(pose),
            closure=settled(events[..., :1])[..., 0],
            silence=events[..., 1],
            phones=events[..., 2:],
        )

    def _in_blocks(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Pad to whole blocks, and the scores that shut out frames before the start and after the
        end: (blocks, 1, 1, 3 span)."""
        span = self.config.span
        frames = x.shape[1]
        blocks = (frames + span - 1) // span
        padded = functional.pad(x, (0, 0, 0, blocks * span - frames))
        inside = functional.pad(
            torch.ones_like(x[0, :, 0]).float(), (span, (blocks + 1) * span - frames)
        )
        inside = inside.reshape(blocks + 2, span)
        around = torch.cat([inside[:-2], inside[1:-1], inside[2:]], dim=-1)
        return padded, (around[:, None, None, :] - 1.0) * -SHUT_OUT


def _decoded(part: Actor | Listener, x: Tensor, emotion: Tensor, edges: Tensor) -> Tensor:
    """What was heard, bent by the emotion and decoded, (B, blocks·span, C)."""
    scale, shift = part.emotion(emotion).chunk(2, dim=-1)
    x = x + x * scale + shift
    for layer in part.decoder:
        x = layer(x, edges)
    return part.norm(x)


def with_listener(actor: Actor, *, dropout: float = 0.0) -> Actor:
    """The same actor, with a copy of its decoder to go on hearing with while the other one learns.

    Parameters
    ----------
    actor : Actor
        Stays as it is; its listener, if it has one, is copied.
    dropout : float
    """
    copy = Actor(replace(actor.config, listener=True), dropout=dropout)
    state = actor.state_dict()
    if not actor.config.listener:
        parts = ("emotion.", "decoder.", "norm.")
        state |= {f"listener.{n}": w for n, w in actor.state_dict().items() if n.startswith(parts)}
    copy.load_state_dict(state)
    return copy
