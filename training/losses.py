"""What the actor is taught to care about.

Every error is measured in standard deviations of its control, so that a brow that moves little
counts as much as a jaw that moves a lot. Only what is known counts: a capture of the mouth says
nothing of the brows, and speech without a transcript nothing of its phones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from rigtalk.rigs import control_set

from .config import LossWeights
from .export import layer_owned
from .model import ActorOutput

__all__ = ["UNKNOWN_PHONE", "Batch", "Scales", "actor_losses", "total"]

UNKNOWN_PHONE = -100
"""A frame whose phone is not known; the class that torch's cross entropy passes over."""
SOFTEST = 0.03
"""Added to standard deviations: what nobody can see on a face."""
SEAL_OPENERS = (
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "mouthFunnel",
)
LIP_REGIONS = ("mouth", "jaw")
LIP_WEIGHT = 2.0


@dataclass(frozen=True)
class Batch:
    """Examples of one length, n frames of 20 ms.

    Attributes
    ----------
    features : Tensor, shape (B, 2n, 64)
    emotion : Tensor, shape (B, n, 7)
    arkit : Tensor, shape (B, n, 61)
    metahuman : Tensor, shape (B, n, 251)
    closure, silence : Tensor, shape (B, n)
        1 where the lips are sealed, where nobody speaks.
    phones : Tensor, shape (B, n), int64
        `UNKNOWN_PHONE` where not known.
    known_arkit, known_metahuman : Tensor, shape (B, 1, controls) or (B, n, controls)
        1 where the targets of a control are known, less where they count less.
    known_events : Tensor, shape (B, 1)
        1 where closure and silence are known.
    """

    features: Tensor
    emotion: Tensor
    arkit: Tensor
    metahuman: Tensor
    closure: Tensor
    silence: Tensor
    phones: Tensor
    known_arkit: Tensor
    known_metahuman: Tensor
    known_events: Tensor


class Scales:
    """How far each control usually moves, and which controls the actor owns.

    Parameters
    ----------
    arkit, metahuman : ndarray, shapes (2, 61) and (2, 251)
        Standard deviation of the values, and of their differences from frame to frame.
    """

    def __init__(self, arkit: np.ndarray, metahuman: np.ndarray) -> None:
        self.arkit_set = control_set("arkit")
        self.arkit = self._weights(self.arkit_set.name, arkit)
        self.metahuman = self._weights("metahuman", metahuman)
        names = self.arkit_set
        self.jaw, self.close = names.index("jawOpen"), names.index("mouthClose")
        self.openers = torch.from_numpy(names.indices(*SEAL_OPENERS))

    @staticmethod
    def _weights(name: str, deviations: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
        controls = control_set(name)
        weight = np.where(layer_owned(controls), 0.0, 1.0)
        weight[controls.in_region(*LIP_REGIONS)] *= LIP_WEIGHT
        position, velocity = deviations
        return (
            torch.from_numpy(position + SOFTEST).float(),
            torch.from_numpy(velocity + SOFTEST / 4).float(),
            torch.from_numpy(weight).float(),
        )


def _weighted(error: Tensor, weight: Tensor) -> Tensor:
    """Huber loss averaged over what has weight; weight broadcasts to error (B, n, C)."""
    loss = functional.smooth_l1_loss(error, torch.zeros_like(error), reduction="none")
    weight = weight.expand_as(error)
    return (loss * weight).sum() / weight.sum().clamp_min(1.0)


def _curves(
    said: Tensor, goal: Tensor, known: Tensor, scales: tuple[Tensor, Tensor, Tensor]
) -> tuple[Tensor, Tensor]:
    """Position and velocity losses of one control set."""
    position, velocity, weight = scales
    error = said - goal
    steps = known if known.shape[1] == 1 else torch.minimum(known[:, 1:], known[:, :-1])
    return (
        _weighted(error / position, known * weight),
        _weighted(error.diff(dim=1) / velocity, steps * weight),
    )


def _events(logit: Tensor, goal: Tensor, known: Tensor, *, rare: float = 1.0) -> Tensor:
    """Cross entropy of an event (B, n); `rare` weighs the frames in which it happens."""
    loss = functional.binary_cross_entropy_with_logits(logit, goal, reduction="none")
    weight = known * (1.0 + (rare - 1.0) * goal)
    return (loss * weight).sum() / weight.sum().clamp_min(1.0)


def actor_losses(said: ActorOutput, batch: Batch, scales: Scales) -> dict[str, Tensor]:
    """Each part of the loss by the name of its weight in `LossWeights`, all but correlation.

    Parameters
    ----------
    said : ActorOutput
    batch : Batch
        Targets in float32.
    scales : Scales
    """
    position, velocity = _curves(said.arkit, batch.arkit, batch.known_arkit, scales.arkit)
    mh_position, mh_velocity = _curves(
        said.metahuman, batch.metahuman, batch.known_metahuman, scales.metahuman
    )

    jaw, close = scales.jaw, scales.close
    known_gap = batch.known_arkit[..., jaw] * batch.known_arkit[..., close]
    gap = said.arkit[..., jaw] - said.arkit[..., close]
    goal_gap = batch.arkit[..., jaw] - batch.arkit[..., close]
    # The mouth's opening itself, because errors of jaw and lips may add up to a gap.
    opening = _weighted(((gap - goal_gap) / scales.arkit[0][jaw])[..., None], known_gap[..., None])
    # Sealed lips must be sealed: any gap and any lifted or lowered lip counts linearly.
    parts = torch.cat([gap[..., None], said.arkit[..., scales.openers]], dim=-1)
    sealed = batch.closure * known_gap
    leak = (functional.relu(parts).sum(dim=-1) * sealed).sum() / sealed.sum().clamp_min(1.0)

    classes = said.phones.shape[-1]
    phone = functional.cross_entropy(
        said.phones.reshape(-1, classes),
        batch.phones.reshape(-1),
        ignore_index=UNKNOWN_PHONE,
        label_smoothing=0.05,
        reduction="sum",
    ) / (batch.phones != UNKNOWN_PHONE).sum().clamp_min(1)
    return {
        "position": position + opening,
        "velocity": velocity,
        "metahuman": mh_position + mh_velocity,
        "closure": _events(said.closure, batch.closure, batch.known_events, rare=3.0),
        "seal": leak,
        "silence": _events(said.silence, batch.silence, batch.known_events),
        "phone": phone,
    }


def total(losses: dict[str, Tensor], weights: LossWeights) -> Tensor:
    """The weighted sum of the parts."""
    return torch.stack([getattr(weights, name) * loss for name, loss in losses.items()]).sum()
