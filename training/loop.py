"""The actor's training: budgeted, seeded, resumable.

The learning rate and the mixture of data follow the progress of the run, which is its share of a
number of steps, or of minutes where the machine's speed is not known. Counted in steps, a run that
was stopped and resumed gives the same weights, bit for bit, as one that was not.
"""

from __future__ import annotations

import json
import math
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from rigtalk.core.files.replacing import replacing
from rigtalk.rigs.errors import RigtalkError

from .config import TrainConfig
from .correlation import CorrelationModel, correlation_loss
from .encoder.network import make_network, parameter_groups
from .examples import ExampleShard, Mixture, draw_batch
from .growing import grow, grows_into
from .losses import Batch, Scales, actor_losses, total
from .model import Actor

__all__ = ["Corpora", "Trainer", "load_actor", "read_checkpoint"]

FORMAT = 1


@dataclass(frozen=True)
class Corpora:
    """What there is to learn from; lists may be empty, but not all of them."""

    synthetic: Sequence[ExampleShard]
    real: Sequence[ExampleShard] = ()
    captures: Sequence[ExampleShard] = ()

    def mixture(self, progress: float, config: TrainConfig) -> list[Mixture]:
        """Synthetic speech first; from `TrainConfig.real_from` on, people join."""
        kinds = (
            Mixture(self.real, config.real_share, config.spliced),
            Mixture(self.captures, config.capture_share),
        )
        people = [mixture for mixture in kinds if mixture.shards and mixture.share > 0]
        if self.synthetic and progress < config.real_from:
            return [Mixture(self.synthetic, 1.0)]
        left = 1.0 - sum(mixture.share for mixture in people)
        return [*people, *([Mixture(self.synthetic, left)] if self.synthetic and left > 0 else [])]


