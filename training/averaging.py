"""Several runs from one beginning as one network: the mean of their weights.

Runs that began with the same weights and saw other examples end in the same valley, and its middle
is better than its sides (Wortsman et al. 2022, "Model soups: averaging weights of multiple
fine-tuned models improves accuracy without increasing inference time", section 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from rigtalk.core.files.replacing import replacing
from rigtalk.rigs.errors import RigtalkError

from .config import TrainConfig
from .loop import read_checkpoint

__all__ = ["average"]


def average(paths: Sequence[Path], target: Path) -> None:
    """Write the mean of checkpoints as one to begin with or to export.

    Parameters
    ----------
    paths : sequence of Path
        Checkpoints of networks of one size, at least two.
    target : Path
        The optimiser's state in it is that of the first of them.

    Raises
    ------
    RigtalkError
        If there are fewer than two, one cannot be read, or they are of different sizes.
    """
    if len(paths) < 2:
        raise RigtalkError("train average: give at least two checkpoints after --of")
    states = [read_checkpoint(path) for path in paths]
    sizes = [(c.actor, c.encoder) for c in (TrainConfig.from_json(s["config"]) for s in states)]
    for path, size in zip(paths, sizes, strict=True):
        if size != sizes[0]:
            raise RigtalkError(f"{path} holds a network of other sizes than {paths[0]}")
    first = states[0]
    first["actor"] = {
        name: torch.stack([state["actor"][name].float() for state in states]).mean(dim=0)
        for name in first["actor"]
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    with replacing(target) as file:
        torch.save(first, file)
