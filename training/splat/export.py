"""From torch's module to the arrays that a head carries."""

from __future__ import annotations

import numpy as np
import torch

from rigtalk.core.splat.attention import Attention

from .module import GaussianAttention

__all__ = ["export_attention"]


def export_attention(
    module: GaussianAttention, index: np.ndarray, *, size: float = 1.0
) -> Attention:
    """The same in numpy.

    Parameters
    ----------
    module : GaussianAttention
    index : np.ndarray, shape (m,)
        Which Gaussians of the head its places are, rising.
    size : float
        What positions were divided by.

    Raises
    ------
    RigtalkError
        If a number is not finite, or too large for half precision.
    """
    weights = {
        name: values.detach().double().numpy() for name, values in module.state_dict().items()
    }
    with torch.no_grad():
        embedding = module.embedding(torch.arange(len(module.features))).numpy()
    scales = module.scales.double().numpy().copy()
    at = 0
    for name, count in module.channels.items():
        if name == "positions":
            scales[at : at + count] *= size
        at += count
    layers = range(module.config.layers)

    def stacked(name: str) -> np.ndarray:
        return np.stack([weights[f"layers.{layer}.{name}"].T for layer in layers])

    tokens = {
        "sound_in": weights["tokens.sound_in.weight"].T,
        "sound_in_bias": weights["tokens.sound_in.bias"],
        "sound_out": weights["tokens.sound_out.weight"].T,
        "sound_place": weights["tokens.sound_place"] + weights["tokens.sound_out.bias"],
        "weights_in": weights["tokens.weights_in.weight"].T,
        "weights_in_bias": weights["tokens.weights_in.bias"],
        "weights_out": weights["tokens.weights_out.weight"].T,
        "weights_out_bias": weights["tokens.weights_out.bias"],
        "null": weights["tokens.null"],
    }
    if not module.config.audio:  # it has learnt with silence, and is to hear it always
        tokens["sound_in"] = np.zeros_like(tokens["sound_in"])
    return Attention(
        tuple(module.channels),
        module.config.heads,
        {
            "index": index,
            "embedding": embedding,
            **tokens,
            "query": stacked("query.weight"),
            "query_bias": stacked("query.bias"),
            "key": stacked("key.weight"),
            "value": stacked("value.weight"),
            "value_bias": stacked("value.bias"),
            "out": stacked("out.weight"),
            "inner": weights["inner.weight"].T,
            "inner_bias": weights["inner.bias"],
            "output": weights["output.weight"].T * scales,
            "output_bias": weights["output.bias"] * scales,
        },
    )