class Trainer:
    """One run.

    Parameters
    ----------
    config : TrainConfig
    corpora : Corpora
    scales : Scales
    correlation : CorrelationModel, optional
        Frozen; without it the correlation loss is left out.
    log : Path, optional
        Lines of JSON are added to it.
    pretrained : Module, optional
        The encoder that `TrainConfig.encoder` describes, with its weights.
    """

    def __init__(
        self,
        config: TrainConfig,
        corpora: Corpora,
        scales: Scales,
        *,
        correlation: CorrelationModel | None = None,
        log: Path | None = None,
        pretrained: nn.Module | None = None,
    ) -> None:
        torch.set_num_threads(config.threads)
        torch.manual_seed(config.seed)
        self.config, self.corpora, self.scales, self.log = config, corpora, scales, log
        self.actor = make_network(config, pretrained)
        self.correlation = correlation
        if correlation is not None:
            correlation.eval().requires_grad_(requires_grad=False)
        self.optimiser = torch.optim.AdamW(
            parameter_groups(self.actor, config),
            lr=config.learning_rate,
            weight_decay=0.0,
            betas=(0.9, 0.98),
            fused=True,
        )
        self.step, self.seconds = 0, 0.0

    @property
    def progress(self) -> float:
        """Share of the budget that is used up, 0-1."""
        if self.config.steps:
            return min(1.0, self.step / self.config.steps)
        return min(1.0, self.seconds / (60.0 * self.config.minutes))

    def learning_rate(self) -> float:
        """Linear warm-up, then half a cosine down to a fiftieth."""
        progress, warmup = self.progress, self.config.warmup
        if progress < warmup:
            return self.config.learning_rate * (progress + 1e-3) / warmup
        along = (progress - warmup) / (1.0 - warmup)
        return self.config.learning_rate * (0.02 + 0.98 * 0.5 * (1.0 + math.cos(math.pi * along)))

    def learn(self, batch: Batch) -> dict[str, float]:
        """One step; returns the parts of the loss."""
        self.actor.train()
        for group in self.optimiser.param_groups:
            group["lr"] = self.learning_rate() * group.get("rate", 1.0)
        kind = torch.bfloat16 if self.config.bf16 else torch.float32
        said = self.actor(batch.features.to(kind), batch.emotion.to(kind))
        losses = actor_losses(said, batch, self.scales)
        if self.correlation is not None:
            losses["correlation"] = self._together(said.arkit, said.metahuman, batch)
        loss = total(losses, self.config.losses)
        if not torch.isfinite(loss):
            raise RigtalkError(
                f"the loss of step {self.step} is not a number: lower the learning rate and resume"
            )
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.actor.parameters(), self.config.clip)
        self.optimiser.step()
        self.step += 1
        return {name: float(value.detach()) for name, value in {**losses, "loss": loss}.items()}

    def _together(self, arkit: Tensor, metahuman: Tensor, batch: Batch) -> Tensor:
        """The correlation loss of the examples whose whole face is known."""
        assert self.correlation is not None  # noqa: S101 -- for the type checker; learn() asked.
        whole = batch.known_arkit.all(dim=-1)[:, 0] & batch.known_metahuman.all(dim=-1)[:, 0]
        # A few examples each step are enough, and keep the step short.
        rows = whole.nonzero()[:, 0][: self.config.correlation_rows]
        if len(rows) == 0:
            return arkit.sum() * 0.0
        generator = torch.Generator().manual_seed(self.config.seed * 1_000_003 + self.step)
        return correlation_loss(
            self.correlation,
            performed=torch.cat([arkit[rows], metahuman[rows]], dim=-1),
            truth=torch.cat([batch.arkit[rows], batch.metahuman[rows]], dim=-1),
            emotion=batch.emotion[rows],
            generator=generator,
        )

    def draw(self, step: int, progress: float) -> Batch:
        """The batch of a step."""
        config = self.config
        mixtures = self.corpora.mixture(progress, config)
        return draw_batch(
            mixtures,
            seed=config.seed,
            step=step,
            batch=config.batch,
            crop=config.crop,
            encoder=config.encoder,
        )

    def run(
        self,
        *,
        checkpoint: Path | None = None,
        evaluate: Callable[[Actor], dict[str, float]] | None = None,
        stop_at: int | None = None,
    ) -> None:
        """Train until the budget is used up.

        Parameters
        ----------
        checkpoint : Path, optional
            Written every `TrainConfig.save_minutes` and at the end.
        evaluate : callable, optional
            Called with the actor every `TrainConfig.evaluate_minutes` and at the end; its figures
            go to the log.
        stop_at : int, optional
            Leave after this step, as if interrupted.
        """
        saved = judged = self.seconds
        recent: list[dict[str, float]] = []
        with ThreadPoolExecutor(1, initializer=_stand_back) as pool:
            drawn = pool.submit(self.draw, self.step, self.progress)
            while self.progress < 1.0 and self.step != stop_at:
                began = time.perf_counter()
                batch = drawn.result()
                # In steps, the next batch's progress is known; in minutes it is nearly this one's.
                ahead = (self.step + 1) / self.config.steps if self.config.steps else self.progress
                drawn = pool.submit(self.draw, self.step + 1, ahead)
                recent.append(self.learn(batch))
                self.seconds += time.perf_counter() - began
                if len(recent) == self.config.log_steps:
                    self._note(_mean(recent))
                    recent = []
                if checkpoint and self.seconds - saved > 60 * self.config.save_minutes:
                    self.save(checkpoint)
                    saved = self.seconds
                if evaluate and self.seconds - judged > 60 * self.config.evaluate_minutes:
                    self._note(evaluate(self.actor.eval()))
                    judged = self.seconds
        if checkpoint:
            self.save(checkpoint)
        if evaluate and self.progress >= 1.0:
            self._note(evaluate(self.actor.eval()))

    def _note(self, figures: dict[str, float]) -> None:
        if self.log is None:
            return
        line = {"step": self.step, "minutes": round(self.seconds / 60, 3)}
        rounded = {name: round(value, 5) for name, value in figures.items()}
        with self.log.open("a") as file:
            file.write(json.dumps({**line, "rate": self.learning_rate(), **rounded}) + "\n")

    def save(self, path: Path) -> None:
        """Write a checkpoint beside its final name and rename it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "format": FORMAT,
            "config": self.config.to_json(),
            "actor": self.actor.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "random": torch.get_rng_state(),
        }
        with replacing(path) as file:
            torch.save(state, file)

    def adopt(self, path: Path) -> None:
        """Begin with the weights of a finished run, and a new schedule.

        Parameters
        ----------
        path : Path
            A checkpoint, or an exported actor (``.onnx``) without an encoder. It may have fewer
            layers than this run's actor, which then says the same at first.

        Raises
        ------
        RigtalkError
            If the file cannot be read, or is of sizes that do not grow into these.
        """
        if path.suffix == ".onnx":
            from .finetune.pretrained import load_pretrained  # which builds on this module

            actor = load_pretrained(path).actor
            stored, weights = TrainConfig(actor=actor.config), actor.state_dict()
        else:
            state = read_checkpoint(path)
            stored, weights = TrainConfig.from_json(state["config"]), state["actor"]
        if stored.encoder != self.config.encoder or not grows_into(stored.actor, self.config.actor):
            raise RigtalkError(f"{path} holds a network of other sizes: begin with the same sizes")
        grow(weights, self.actor)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint of a network of the same sizes.

        Raises
        ------
        RigtalkError
            If it cannot be read or is of other sizes.
        """
        state = read_checkpoint(path)
        if not self._fits(state):
            raise RigtalkError(f"{path} holds a network of other sizes: resume with the same sizes")
        self.actor.load_state_dict(state["actor"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.seconds = state["step"], state["seconds"]
        torch.set_rng_state(state["random"])

    def _fits(self, state: dict[str, Any]) -> bool:
        stored = TrainConfig.from_json(state["config"])
        return (stored.actor, stored.encoder) == (self.config.actor, self.config.encoder)


def load_actor(path: Path) -> Actor:
    """The actor of a checkpoint, ready to perform.

    Raises
    ------
    RigtalkError
        If the checkpoint cannot be read.
    """
    state = read_checkpoint(path)
    actor = make_network(TrainConfig.from_json(state["config"]))
    grow(state["actor"], actor)  # older checkpoints have fewer weights
    return actor.eval()


def read_checkpoint(path: Path) -> dict[str, Any]:
    """What `Trainer.save` wrote.

    Raises
    ------
    RigtalkError
        If there is no checkpoint, or it cannot be read.
    """
    if not path.is_file():
        raise RigtalkError(f"there is no checkpoint at {path}: train first, or leave out --resume")
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:
        # torch.load's complaints have no common type; the file is what is wrong in all of them.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RigtalkError(
            f"{path} cannot be read as a checkpoint ({reason}): train again"
        ) from None
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise RigtalkError(f"{path} is not a checkpoint of this version: train again")
    return state


def _mean(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}


def _stand_back() -> None:
    """The thread that draws batches gives way to the one that learns, where the system can."""
    with suppress(OSError, AttributeError):
        # A little only: on a busy machine it would never run, and the learner wait for it.
        own = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(19, own + 2))
