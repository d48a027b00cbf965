"""The words of ``rigtalk train`` that bring an encoder."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from torch import nn

from rigtalk.rigs.errors import RigtalkError

from ..config import TrainConfig
from .checkpoint import read_config, read_model

__all__ = ["add_encoder", "check_encoder", "with_encoder"]

BATCH = 8
"""Examples in a step: an encoder of the usual size takes a hundred times the actor's work."""
LISTENING_LAYERS = 1
"""Of the actor's own, after an encoder that has a dozen."""


def add_encoder(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    group = parser.add_argument_group("encoder (corpus and actor)")
    group.add_argument(
        "--encoder",
        type=Path,
        metavar="DIR",
        help="a wav2vec 2.0, HuBERT, WavLM or data2vec checkpoint that listens in place of log-mel",
    )
    how = group.add_mutually_exclusive_group()
    how.add_argument("--encoder-frozen", action="store_true", help="it stays as it is (default)")
    how.add_argument("--fine-tune-encoder", action="store_true", help="it learns, too")
    group.add_argument(
        "--encoder-layers",
        choices=("all", "last"),
        default="all",
        help="a learnt weighted sum of its layers, or the last (default all)",
    )


def check_encoder(options: argparse.Namespace) -> None:
    """Complain before any work is done.

    Raises
    ------
    RigtalkError
        If the words do not fit together, or the folder is no checkpoint.
    """
    if options.encoder is None:
        for name in ("encoder_frozen", "fine_tune_encoder"):
            if getattr(options, name):
                raise RigtalkError(f"train: --{name.replace('_', '-')} needs --encoder DIR")
        return
    if options.step == "compare":
        raise RigtalkError("train: compare tries actors without an encoder: leave out --encoder")
    read_config(options.encoder)


def with_encoder(
    config: TrainConfig, options: argparse.Namespace
) -> tuple[TrainConfig, nn.Module | None]:
    """The run with its encoder, where one is asked for, and the encoder's weights.

    Raises
    ------
    RigtalkError
        If the checkpoint cannot be used.
    """
    if options.encoder is None:
        return config, None
    encoder = read_config(
        options.encoder, frozen=not options.fine_tune_encoder, layers=options.encoder_layers
    )
    changed = replace(
        config,
        encoder=encoder,
        batch=BATCH,
        # Samples need all their bits, and next to the encoder the rest costs nothing.
        bf16=False,
        actor=replace(config.actor, encoder_layers=LISTENING_LAYERS),
    )
    return changed, read_model(options.encoder, encoder)
