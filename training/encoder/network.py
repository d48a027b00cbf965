"""The actor with a pretrained encoder in front: samples in, the same curves out."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..config import ActorConfig, EncoderConfig, TrainConfig
from ..model import Actor, Linear
from .checkpoint import build_model

__all__ = [
    "CONTEXT_SECONDS",
    "WINDOW_SECONDS",
    "EncodedActor",
    "Encoder",
    "make_network",
    "parameter_groups",
]

WINDOW_SECONDS = 20.0
"""How much is heard at a time: what encoders of this kind were trained on, 15 to 20 s."""
CONTEXT_SECONDS = 3.0
"""How much of a window's inner edges is left to its neighbours."""


class Encoder(nn.Module):
    """A pretrained encoder, a frame for each 20 ms of ours.

    Its frame ``i`` covers samples ``320 i`` to ``320 i + 399`` of what it is given, ours is centred
    on sample ``320 i``. With half its field of zeros (the mean) in front, its frames are centred on
    ours to half a sample (31 µs), there are as many of them, and nothing needs interpolation: the
    hop of both is 20 ms exactly, only the count of frames makes it seem 49.95 Hz.

    Parameters
    ----------
    model : Module
        From `rigtalk.training.encoder.checkpoint`.
    config : EncoderConfig
    """

    def __init__(self, model: nn.Module, config: EncoderConfig) -> None:
        super().__init__()
        self.model, self.config = model, config
        self.width = int(model.config.hidden_size)
        field, hop = 1, 1
        for kernel, stride in zip(model.config.conv_kernel, model.config.conv_stride, strict=True):
            field += (kernel - 1) * hop
            hop *= stride
        self.ahead = field // 2
        self.shares = None
        if config.layers == "all":
            self.shares = nn.Parameter(torch.zeros(model.config.num_hidden_layers + 1))
        still = model if config.frozen else model.feature_extractor
        still.requires_grad_(requires_grad=False)

    def train(self, mode: bool = True) -> Encoder:
        """As of any module, but what is frozen drops nothing out."""
        super().train(mode)
        if self.config.frozen:
            self.model.eval()
        return self

    def forward(self, samples: Tensor) -> Tensor:
        """Samples (B, 320n) to frames (B, n, width), each normalised."""
        padded = functional.pad(samples, (self.ahead, 0))
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.config.frozen):
            said = self.model(padded, output_hidden_states=True, return_dict=True)
        if self.shares is None:
            return self._even(said.last_hidden_state)
        # Layers differ in size by orders of magnitude; their shares should not have to undo that.
        layers = torch.stack([self._even(layer) for layer in said.hidden_states], dim=-1)
        return layers @ torch.softmax(self.shares, dim=0)

    def _even(self, layer: Tensor) -> Tensor:
        return functional.layer_norm(layer, (self.width,))


class EncodedActor(Actor):
    """An actor that hears samples through an encoder.

    Parameters
    ----------
    config : ActorConfig
    encoder : Encoder
    dropout : float
        Of the actor's own layers.
    """

    hears = "samples"

    def __init__(self, config: ActorConfig, encoder: Encoder, *, dropout: float = 0.0) -> None:
        super().__init__(config, dropout=dropout)
        self.pretrained = encoder
        self.stem = Linear(encoder.width, config.width)

    def listen(self, samples: Tensor) -> Tensor:
        """From samples (B, 320n) to what the stem takes, (B, n, C)."""
        return self.pretrained(samples)


def make_network(config: TrainConfig, model: nn.Module | None = None) -> Actor:
    """The network of a run.

    Parameters
    ----------
    config : TrainConfig
    model : Module, optional
        The encoder with its weights; random ones, to be loaded, if absent.
    """
    if config.encoder is None:
        return Actor(config.actor, dropout=config.dropout)
    encoder = Encoder(model or build_model(config.encoder.model), config.encoder)
    return EncodedActor(config.actor, encoder, dropout=config.dropout)


def parameter_groups(actor: Actor, config: TrainConfig) -> list[dict[str, Any]]:
    """What learns, for the optimiser: matrices decay, others do not, an encoder learns slowly."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {(True, False): [], (False, False): []}
    for name, parameter in actor.named_parameters():
        if parameter.requires_grad:
            key = (parameter.ndim >= 2, name.startswith("pretrained.model."))
            groups.setdefault(key, []).append(parameter)
    rate = config.encoder.rate if config.encoder else 1.0
    return [
        {
            "params": parameters,
            "weight_decay": config.weight_decay if decays else 0.0,
            "rate": rate if pretrained else 1.0,
        }
        for (decays, pretrained), parameters in groups.items()
    ]
