"""Tiny encoders with random weights, saved as their owners' are, and examples that keep sound."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from rigtalk.training.config import ActorConfig, LossWeights, TrainConfig
from rigtalk.training.examples import ExampleShard, write_examples
from rigtalk.training.prepare import calm, example_of

from ..bursts import utterance as bursts

transformers = pytest.importorskip("transformers", reason="encoders need transformers")

SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 48,
    "conv_dim": (16,) * 7,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
}
LARGE = {"do_stable_layer_norm": True, "feat_extract_norm": "layer", "conv_bias": True}
"""How large models differ from base ones."""
CONFIG = TrainConfig(
    steps=3,
    batch=2,
    crop=40,
    bf16=False,
    actor=ActorConfig(width=32, heads=2, encoder_layers=1, decoder_layers=1, hidden=48, span=4),
    losses=LossWeights(correlation=0.0),
)
Make = Callable[..., Path]


@pytest.fixture(scope="session")
def make_checkpoint() -> Make:
    """Saves a tiny encoder into a folder."""
    transformers.utils.logging.disable_progress_bar()

    def make(folder: Path, family: str, **changes: object) -> Path:
        torch.manual_seed(0)
        config = getattr(transformers, f"{family}Config")(**{**SIZES, **changes})
        model = getattr(transformers, f"{family}Model")(config)
        with torch.no_grad():  # as lively as a trained one: fresh weights all but cancel
            for parameter in model.parameters():
                if parameter.ndim > 1:
                    parameter.mul_(3.0)
        model.save_pretrained(folder, safe_serialization=True)
        return folder

    return make


utterance = partial(bursts, pause=0.2, vowel=0.2)
"""Lines of 81 frames."""


@pytest.fixture(scope="session")
def shard(tmp_path_factory: pytest.TempPathFactory) -> ExampleShard:
    """Three lines of 81 frames with their sound."""
    folder = tmp_path_factory.mktemp("examples") / "lines-take0"
    rng = np.random.default_rng(0)
    lines = [example_of(utterance(seed), rng, feel=calm) for seed in range(3)]
    return write_examples(folder, lines, samples=True)


@pytest.fixture(scope="session")
def line(root: Path) -> Path:
    """The embedded line: 8 s of synthesised speech."""
    return root / "core" / "data" / "line.flac"
