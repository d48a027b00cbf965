"""What a known region says of a hidden one, with a dependency that was planted."""

from pathlib import Path

import numpy as np
import pytest
import torch

from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.config import CorrelationConfig
from rigtalk.training.correlation import CorrelationModel, Group, train_correlation
from rigtalk.training.finetune.together import carried_over, pack_correlation, unpack_correlation

CONFIG = CorrelationConfig(width=32, heads=2, layers=1, hidden=48, window=5, stride=2)
CALM = np.zeros(7, dtype=np.float32)


@pytest.fixture(scope="module")
def model() -> CorrelationModel:
    """The brow goes up by half of what the mouth does; the nose keeps to itself."""
    generator = torch.Generator().manual_seed(1)
    mouth, nose = torch.randn(2, 4096, 5, generator=generator).cumsum(dim=2) / 2
    values = torch.stack([mouth, 0.5 * mouth, nose], dim=-1)
    torch.manual_seed(0)
    built = CorrelationModel(
        (Group("mouth C", (0,)), Group("brows C", (1,)), Group("nose C", (2,))),
        mean=values.mean(dim=(0, 1)),
        deviation=values.flatten(0, 1).std(dim=0),
        config=CONFIG,
    )
    train_correlation(built, values, torch.zeros(4096, 7), steps=400, seed=2)
    return built


def faces() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """As the actor has it, as captured (the mouth moves 0.8 further), and what is known."""
    t = np.arange(200) / 50
    before = np.stack([np.sin(3 * t), 0.5 * np.sin(3 * t) + 0.3, np.cos(t)], axis=1)
    after = before + np.array([0.8, 0.0, 0.0])
    known = np.tile([True, False, False], (200, 1))
    return before.astype(np.float32), after.astype(np.float32), known


def test_the_hidden_region_follows_the_known_one(model: CorrelationModel) -> None:
    before, after, known = faces()
    told = carried_over(model, before=before, after=after, known=known, emotion=CALM)
    assert told[:, 1].mean() == pytest.approx(0.4, abs=0.08)
    assert abs(told[:, 2].mean()) < 0.1
    assert not told[:, 0].any()


def test_where_nothing_was_captured_nothing_is_carried(model: CorrelationModel) -> None:
    before, after, known = faces()
    same = carried_over(model, before=before, after=before, known=known, emotion=CALM)
    assert not same.any()
    for none in (np.zeros_like(known), np.ones_like(known)):
        told = carried_over(model, before=before, after=after, known=none, emotion=CALM)
        assert not told.any()


def test_a_mood_lasts_and_a_syllable_does_not(model: CorrelationModel) -> None:
    before, after, known = faces()
    quick = after + np.array([0.5, 0.0, 0.0]) * np.where(np.arange(200) % 20 < 10, 1, -1)[:, None]
    slow, fast = (
        carried_over(model, before=before, after=each, known=known, emotion=CALM)[:, 1]
        for each in (after, quick.astype(np.float32))
    )
    np.testing.assert_allclose(fast, slow, atol=0.12)
    assert np.abs(np.diff(fast)).max() < 0.01  # the brow does not hop along with a mouth that does
    # Where the capture has no say, what it said around there holds on and fades.
    known = known & (np.arange(200)[:, None] < 40)
    partly = np.where(known, after, before)
    told = carried_over(model, before=before, after=partly, known=known, emotion=CALM)[:, 1]
    assert told[:60].min() > 0.25
    assert np.abs(told[130:]).max() < 1e-6


def test_it_is_kept_in_a_file(model: CorrelationModel, tmp_path: Path) -> None:
    pack_correlation(model, tmp_path / "model.npz")
    back = unpack_correlation(tmp_path / "model.npz")
    assert back.groups == model.groups
    before, after, known = faces()
    first, second = (
        carried_over(each, before=before, after=after, known=known, emotion=CALM)
        for each in (model, back)
    )
    np.testing.assert_allclose(first, second, atol=0.02)  # half precision


def test_the_embedded_one_covers_both_control_sets() -> None:
    embedded = unpack_correlation()
    columns = [column for group in embedded.groups for column in group.columns]
    assert len(set(columns)) == len(columns)
    assert min(columns) < 61 < max(columns) < 312
    assert {"brows C", "cheeks L", "mouth C", "jaw C"} <= {group.name for group in embedded.groups}
    assert not any(p.requires_grad for p in embedded.parameters())


def test_damage_is_named(tmp_path: Path) -> None:
    (tmp_path / "noise.npz").write_bytes(b"noise")
    for name in ("noise.npz", "none.npz"):
        with pytest.raises(RigtalkError, match=name):
            unpack_correlation(tmp_path / name)
