"""Spatial-audio attention over the Gaussians of a head, as torch learns it.

The first GaussianTalker (arXiv 2404.16012, section 3.3) gives every Gaussian a feature by its
place and lets it attend to a few tokens of a frame: the sound, the eyes, the viewpoint, and a null
vector that takes what does not change. Here the place is the artist's mesh: what a Gaussian starts
from is where it is and how the shapes move it, and the tokens are

    sound        parts of a window of the actor's log-mel features about the frame
    expression   the weights of the shapes, which tell blinks and feelings that no sound tells
    null         learnt, the same in every frame

There is no viewpoint: the Gaussians stand in the head's own space, and colours that depend on the
view are harmonics already. `rigtalk.core.splat.attention` is the same in numpy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rigtalk.core.features import MELS

__all__ = ["AttentionConfig", "GaussianAttention"]


@dataclass(frozen=True)
class AttentionConfig:
    """Sizes; they are kept small, as they are paid for each Gaussian and frame.

    Attributes
    ----------
    width : int
        Numbers that a Gaussian and a token have.
    heads : int
    layers : int
    hidden : int
        Of the network that ends in offsets.
    window : int
        Frames of 10 ms that are heard, half before and half after.
    sounds, expressions : int
        Tokens of the window and of the weights; `sounds` divides `window`.
    audio : bool
        Without it the sound's tokens are silent: for measuring what sound is worth.
    """

    width: int = 16
    heads: int = 2
    layers: int = 1
    hidden: int = 48
    window: int = 32
    sounds: int = 8
    expressions: int = 4
    inner: int = 64
    audio: bool = True

    @property
    def tokens(self) -> int:
        """How many there are in a frame."""
        return self.sounds + self.expressions + 1


class Tokens(nn.Module):
    """What a frame tells: (B, window, 64) and (B, shapes) to (B, tokens, width)."""

    def __init__(self, config: AttentionConfig, shapes: int) -> None:
        super().__init__()
        self.config = config
        width, rows = config.width, config.window // config.sounds
        self.sound_in = nn.Linear(rows * MELS, config.inner)
        self.sound_out = nn.Linear(config.inner, width)
        self.sound_place = nn.Parameter(torch.randn(config.sounds, width) * 0.5)
        self.weights_in = nn.Linear(shapes, config.inner)
        self.weights_out = nn.Linear(config.inner, config.expressions * width)
        self.null = nn.Parameter(torch.randn(1, width) * 0.5)

    def forward(self, heard: Tensor, weights: Tensor) -> Tensor:
        count, config = len(heard), self.config
        if not config.audio:
            heard = torch.zeros_like(heard)
        parts = heard.reshape(count, config.sounds, -1)
        sounds = self.sound_out(torch.relu(self.sound_in(parts))) + self.sound_place
        told = self.weights_out(torch.relu(self.weights_in(weights)))
        told = told.reshape(count, config.expressions, config.width)
        return torch.cat([sounds, told, self.null.expand(count, 1, -1)], dim=1)


class AttentionLayer(nn.Module):
    """Gaussians (B, n, width) look at tokens (B, T, width), and add what they see."""

    def __init__(self, config: AttentionConfig) -> None:
        super().__init__()
        width = config.width
        self.heads = config.heads
        self.query, self.key = nn.Linear(width, width), nn.Linear(width, width, bias=False)
        self.value, self.out = nn.Linear(width, width), nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor, tokens: Tensor) -> Tensor:
        def split(values: Tensor) -> Tensor:  # (B, heads, rows, size)
            return values.unflatten(-1, (self.heads, -1)).transpose(1, 2)

        query, key, value = (
            split(self.query(x)), split(self.key(tokens)), split(self.value(tokens))
        )  # fmt: skip
        scores = query @ key.transpose(-1, -2) / math.sqrt(key.shape[-1])
        seen = torch.softmax(scores, dim=-1) @ value
        return x + self.out(seen.transpose(1, 2).flatten(2))


class GaussianAttention(nn.Module):
    """Offsets of Gaussians from tokens.

    Parameters
    ----------
    config : AttentionConfig
    features : Tensor, shape (m, f)
        Of `rigtalk.training.splat.places.place_features`.
    shapes : int
        Of the head.
    channels : mapping of str to int
        What is corrected, and in how many numbers.
    scales : sequence of float
        The size that offsets of each number usually have.
    """

    features: Tensor
    scales: Tensor

    def __init__(
        self,
        config: AttentionConfig,
        features: Tensor,
        shapes: int,
        channels: Mapping[str, int],
        scales: Sequence[float] | Tensor,
    ) -> None:
        super().__init__()
        self.config, self.channels = config, dict(channels)
        size = sum(channels.values())
        self.register_buffer("features", features.float(), persistent=False)
        self.register_buffer("scales", torch.as_tensor(scales).float())
        self.place = nn.Linear(features.shape[1], config.width)
        self.own = nn.Embedding(len(features), config.width)
        nn.init.zeros_(self.own.weight)
        self.tokens = Tokens(config, shapes)
        self.layers = nn.ModuleList(AttentionLayer(config) for _ in range(config.layers))
        self.inner = nn.Linear(config.width, config.hidden)
        self.output = nn.Linear(config.hidden, size)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def embedding(self, index: Tensor) -> Tensor:
        """What Gaussians are to the attention, (m, width)."""
        return self.place(self.features[index]) + self.own(index)

    def forward(self, heard: Tensor, weights: Tensor, index: Tensor) -> Tensor:
        """Offsets (B, m, numbers), in units of `scales`.

        Parameters
        ----------
        heard : Tensor, shape (B, window, 64)
        weights : Tensor, shape (B, shapes)
        index : Tensor, shape (m,)
        """
        tokens = self.tokens(heard, weights)
        x = self.embedding(index).expand(len(tokens), -1, -1)
        for layer in self.layers:
            x = layer(x, tokens)
        return self.output(torch.relu(self.inner(x)))
