"""How the regions of a face move together: a masked transformer, and the loss it gives the actor.

After CSTalk (arXiv 2404.18604, section 3.2): the controls of a face are grouped by region and side;
each group is a token; a transformer that knows the emotion learns to say what the hidden groups do
from what the visible ones do. Frozen, it tells the actor where its regions do not belong together.
Tokens here span a short window of time, because a brow that moves half a second after the jaw is as
wrong as one that does not move.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from rigtalk.rigs.controls import ControlSet

from .config import CorrelationConfig

__all__ = [
    "CorrelationModel",
    "Group",
    "correlation_loss",
    "groups_of",
    "hidden_sets",
    "linear_r2",
    "masked_r2",
    "train_correlation",
    "windows",
]

STILL = 1e-3
"""A control whose standard deviation is below this does not move and joins no group."""


@dataclass(frozen=True)
class Group:
    """A region on one side of the face, over both control sets.

    Attributes
    ----------
    name : str
        Such as ``"mouth L"``.
    columns : tuple of int
        Its controls in the joined vector, ARKit first.
    """

    name: str
    columns: tuple[int, ...]


def groups_of(sets: tuple[ControlSet, ...], deviation: np.ndarray) -> tuple[Group, ...]:
    """The groups of the controls that move.

    Both sets share a group: else a hidden region could be read off from its twin.

    Parameters
    ----------
    sets : tuple of ControlSet
        In the order in which their controls are joined.
    deviation : ndarray, shape (controls,)
        Standard deviation of each joined control in the training data.
    """
    columns: dict[str, list[int]] = {}
    joined = [control for controls in sets for control in controls.controls]
    for i, control in enumerate(joined):
        if deviation[i] > STILL:
            columns.setdefault(f"{control.region} {control.side}", []).append(i)
    return tuple(Group(name, tuple(members)) for name, members in columns.items())


class CorrelationModel(nn.Module):
    """Tells hidden groups from visible ones.

    Parameters
    ----------
    groups : tuple of Group
    mean, deviation : Tensor, shape (controls,)
        Of the training data; the model works on normalised values.
    config : CorrelationConfig
    emotions : int
        Length of the emotion vector.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        groups: tuple[Group, ...],
        *,
        mean: Tensor,
        deviation: Tensor,
        config: CorrelationConfig,
        emotions: int = 7,
    ) -> None:
        super().__init__()
        self.groups, self.config = groups, config
        self.register_buffer("mean", mean.float())
        self.register_buffer("deviation", deviation.float().clamp_min(STILL))
        width, window = config.width, (config.window + 1) // 2
        self.embed = nn.ModuleList(nn.Linear(window * len(g.columns), width) for g in groups)
        self.unknown = nn.Parameter(torch.randn(width) * 0.02)
        self.place = nn.Parameter(torch.randn(len(groups), width) * 0.02)
        self.emotion = nn.Linear(emotions, width)
        layer = nn.TransformerEncoderLayer(
            width, config.heads, config.hidden, dropout=0.0, batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, config.layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)
        self.reveal = nn.ModuleList(nn.Linear(width, window * len(g.columns)) for g in groups)
        # What is linear takes a way of its own, so that the tokens need not copy it digit by digit.
        self.sizes = [window * len(g.columns) for g in groups]
        self.straight = nn.Linear(sum(self.sizes) + len(groups) + emotions, sum(self.sizes))
        nn.init.zeros_(self.straight.weight)
        nn.init.zeros_(self.straight.bias)

    def normalised(self, values: Tensor) -> list[Tensor]:
        """Values (N, window, controls) as one (N, frames·members) tensor for each group.

        Every other frame is left out: a face does not turn round within 20 ms.
        """
        scaled = (values[:, ::2] - self.mean) / self.deviation
        return [scaled[..., g.columns].flatten(1) for g in self.groups]

    def forward(
        self, values: Tensor, emotion: Tensor, hidden: Tensor
    ) -> tuple[list[Tensor], Tensor]:
        """Parameters: values (N, window, controls), emotion (N, 7), hidden (N, groups) bool.

        Returns each group's windows (N, frames·members), normalised, and the tokens (N, groups, C).
        """
        parts = self.normalised(values)
        tokens = torch.stack([e(part) for e, part in zip(self.embed, parts, strict=True)], dim=1)
        tokens = torch.where(hidden[..., None], self.unknown, tokens)
        tokens = tokens + self.place + self.emotion(emotion)[:, None]
        tokens = self.norm(self.layers(tokens))
        seen = [part * ~hidden[:, i, None] for i, part in enumerate(parts)]
        straight = self.straight(torch.cat([*seen, hidden.to(emotion.dtype), emotion], dim=1))
        told = zip(self.reveal, straight.split(self.sizes, dim=1), strict=True)
        return [r(tokens[:, i]) + line for i, (r, line) in enumerate(told)], tokens


