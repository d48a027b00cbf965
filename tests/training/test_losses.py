"""Each loss sees what it is for, and only what is known."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rigtalk.rigs import control_set
from rigtalk.training.config import LossWeights
from rigtalk.training.losses import UNKNOWN_PHONE, Batch, Scales, actor_losses, total
from rigtalk.training.model import ActorOutput

ARKIT = control_set("arkit")
JAW, CLOSE = ARKIT.index("jawOpen"), ARKIT.index("mouthClose")


@pytest.fixture
def scales() -> Scales:
    return Scales(np.full((2, 61), 0.1), np.full((2, 251), 0.1))


@pytest.fixture
def batch() -> Batch:
    generator = torch.Generator().manual_seed(0)
    size, frames = 2, 30
    arkit = torch.rand(size, frames, 61, generator=generator) * 0.4
    closure = torch.zeros(size, frames)
    closure[:, 10:14] = 1
    arkit[..., CLOSE] = arkit[..., JAW] * closure
    return Batch(
        features=torch.zeros(size, 2 * frames, 64),
        emotion=torch.zeros(size, frames, 7),
        arkit=arkit,
        metahuman=torch.rand(size, frames, 251, generator=generator) * 0.4,
        closure=closure,
        silence=torch.zeros(size, frames),
        phones=torch.randint(40, (size, frames), generator=generator),
        known_arkit=torch.ones(size, 1, 61),
        known_metahuman=torch.ones(size, 1, 251),
        known_events=torch.ones(size, 1),
    )


def perfect(batch: Batch) -> ActorOutput:
    phones = torch.nn.functional.one_hot(batch.phones, 40).float() * 12
    return ActorOutput(
        batch.arkit.clone(),
        batch.metahuman.clone(),
        batch.closure * 20 - 10,
        batch.silence * 20 - 10,
        phones,
    )


def test_a_perfect_actor_loses_nothing_but_the_smoothing(batch: Batch, scales: Scales) -> None:
    losses = actor_losses(perfect(batch), batch, scales)
    for name in ("position", "velocity", "metahuman"):
        assert float(losses[name]) == pytest.approx(0.0, abs=1e-6)
    assert float(losses["closure"]) < 1e-3
    assert float(losses["silence"]) < 1e-3


@pytest.mark.parametrize("loss", ["position", "velocity"])
def test_trembling_costs_velocity_more_than_an_offset_does(
    batch: Batch, scales: Scales, loss: str
) -> None:
    offset, trembling = perfect(batch), perfect(batch)
    offset.arkit[..., JAW] += 0.05
    trembling.arkit[:, ::2, JAW] += 0.05
    trembling.arkit[:, 1::2, JAW] -= 0.05
    a, b = (float(actor_losses(said, batch, scales)[loss]) for said in (offset, trembling))
    if loss == "velocity":
        assert a == pytest.approx(0.0, abs=1e-6)
        assert b > 1e-3
    else:
        assert b == pytest.approx(a, rel=0.01)


def test_only_the_seal_loss_asks_for_closed_lips_in_closures(batch: Batch, scales: Scales) -> None:
    leaking, open_elsewhere = perfect(batch), perfect(batch)
    leaking.arkit[:, 10:14, CLOSE] -= 0.1
    open_elsewhere.arkit[:, 20:24, CLOSE] -= 0.1
    sealed, leak, free = (
        float(actor_losses(said, batch, scales)["seal"])
        for said in (perfect(batch), leaking, open_elsewhere)
    )
    assert leak == pytest.approx(sealed + 0.1, abs=0.011)
    assert free == pytest.approx(sealed)


def test_gradients_reach_every_output_and_stay_finite(batch: Batch, scales: Scales) -> None:
    said = ActorOutput(*(torch.randn_like(part).requires_grad_() for part in perfect(batch)))
    loss = total(actor_losses(said, batch, scales), LossWeights())
    loss.backward()
    for part in said:
        assert part.grad is not None
        assert torch.isfinite(part.grad).all()
        assert part.grad.abs().max() > 0
    # Layers of their own are no business of the actor.
    assert said.arkit.grad is not None
    assert said.arkit.grad[..., ARKIT.index("eyeBlinkLeft")].abs().max() == 0
    assert said.arkit.grad[..., ARKIT.index("headYaw")].abs().max() == 0


def test_what_is_not_known_does_not_count(batch: Batch, scales: Scales) -> None:
    only_jaw = torch.zeros(2, 1, 61)
    only_jaw[..., JAW] = 1
    unknown = replace(
        batch,
        known_arkit=only_jaw,
        known_metahuman=torch.zeros(2, 1, 251),
        known_events=torch.zeros(2, 1),
        phones=torch.full_like(batch.phones, UNKNOWN_PHONE),
    )
    said = ActorOutput(*(torch.randn_like(part).requires_grad_() for part in perfect(batch)))
    total(actor_losses(said, unknown, scales), LossWeights()).backward()
    assert said.arkit.grad is not None
    touched = said.arkit.grad.abs().sum(dim=(0, 1)).nonzero()[:, 0].tolist()
    assert touched == [JAW]
    for part in (said.metahuman, said.closure, said.silence, said.phones):
        assert part.grad is None or part.grad.abs().max() == 0
