"""A trained actor read back into torch, from a checkpoint or from the ONNX file that ships.

Users have no checkpoint, so the weights are taken out of the ONNX graph. The exporter renames the
matrices, but each node keeps the path of the module that it came from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from rigtalk.core.network import EMBEDDED, Network, load_network
from rigtalk.rigs import control_set
from rigtalk.rigs.errors import RigtalkError

from ..config import ActorConfig
from ..export import OUTPUTS, ActorForExport
from ..growing import grow
from ..loop import load_actor
from ..model import Actor

__all__ = ["Pretrained", "load_pretrained"]

TOLERANCE = 1e-4
USUAL_THRESHOLD = 0.5
"""Closure threshold of a checkpoint, which holds none."""
_LAYER = re.compile(r"(encoder|decoder|convs)\.(\d+)\.")


@dataclass(frozen=True)
class Pretrained:
    """An actor to begin with.

    Attributes
    ----------
    actor : Actor
        In evaluation mode.
    closure_threshold : float
        Closure probability, 0-1, from which its lips are sealed.
    source : Path
    """

    actor: Actor
    closure_threshold: float
    source: Path


def load_pretrained(path: Path | None = None) -> Pretrained:
    """Read an actor.

    Parameters
    ----------
    path : Path, optional
        ONNX as ``rigtalk train export`` writes it, or a checkpoint (``.pt``); the embedded actor if
        absent.

    Raises
    ------
    RigtalkError
        If it is missing or damaged, or a network of another kind.
    """
    path = path or EMBEDDED
    if path.suffix == ".pt":
        actor = load_actor(path)
        if actor.hears != "features":
            raise _unfit(path)
        return Pretrained(actor, USUAL_THRESHOLD, path)
    network = load_network(path, threads=1)  # complains of what is no actor
    weights = _weights(onnx.load(str(path)))
    try:
        actor = Actor(_config(weights))
        grow(weights, actor)  # older files have fewer weights
    except (KeyError, RuntimeError, ValueError, RigtalkError):
        raise _unfit(path) from None
    actor.eval()
    _check(actor, network, path, older="afterthought.weight" not in weights)
    return Pretrained(actor, network.closure_threshold, path)


def _unfit(path: Path) -> RigtalkError:
    return RigtalkError(
        f"{path}: an actor of a kind that cannot be fine-tuned; give the embedded one or one made "
        "by `rigtalk train` without an encoder of your own"
    )


def _weights(model: onnx.ModelProto) -> dict[str, Tensor]:
    """State of the actor by the names of its parameters."""
    constants = {c.name: numpy_helper.to_array(c) for c in model.graph.initializer}
    state = {
        name.removeprefix("actor."): value
        for name, value in constants.items()
        if name.startswith("actor.")
    }
    for node in model.graph.node:
        scope, _, kind = node.name.removeprefix("/actor/").rpartition("/")
        if not node.name.startswith("/actor/"):
            continue
        module = scope.replace("/", ".")
        given = [constants[name] for name in node.input if name in constants]
        if kind == "MatMul" and given:
            state[f"{module}.weight"] = given[0].T
        elif kind == "Add" and given and given[0].ndim == 1:
            state[f"{module}.bias"] = given[0]
        elif kind == "LayerNormalization":
            state[f"{module}.weight"], state[f"{module}.bias"] = given
    return {name: torch.from_numpy(np.array(value)) for name, value in state.items()}


def _config(weights: dict[str, Tensor]) -> ActorConfig:
    """Sizes of a network, from the shapes of its weights."""

    def layers(kind: str) -> int:
        found = (_LAYER.match(name) for name in weights)
        return 1 + max(int(m[2]) for m in found if m and m[1] == kind)

    width, around = weights["stem.weight"].shape
    heads, band = weights["encoder.0.attention.bias"].shape
    return ActorConfig(
        width=width,
        heads=heads,
        encoder_layers=layers("encoder"),
        decoder_layers=layers("decoder"),
        conv_layers=layers("convs"),
        hidden=len(weights["encoder.0.feed_in.weight"]),
        span=(band - 1) // 2,
        mels=around // 6,
        emotions=weights["emotion.direct.weight"].shape[1],
        arkit=len(weights["arkit.weight"]),
        metahuman=len(weights["metahuman.weight"]),
        phones=len(weights["events.weight"]) - 2,
        listener="listener.norm.weight" in weights,
    )


@torch.no_grad()
def _check(actor: Actor, network: Network, path: Path, *, older: bool) -> None:
    """The network in torch must say what the file says."""
    promised = ActorForExport(
        actor,
        arkit=control_set("arkit"),
        metahuman=control_set("metahuman"),
        closure_threshold=network.closure_threshold,
    ).eval()
    rng = np.random.default_rng(0)
    features = rng.uniform(0, 1, (1, 120, actor.config.mels)).astype(np.float32)
    emotion = rng.uniform(0, 1, (1, 60, actor.config.emotions)).astype(np.float32)
    said = promised(torch.from_numpy(features), torch.from_numpy(emotion))
    named = dict(zip(OUTPUTS, said, strict=True))
    told = {output.name for output in network.session.get_outputs()}
    # From before curves, then closures were settled over three frames: silence is as it was.
    names = ["silence"] if older else [name for name in OUTPUTS if name in told]
    expected = network.session.run(names, {"features": features, "emotion": emotion})
    worst = max(
        np.abs(named[name].numpy() - each).max() for name, each in zip(names, expected, strict=True)
    )
    if not worst <= TOLERANCE:
        raise RigtalkError(f"{path}: its weights cannot be read back; export the actor again")
