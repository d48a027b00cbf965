"""Training of the attention on known motion: seeded, resumable, in minutes on one core.

Of the Gaussians and frames each step takes a few; a Gaussian is seen again every few steps. Stopped
and resumed, a run gives the same weights, bit for bit, as one that was not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from rigtalk.core.files.replacing import replacing
from rigtalk.rigs.errors import RigtalkError

from .lesson import Lesson
from .module import AttentionConfig, GaussianAttention
from .targets import TARGET_CHANNELS

__all__ = ["LEAST", "LearnConfig", "MotionRun", "Run", "predicted"]

FORMAT = 1
POSITION_WEIGHT = 3.0
"""What a shift is worth in the loss, of a turn or a stretch."""
MOTION = sum(TARGET_CHANNELS.values())
LEAST: Mapping[str, float] = {
    "positions": 1e-4,
    "log_scales": 1e-3,
    "rotations": 1e-3,
    "opacity_logits": 0.3,
    "sh": 0.3,
}
"""Units of offsets where takes show none that are larger; positions in parts of the head's size."""


@dataclass(frozen=True)
class LearnConfig:
    """How a run goes.

    Attributes
    ----------
    steps : int
    frames, gaussians : int
        Of a step.
    learning_rate : float
    warmup : int
        Steps in which the rate rises; then it falls along half a cosine.
    seed : int
    save_steps : int
        Between checkpoints.
    attention : AttentionConfig
    """

    steps: int = 3000
    frames: int = 16
    gaussians: int = 1024
    learning_rate: float = 4e-3
    warmup: int = 50
    seed: int = 1
    save_steps: int = 500
    attention: AttentionConfig = field(default_factory=AttentionConfig)


class Run:
    """A module, its optimiser and where it is; what is learnt from is a subclass's.

    Parameters
    ----------
    config : LearnConfig
    module : GaussianAttention
    """

    def __init__(self, config: LearnConfig, module: GaussianAttention) -> None:
        self.config, self.module, self.step = config, module, 0
        self.optimiser = torch.optim.Adam(module.parameters(), lr=config.learning_rate, fused=True)

    def loss(self, generator: torch.Generator) -> Tensor:
        """Of one step, drawn with a generator of its own, so that a resumed run draws the same."""
        raise NotImplementedError

    def learning_rate(self) -> float:
        """Linear warm-up, then half a cosine down to a fiftieth."""
        config = self.config
        rise = min(1.0, (self.step + 1) / config.warmup)
        along = self.step / config.steps
        return config.learning_rate * rise * (0.02 + 0.49 * (1 + math.cos(math.pi * along)))

    def learn(self) -> float:
        """One step; returns the loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.learning_rate()
        loss = self.loss(torch.Generator().manual_seed(self.config.seed * 1_000_003 + self.step))
        if not torch.isfinite(loss):
            raise RigtalkError(
                f"the loss of step {self.step} is not a number: lower the learning rate"
            )
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        self.step += 1
        return float(loss.detach())

    def run(
        self,
        *,
        checkpoint: Path | None = None,
        stop_at: int | None = None,
        progress: Callable[[float, float], None] = lambda share, loss: None,
    ) -> None:
        """Learn until the steps are used up.

        Parameters
        ----------
        checkpoint : Path, optional
            Written every `LearnConfig.save_steps` and at the end.
        stop_at : int, optional
            Leave after this step, as if interrupted.
        progress : callable
            Called now and then with the share done, 0-1, and the mean loss since the last call.
        """
        recent: list[float] = []
        while self.step < self.config.steps and self.step != stop_at:
            recent.append(self.learn())
            if self.step % self.config.save_steps == 0:
                progress(self.step / self.config.steps, sum(recent) / len(recent))
                recent = []
                if checkpoint:
                    self.save(checkpoint)
        if checkpoint:
            self.save(checkpoint)

    def save(self, path: Path) -> None:
        """Write a checkpoint beside its final name and rename it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "format": FORMAT,
            "config": asdict(self.config),
            "module": self.module.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
        }
        with replacing(path) as file:
            torch.save(state, file)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint of the same head, takes and sizes.

        Raises
        ------
        RigtalkError
            If it cannot be read or is of another run.
        """
        state = _read(path)
        same = state["config"] | {"steps": 0} == asdict(self.config) | {"steps": 0}
        ours = {name: value.shape for name, value in self.module.state_dict().items()}
        if not same or ours != {name: value.shape for name, value in state["module"].items()}:
            raise RigtalkError(
                f"{path} is of another run: give the same words, or leave out --resume"
            )
        self.module.load_state_dict(state["module"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]


class MotionRun(Run):
    """Learns offsets that are known.

    Parameters
    ----------
    config : LearnConfig
    features : np.ndarray, shape (m, f)
        Of `place_features`.
    lesson : Lesson
        Of the same m Gaussians.
    channels : mapping of str to int
        What the module changes: those of motion first, others stay as they are.
    """

    def __init__(
        self,
        config: LearnConfig,
        features: np.ndarray,
        lesson: Lesson,
        channels: Mapping[str, int] = TARGET_CHANNELS,
    ) -> None:
        torch.manual_seed(config.seed)
        parts = np.split(lesson.targets.astype(np.float32), 3, axis=2)
        usual = {name: float(part.std()) for name, part in zip(TARGET_CHANNELS, parts, strict=True)}
        scales = [
            max(usual.get(name, 0.0), LEAST[name])
            for name, size in channels.items()
            for _ in range(size)
        ]
        shapes = lesson.weights.shape[1]
        super().__init__(
            config,
            GaussianAttention(
                config.attention, torch.from_numpy(features), shapes, channels, scales
            ),
        )
        self._heard = torch.from_numpy(lesson.heard)
        self._weights = torch.from_numpy(lesson.weights)
        self._targets = torch.from_numpy(lesson.targets)
        self._worth = torch.tensor([POSITION_WEIGHT] * 3 + [1.0] * 6)

    def loss(self, generator: torch.Generator) -> Tensor:
        """How far some Gaussians are off in some frames."""
        config = self.config
        frames = torch.randint(len(self._weights), (config.frames,), generator=generator)
        most = self._targets.shape[1]
        some = torch.randint(most, (min(config.gaussians, most),), generator=generator)
        truth = self._targets[frames][:, some].float() / self.module.scales[:MOTION]
        said = self.module(self._heard[frames].float(), self._weights[frames], some)[..., :MOTION]
        loss = functional.smooth_l1_loss(said, truth, beta=0.3, reduction="none")
        return (loss * self._worth).mean()


def predicted(module: GaussianAttention, lesson: Lesson) -> np.ndarray:
    """What a module says about the frames of a lesson, (F, m, numbers) float32."""
    index = torch.arange(len(module.features))
    parts: list[Tensor] = []
    with torch.no_grad():
        for frame in range(len(lesson)):
            heard = torch.from_numpy(lesson.heard[frame : frame + 1]).float()
            weights = torch.from_numpy(lesson.weights[frame : frame + 1])
            parts.append(module(heard, weights, index) * module.scales)
    return torch.cat(parts).numpy()


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise RigtalkError(f"there is no checkpoint at {path}: leave out --resume")
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:
        # torch.load's complaints have no common type; the file is what is wrong in all of them.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RigtalkError(f"{path} cannot be read as a checkpoint ({reason})") from None
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise RigtalkError(f"{path} is not a checkpoint of this version: train again")
    return state