def windows(values: Tensor, config: CorrelationConfig) -> Tensor:
    """Windows of curves: (B, n, C) -> (B·count, window, C), each `stride` frames after the last."""
    cut = values.unfold(1, config.window, config.stride)  # (B, count, C, window)
    return cut.permute(0, 1, 3, 2).flatten(0, 1)


def _hide(model: CorrelationModel, count: int, generator: torch.Generator) -> Tensor:
    """Which groups are hidden in each window: at least one, not all.

    Half of the windows hide whole regions, with both their sides: else one side of the face would
    tell the other, and nothing would be learnt of how brows go with mouths.
    """
    regions = [group.name.split()[0] for group in model.groups]
    names = sorted(set(regions))
    home = torch.tensor([names.index(region) for region in regions])
    share = model.config.masked
    each = torch.rand(count, len(regions), generator=generator)
    whole = torch.rand(count, len(names), generator=generator)[:, home]
    by_region = torch.rand(count, 1, generator=generator) < 0.5
    hidden = torch.where(by_region, whole, each) < share
    one = torch.randint(len(regions), (count,), generator=generator)
    none = ~hidden.any(dim=1)
    hidden[none] |= (home == home[one][:, None])[none]
    hidden[hidden.all(dim=1), 0] = False
    return hidden


def _hidden_error(told: list[Tensor], truth: list[Tensor], hidden: Tensor) -> Tensor:
    """Mean squared error of the hidden groups, each group counting the same."""
    errors = torch.stack(
        [(a - b).square().mean(dim=1) for a, b in zip(told, truth, strict=True)], dim=1
    )
    return (errors * hidden).sum() / hidden.sum().clamp_min(1)


def train_correlation(
    model: CorrelationModel,
    values: Tensor,
    emotion: Tensor,
    *,
    steps: int,
    seed: int,
    batch: int = 256,
    learning_rate: float = 2e-3,
) -> list[float]:
    """Teach the model windows of ground truth.

    Parameters
    ----------
    values : Tensor, shape (N, window, controls)
        Anything that can be indexed with a tensor, so that it may stay on disk.
    emotion : Tensor, shape (N, 7)

    Returns
    -------
    list of float
        The loss of each step.
    """
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=learning_rate, total_steps=max(steps, 2)
    )
    losses = []
    model.train()
    for _ in range(steps):
        pick = torch.randint(len(values), (batch,), generator=generator)
        frames, felt = values[pick].float(), emotion[pick].float()
        hidden = _hide(model, batch, generator)
        told, _ = model(frames, felt, hidden)
        loss = _hidden_error(told, model.normalised(frames), hidden)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        losses.append(float(loss.detach()))
    model.eval()
    return losses


