"""A larger network that begins where a smaller one has got to.

Layers that are added at the end of a stack begin by adding nothing to what passes through them, so
the larger network says exactly what the smaller one said, and learns from there (Chen et al. 2016,
"Net2Net: Accelerating learning via knowledge transfer", section 2.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from torch import Tensor

from rigtalk.rigs.errors import RigtalkError

from .config import ActorConfig
from .model import Actor

__all__ = ["grow", "grows_into"]

ADDED_TO_INPUT = (
    "attention.out.weight", "attention.out.bias", "feed_out.weight", "feed_out.bias", "out.weight",
    "out.bias",
)  # fmt: skip
"""Last steps of a layer's branches: at zero, the layer gives back what it got."""
STACKS = ("convs.", "encoder.", "decoder.")
LATER = ("afterthought.weight", "afterthought.bias")
"""Older files have none, which is the same as zeros."""


def grows_into(smaller: ActorConfig, larger: ActorConfig) -> bool:
    """Whether the one has no more layers than the other, and the same sizes otherwise."""
    counts = ("encoder_layers", "decoder_layers", "conv_layers")
    same = replace(smaller, **{name: getattr(larger, name) for name in counts}) == larger
    return same and all(getattr(smaller, name) <= getattr(larger, name) for name in counts)


def grow(weights: Mapping[str, Tensor], actor: Actor) -> None:
    """Give an actor the weights of one that is as large or has fewer layers.

    Parameters
    ----------
    weights : mapping of str to Tensor
        State of the smaller one.
    actor : Actor
        Newly made; says what the smaller one says afterwards.

    Raises
    ------
    RigtalkError
        If the weights are of a network that does not grow into this one.
    """
    state = actor.state_dict()
    fit = all(name in state and w.shape == state[name].shape for name, w in weights.items())
    new = [name for name in state if name not in weights]
    if not fit or not all(name in LATER or name.startswith(STACKS) for name in new):
        raise RigtalkError(
            "a network of other sizes: begin with the same sizes, or with more layers"
        )
    for name, own in state.items():  # which are the weights themselves
        if name in weights:
            own.copy_(weights[name])
        elif name in LATER or name.split(".", 2)[-1] in ADDED_TO_INPUT:
            own.zero_()
