"""The correlation model finds a dependency that was planted, and tells the actor of its absence."""

import numpy as np
import pytest
import torch

from rigtalk.rigs.controls import Control, ControlSet
from rigtalk.training.config import CorrelationConfig
from rigtalk.training.correlation import (
    CorrelationModel,
    correlation_loss,
    groups_of,
    linear_r2,
    masked_r2,
    train_correlation,
    windows,
)

CONFIG = CorrelationConfig(width=32, heads=2, layers=2, hidden=48, window=3, stride=2)
FACE = ControlSet(
    "toy",
    1,
    tuple(
        Control(name, region, side, 0.0, 1.0, name)
        for name, region, side in (
            ("brow_l", "brows", "L"),
            ("brow_r", "brows", "R"),
            ("jaw_a", "jaw", "C"),
            ("jaw_b", "jaw", "C"),
            ("still", "nose", "C"),
        )
    ),
)


def planted(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Right brow follows left; the jaw is |left| in joy and its mirror image without."""
    generator = torch.Generator().manual_seed(seed)
    left = torch.randn(count, 3, generator=generator).cumsum(dim=1) / 2
    joy = torch.randint(2, (count,), generator=generator).float()
    emotion = torch.zeros(count, 7)
    emotion[:, 0] = joy
    jaw = (left.abs() - 0.8) * (2 * joy - 1)[:, None]
    noise = 0.05 * torch.randn(count, 3, generator=generator)
    values = torch.stack([left, left + noise, jaw, -jaw, torch.zeros_like(jaw)], dim=-1)
    return values, emotion


@pytest.fixture(scope="module")
def model() -> CorrelationModel:
    torch.manual_seed(0)
    values, emotion = planted(4096, 1)
    deviation = values.flatten(0, 1).std(dim=0)
    groups = groups_of((FACE,), deviation.numpy())
    built = CorrelationModel(
        groups, mean=values.mean(dim=(0, 1)), deviation=deviation, config=CONFIG
    )
    losses = train_correlation(built, values, emotion, steps=400, seed=2)
    assert np.mean(losses[-20:]) < 0.6 * np.mean(losses[:20])
    return built


def test_groups_join_sets_by_region_and_side_and_leave_out_what_is_still() -> None:
    groups = groups_of((FACE, FACE), np.array([1, 1, 1, 1, 0, 1, 1, 1, 0, 0]))
    assert {g.name: g.columns for g in groups} == {
        "brows L": (0, 5),
        "brows R": (1, 6),
        "jaw C": (2, 3, 7),
    }


def test_windows_are_slices_in_order() -> None:
    values = torch.arange(2 * 8 * 1).reshape(2, 8, 1)
    cut = windows(values, CONFIG)
    assert cut.shape == (6, 3, 1)
    assert cut[1, :, 0].tolist() == [2, 3, 4]
    assert cut[3, :, 0].tolist() == [8, 9, 10]


def test_hidden_regions_are_told_better_than_by_the_mean_or_by_a_linear_map(
    model: CorrelationModel,
) -> None:
    train, test = planted(2048, 1), planted(1024, 3)
    told = masked_r2(model, *test)
    linear = linear_r2(model, train, test)
    assert told["brows R"] > 0.9
    # Sign times magnitude has hardly a linear part: ridge regression barely beats the mean.
    assert linear["jaw C"] < 0.3
    assert told["jaw C"] > linear["jaw C"] + 0.3
    # With both brows hidden, the jaw tells how far they are from rest but not on which side.
    assert told["brows"] < 0.5 < told["brows L"]


def test_loss_is_small_on_real_faces_and_grows_when_regions_part(model: CorrelationModel) -> None:
    values, emotion = planted(256, 5)
    felt = emotion[:, None].expand(-1, 3, -1)

    def loss(performed: torch.Tensor) -> float:
        generator = torch.Generator().manual_seed(0)
        told = correlation_loss(
            model, performed=performed, truth=values, emotion=felt, generator=generator
        )
        return float(told.detach())

    parted = values.clone()
    parted[..., 1] = parted[torch.randperm(256, generator=torch.Generator().manual_seed(1)), :, 1]
    assert loss(values) == pytest.approx(0.0, abs=1e-5)
    assert loss(parted) > 0.2


def test_loss_pulls_a_lost_brow_back_to_the_other(model: CorrelationModel) -> None:
    values, emotion = planted(64, 6)
    brow = torch.zeros(64, 3, requires_grad=True)
    descent = torch.optim.Adam([brow], lr=0.05)
    for step in range(60):
        performed = torch.cat([values[..., :1], brow[..., None], values[..., 2:]], dim=-1)
        loss = correlation_loss(
            model,
            performed=performed,
            truth=values,
            emotion=emotion[:, None].expand(-1, 3, -1),
            generator=torch.Generator().manual_seed(step),
        )
        descent.zero_grad()
        loss.backward()
        descent.step()
    found, wanted = brow.detach().mean(dim=1), values[..., 1].mean(dim=1)
    assert np.corrcoef(found.numpy(), wanted.numpy())[0, 1] > 0.8
