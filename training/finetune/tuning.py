"""Fine-tuning itself: what comes after the emotion learns, what listens stays as it is.

Closures, silence and phones are told by the encoder, before the emotion is added, and mended by the
decoder. The encoder is frozen, and a copy of the decoder goes on mending while the decoder itself
learns, so the fine-tuned actor hears lips close in everybody's speech exactly as well as before;
only how a face moves to what was heard is learnt anew.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from rigtalk.rigs.errors import RigtalkError

from ..config import LossWeights
from ..losses import Scales, actor_losses, total
from ..model import Actor, with_listener
from ..prepare import random_emotion
from .material import SETS, Material, Version, draw, held_out_batch

__all__ = ["LEARNS", "TuneConfig", "Tuned", "scales_of", "tune"]

LEARNS = ("emotion", "decoder", "norm", "pose", "arkit", "metahuman")
"""Parts of the actor that are trained."""
CURVES = LossWeights(closure=0.0, seal=0.0, silence=0.0, phone=0.0, correlation=0.0)


@dataclass(frozen=True)
class TuneConfig:
    """One fine-tuning.

    Attributes
    ----------
    minutes : float
        Time for the training itself.
    steps : int, optional
        Budget in steps instead; then the same seed gives the same weights.
    batch, crop : int
        Examples of a step, and frames of 20 ms in each.
    checks : int
        How often in the run the held-out ends of the takes are looked at.
    learns : tuple of str
        First names of the parameters that are trained.
    bf16 : bool, optional
        Compute in bfloat16; if not said, where this machine is faster so.
    """

    minutes: float = 6.0
    steps: int | None = None
    seed: int = 1
    batch: int = 12
    crop: int = 240
    learning_rate: float = 1e-3
    warmup: float = 0.05
    weight_decay: float = 0.02
    clip: float = 1.0
    dropout: float = 0.1
    checks: int = 15
    learns: tuple[str, ...] = LEARNS
    bf16: bool | None = None


@dataclass(frozen=True, eq=False)
class Tuned:
    """What came of it.

    Attributes
    ----------
    actor : Actor
        As it was when it did best on the held-out ends of the takes.
    history : list of (float, float)
        Share of the run, and loss on those ends; the first is that of the old actor.
    best : int
        Which of them was chosen; 0 means that nothing was gained.
    steps : int
    """

    actor: Actor
    history: list[tuple[float, float]]
    best: int
    steps: int


@torch.no_grad()
def scales_of(material: Material, *, seed: int = 1) -> Scales:
    """How far each control moves in these takes: captured, and on the old actor in all moods."""
    rng = np.random.default_rng(seed)
    deviations: dict[str, list[np.ndarray]] = {name: [] for name in SETS}
    for version in material.versions:
        for begin in range(0, version.frames - 50, 500):
            at = slice(begin, min(begin + 500, version.frames))
            features = torch.from_numpy(version.clean[2 * at.start : 2 * at.stop])[None]
            mood = torch.from_numpy(random_emotion(at.stop - at.start, rng))[None]
            said = material.old(features, mood)
            for name in SETS:
                goal = getattr(said, name)[0].numpy() + version.residual[name][at]
                deviations[name].append(np.stack([goal[1:], np.diff(goal, axis=0)]))
    joined = {name: np.concatenate(parts, axis=1) for name, parts in deviations.items()}
    return Scales(*(joined[name].std(axis=1) for name in SETS))


def tune(
    material: Material,
    ends: Sequence[Version],
    config: TuneConfig,
    *,
    progress: Callable[[float, float], None] = lambda share, loss: None,
    clock: Callable[[], float] = time.perf_counter,
) -> Tuned:
    """Fine-tune the old actor.

    Parameters
    ----------
    material : Material
    ends : sequence of Version
        Takes as recorded, whose ends tell when to stop.
    config : TuneConfig
    progress : callable
        Called with the share of the run that is done and the loss on the ends: in their own moods,
        against the capture, and in every emotion, against what the old actor would make of it.

    Raises
    ------
    RigtalkError
        If a loss is not a number.
    """
    torch.manual_seed(config.seed)
    rng = np.random.default_rng(config.seed)
    scales = scales_of(material, seed=config.seed)
    kind = torch.bfloat16 if _halved(config) else torch.float32
    judged = [
        held_out_batch(material, version, own_mood=own) for version in ends for own in (True, False)
    ]
    actor = with_listener(material.old, dropout=config.dropout)
    for name, parameter in actor.named_parameters():
        parameter.requires_grad_(name.partition(".")[0] in config.learns)
    learning = [p for p in actor.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(
        [
            {"params": [p for p in learning if p.ndim >= 2], "weight_decay": config.weight_decay},
            {"params": [p for p in learning if p.ndim < 2]},
        ],
        lr=config.learning_rate,
        weight_decay=0.0,
        betas=(0.9, 0.98),
    )

    @torch.no_grad()
    def loss_on_ends() -> float:
        actor.eval()
        parts = [
            total(actor_losses(actor(b.features, b.emotion), b, scales), CURVES) for b in judged
        ]
        actor.train()
        return float(torch.stack(parts).mean())

    history = [(0.0, loss_on_ends())]
    best, kept = 0, copy.deepcopy(actor.state_dict())
    began, step = clock(), 0

    def done() -> float:
        if config.steps:
            return min(1.0, step / config.steps)
        return min(1.0, (clock() - began) / (60.0 * config.minutes))

    while (share := done()) < 1.0:
        for group in optimiser.param_groups:
            group["lr"] = config.learning_rate * _rate(share, config.warmup)
        batch = draw(material, rng, batch=config.batch, crop=config.crop, kind=kind)
        said = actor(batch.features.to(kind), batch.emotion.to(kind))
        losses = actor_losses(said, batch, scales)
        loss = total(losses, CURVES)
        if not torch.isfinite(loss):
            raise RigtalkError(f"the loss of step {step} is not a number; look at the captures")
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(learning, config.clip)
        optimiser.step()
        step += 1
        if done() >= len(history) / config.checks:
            history.append((done(), loss_on_ends()))
            progress(*history[-1])
            if history[-1][1] < history[best][1]:
                best, kept = len(history) - 1, copy.deepcopy(actor.state_dict())
    result = Actor(actor.config)
    result.load_state_dict(kept)
    return Tuned(result.eval(), history, best, step)


def _halved(config: TuneConfig) -> bool:
    """Whether to compute in bfloat16: some processors are five times as fast, others slower."""
    if config.bf16 is not None:
        return config.bf16

    def seconds(kind: torch.dtype) -> float:
        matrix = torch.ones(512, 512, dtype=kind)
        matrix @ matrix  # the first product sets things up
        began = time.perf_counter()
        for _ in range(4):
            matrix @ matrix
        return time.perf_counter() - began

    return seconds(torch.bfloat16) < seconds(torch.float32)


def _rate(share: float, warmup: float) -> float:
    """Linear warm-up, then half a cosine down to nothing."""
    if share < warmup:
        return (share + 1e-3) / warmup
    return 0.5 * (1.0 + math.cos(math.pi * (share - warmup) / (1.0 - warmup)))