def hidden_sets(model: CorrelationModel) -> dict[str, list[int]]:
    """What is hidden when the model is judged: each group alone, and each region with all sides."""
    regions: dict[str, list[int]] = {}
    for i, group in enumerate(model.groups):
        regions.setdefault(group.name.split()[0], []).append(i)
    alone = {group.name: [i] for i, group in enumerate(model.groups)}
    return {**alone, **{name: members for name, members in regions.items() if len(members) > 1}}


@torch.no_grad()
def masked_r2(model: CorrelationModel, values: Tensor, emotion: Tensor) -> dict[str, float]:
    """R² of what is hidden, on windows the model has not seen; 0 is the mean's, 1 perfect.

    Variance is about the mean of these windows, so a constant cannot score above 0. The names are
    those of `hidden_sets`.
    """
    parts = model.normalised(values.float())
    result = {}
    for name, members in hidden_sets(model).items():
        hidden = torch.zeros(len(values), len(model.groups), dtype=torch.bool)
        hidden[:, members] = True
        told, _ = model(values.float(), emotion.float(), hidden)
        result[name] = _r2([told[i] for i in members], [parts[i] for i in members])
    return result


@torch.no_grad()
def linear_r2(
    model: CorrelationModel,
    train: tuple[Tensor, Tensor],
    test: tuple[Tensor, Tensor],
    *,
    ridge: float = 1.0,
) -> dict[str, float]:
    """The same score for ridge regression from the visible groups and the emotion.

    Parameters
    ----------
    train, test : (values (N, window, controls), emotion (N, 7))
    """
    seen, unseen = model.normalised(train[0].float()), model.normalised(test[0].float())

    def inputs(parts: list[Tensor], emotion: Tensor, members: list[int]) -> Tensor:
        visible = [part for j, part in enumerate(parts) if j not in members]
        return torch.cat([*visible, emotion.float(), torch.ones(len(emotion), 1)], dim=1)

    result = {}
    for name, members in hidden_sets(model).items():
        x = inputs(seen, train[1], members)
        goal = torch.cat([seen[i] for i in members], dim=1)
        weights = torch.linalg.solve(x.T @ x + ridge * torch.eye(x.shape[1]), x.T @ goal)
        told = inputs(unseen, test[1], members) @ weights
        result[name] = _r2([told], [torch.cat([unseen[i] for i in members], dim=1)])
    return result


def _r2(told: list[Tensor], truth: list[Tensor]) -> float:
    left = sum((a - b).square().sum() for a, b in zip(told, truth, strict=True))
    spread = sum((b - b.mean(dim=0)).square().sum() for b in truth)
    return float(1.0 - left / torch.as_tensor(spread).clamp_min(1e-9))


def correlation_loss(
    model: CorrelationModel,
    *,
    performed: Tensor,
    truth: Tensor,
    emotion: Tensor,
    generator: torch.Generator,
) -> Tensor:
    """What a frozen correlation model has to say about the actor's frames.

    Three parts: a region must be what the actor's own other regions suggest; the suggestions must
    be those that the true regions give; and the model must see the same face (its tokens).

    Parameters
    ----------
    performed, truth : Tensor, shape (B, n, controls)
        Joined control sets.
    emotion : Tensor, shape (B, n, 7)
    generator : torch.Generator
        Chooses the hidden groups.
    """
    frames, goal = windows(performed, model.config), windows(truth, model.config)
    felt = windows(emotion, model.config).mean(dim=1)
    hidden = _hide(model, len(frames), generator)
    told, tokens = model(frames, felt, hidden)
    with torch.no_grad():
        told_truth, tokens_truth = model(goal, felt, hidden)
    together = _hidden_error(told, model.normalised(frames), hidden)
    # What the model gets wrong on real frames is not the actor's fault: only the excess counts.
    with torch.no_grad():
        allowed = _hidden_error(told_truth, model.normalised(goal), hidden)
    same = _hidden_error(told, told_truth, hidden)
    seen = functional.mse_loss(tokens, tokens_truth)
    return functional.relu(together - allowed) + same + 0.1 * seen
