"""What a captured region says of those that were not captured.

After CSTalk (arXiv 2404.18604, section 3.2), the frozen correlation model knows how the regions of
a face move together in an emotion. Where the whole face is known it has nothing to add. In a
capture of the mouth alone it has: it is asked twice what the hidden regions do, once beside the
mouth that was captured and once beside the mouth that the old actor performs, and the difference is
added to what the old actor does there. Its own errors, the same both times, drop out.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from rigtalk.core.files.replacing import replacing
from rigtalk.rigs.errors import RigtalkError

from ..config import CorrelationConfig
from ..correlation import CorrelationModel, Group

__all__ = ["EMBEDDED", "carried_over", "pack_correlation", "unpack_correlation"]

EMBEDDED = Path(__file__).parent / "correlation.npz"
STRIDE = 4
"""Frames between windows; the answer is linear in between."""
SLOW_FRAMES = 75
"""The answer is averaged over so many frames either way, 1.5 s: a mood lasts, and what differs from
sound to sound is this speaker's articulation, which says nothing of brows."""
_ENTRY = "weight:"


def pack_correlation(model: CorrelationModel, path: Path) -> None:
    """Write a correlation model as NPZ, in half precision.

    Raises
    ------
    RigtalkError
        If it cannot be written.
    """
    facts = {
        "config": asdict(model.config),
        "groups": [[group.name, list(group.columns)] for group in model.groups],
    }
    weights = {
        _ENTRY + name: value.numpy().astype(np.float16)
        for name, value in model.state_dict().items()
    }
    with replacing(path) as file:
        np.savez_compressed(file, facts=np.array(json.dumps(facts)), **weights)


def unpack_correlation(path: Path = EMBEDDED) -> CorrelationModel:
    """Read what `pack_correlation` wrote; frozen.

    Raises
    ------
    RigtalkError
        If it is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            facts = json.loads(str(stored["facts"]))
            weights = {
                name.removeprefix(_ENTRY): torch.from_numpy(stored[name].astype(np.float32))
                for name in stored.files
                if name.startswith(_ENTRY)
            }
        model = CorrelationModel(
            tuple(Group(name, tuple(columns)) for name, columns in facts["groups"]),
            mean=weights["mean"],
            deviation=weights["deviation"],
            config=CorrelationConfig(**facts["config"]),
        )
        model.load_state_dict(weights)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        raise RigtalkError(f"{path}: no correlation model, or damaged; install it again") from None
    return model.eval().requires_grad_(requires_grad=False)


def carried_over(
    model: CorrelationModel,
    *,
    before: np.ndarray,
    after: np.ndarray,
    known: np.ndarray,
    emotion: np.ndarray,
) -> np.ndarray:
    """What must be added to regions of which nothing is known.

    Parameters
    ----------
    model : CorrelationModel
    before : ndarray, shape (n, controls)
        Joined control sets as the old actor performs them, at 50 Hz.
    after : ndarray, shape (n, controls)
        The same with what was captured in its place.
    known : ndarray, shape (n, controls), bool
    emotion : ndarray, shape (7,)
        In which both are.

    Returns
    -------
    ndarray, shape (n, controls), float32
        0 in every region of which something is known, and where both faces are the same for long.
    """
    result = np.zeros(before.shape, dtype=np.float32)
    ever = known.any(axis=0)
    hidden = torch.tensor([not ever[list(group.columns)].any() for group in model.groups])
    if hidden.all() or not hidden.any() or len(before) < model.config.window:
        return result
    told = _told(model, after, emotion, hidden) - _told(model, before, emotion, hidden)
    middles = np.arange(len(told)) * STRIDE + model.config.window // 2
    frames, counts = np.arange(len(before)), known.any(axis=1).astype(np.float64)
    for i in torch.nonzero(hidden)[:, 0].tolist():
        for column in model.groups[i].columns:
            curve = np.interp(frames, middles, told[:, column])
            result[:, column] = _sums(curve * counts) / np.maximum(_sums(counts), 1.0)
    return result


def _sums(curve: np.ndarray) -> np.ndarray:
    """Sum over `SLOW_FRAMES` either way, shape (n,)."""
    sums = np.cumsum(np.pad(curve, (SLOW_FRAMES + 1, SLOW_FRAMES)), dtype=np.float64)
    return sums[2 * SLOW_FRAMES + 1 :] - sums[: -2 * SLOW_FRAMES - 1]


@torch.no_grad()
def _told(
    model: CorrelationModel, values: np.ndarray, emotion: np.ndarray, hidden: torch.Tensor
) -> np.ndarray:
    """What the model says in the middle of each window, shape (windows, controls)."""
    size = model.config.window
    rows = np.arange(0, len(values) - size + 1, STRIDE)[:, None] + np.arange(size)
    cut = torch.from_numpy(np.asarray(values, dtype=np.float32)[rows])
    mood = torch.from_numpy(emotion).expand(len(cut), -1)
    said, _ = model(cut, mood, hidden.expand(len(cut), -1))
    frames = (size + 1) // 2  # the model sees every other frame
    result = np.zeros((len(cut), values.shape[1]), dtype=np.float32)
    for group, part in zip(model.groups, said, strict=True):
        columns = list(group.columns)
        middle = part.reshape(len(cut), frames, len(columns))[:, frames // 2]
        result[:, columns] = (middle * model.deviation[columns] + model.mean[columns]).numpy()
    return result
