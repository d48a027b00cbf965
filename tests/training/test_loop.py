"""Training: it learns, it can be stopped and resumed, it balances its data."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.config import ActorConfig, LossWeights, TrainConfig
from rigtalk.training.examples import Example, ExampleShard, write_examples
from rigtalk.training.export import export_actor
from rigtalk.training.loop import Corpora, Trainer, load_actor
from rigtalk.training.losses import Scales

TINY = ActorConfig(width=32, heads=2, encoder_layers=1, decoder_layers=1, hidden=48, span=4)
CONFIG = TrainConfig(
    steps=12,
    batch=4,
    crop=24,
    actor=TINY,
    bf16=False,
    log_steps=4,
    losses=LossWeights(correlation=0.0),
)


def line(frames: int, rng: np.random.Generator) -> Example:
    """A mouth that opens with the sound of one band and shuts with another."""
    opening = np.clip(np.convolve(rng.normal(0.2, 1.0, frames), np.ones(5) / 5, "same"), 0, 0.6)
    closure = (opening < 0.05).astype(float)
    features = np.zeros((2 * frames, 64))
    features[:, :32] = np.repeat(opening, 2)[:, None]
    features[:, 32:] = np.repeat(closure, 2)[:, None]
    arkit = np.zeros((frames, 61))
    arkit[:, 17] = opening
    return Example(
        features=features,
        emotion=np.zeros((frames, 7)),
        arkit=arkit,
        metahuman=np.zeros((frames, 251)),
        closure=closure,
        silence=np.zeros(frames),
        phones=(closure * 3).astype(np.uint8),
    )


@pytest.fixture(scope="module")
def shard(tmp_path_factory: pytest.TempPathFactory) -> ExampleShard:
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("examples") / "lines"
    return write_examples(folder, [line(60, rng) for _ in range(6)])


@pytest.fixture(scope="module")
def scales() -> Scales:
    return Scales(np.full((2, 61), 0.1), np.full((2, 251), 0.1))


def test_it_learns_a_batch_by_heart(shard: ExampleShard, scales: Scales) -> None:
    config = replace(CONFIG, steps=60, learning_rate=5e-3)
    trainer = Trainer(config, Corpora([shard]), scales)
    batch = trainer.draw(3, 0.0)  # one that the disguises do not bury under noise
    losses = [trainer.learn(batch) for _ in range(60)]
    assert losses[-1]["position"] < 0.25 * losses[0]["position"]
    assert losses[-1]["closure"] < 0.3 * losses[0]["closure"]
    assert losses[-1]["phone"] < 0.5 * losses[0]["phone"]


def test_resumed_training_is_bit_identical(
    shard: ExampleShard, scales: Scales, tmp_path: Path
) -> None:
    whole = Trainer(CONFIG, Corpora([shard]), scales)
    whole.run()
    first = Trainer(CONFIG, Corpora([shard]), scales)
    first.run(checkpoint=tmp_path / "actor.pt", stop_at=5)
    assert first.step == 5
    second = Trainer(CONFIG, Corpora([shard]), scales)
    second.resume(tmp_path / "actor.pt")
    second.run(checkpoint=tmp_path / "actor.pt")
    assert second.step == whole.step == CONFIG.steps
    loaded = load_actor(tmp_path / "actor.pt").state_dict()
    for name, weight in whole.actor.state_dict().items():
        assert torch.equal(weight, second.actor.state_dict()[name]), name
        assert torch.equal(weight, loaded[name]), name
    assert not list(tmp_path.glob("*.part"))


def test_a_run_may_begin_with_the_weights_of_another(
    shard: ExampleShard, scales: Scales, tmp_path: Path
) -> None:
    first = Trainer(CONFIG, Corpora([shard]), scales)
    first.run(checkpoint=tmp_path / "first.pt")
    second = Trainer(replace(CONFIG, seed=5), Corpora([shard]), scales)
    second.adopt(tmp_path / "first.pt")
    for name, weights in first.actor.state_dict().items():
        assert torch.equal(weights, second.actor.state_dict()[name])
    assert second.step == 0
    assert second.progress == 0.0
    other = Trainer(replace(CONFIG, actor=replace(TINY, hidden=64)), Corpora([shard]), scales)
    with pytest.raises(RigtalkError, match="other sizes"):
        other.adopt(tmp_path / "first.pt")


@pytest.mark.filterwarnings("ignore")  # torch's exporter warns of its own folding
def test_a_run_may_begin_with_an_exported_actor(
    shard: ExampleShard, scales: Scales, tmp_path: Path
) -> None:
    trainer = Trainer(CONFIG, Corpora([shard]), scales)
    trainer.run()
    first = trainer.actor.eval()
    export_actor(first, tmp_path / "first.onnx", closure_threshold=0.5)
    second = Trainer(replace(CONFIG, seed=5), Corpora([shard]), scales)
    second.adopt(tmp_path / "first.onnx")
    for name, weights in first.state_dict().items():
        torch.testing.assert_close(weights, second.actor.state_dict()[name])
    other = Trainer(replace(CONFIG, actor=replace(TINY, hidden=64)), Corpora([shard]), scales)
    with pytest.raises(RigtalkError, match="other sizes"):
        other.adopt(tmp_path / "first.onnx")


def test_another_seed_gives_other_weights(shard: ExampleShard, scales: Scales) -> None:
    runs = []
    for seed in (1, 2):
        trainer = Trainer(replace(CONFIG, steps=2, seed=seed), Corpora([shard]), scales)
        trainer.run()
        runs.append(trainer.actor.stem.weight)
    assert not torch.equal(*runs)


def test_the_log_holds_losses_and_figures_of_the_judge(
    shard: ExampleShard, scales: Scales, tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    trainer = Trainer(CONFIG, Corpora([shard]), scales, log=log)
    trainer.run(evaluate=lambda actor: {"recall": 0.5})
    rows = [json.loads(row) for row in log.read_text().splitlines()]
    assert [row["step"] for row in rows] == [4, 8, 12, 12]
    assert rows[-1]["recall"] == 0.5
    assert {"position", "velocity", "closure", "seal", "silence", "phone", "loss"} <= set(rows[0])
    assert rows[0]["rate"] > rows[2]["rate"] > 0


def test_people_join_in_the_second_part_of_the_run(shard: ExampleShard) -> None:
    corpora = Corpora([shard], real=[shard], captures=[shard])
    config = replace(CONFIG, real_from=0.4, real_share=0.5, capture_share=0.1)
    assert [m.share for m in corpora.mixture(0.39, config)] == [1.0]
    assert [m.share for m in corpora.mixture(0.4, config)] == pytest.approx([0.5, 0.1, 0.4])
    # Without synthetic speech there is nothing to wait for.
    assert [m.share for m in Corpora([], real=[shard]).mixture(0.0, config)] == [0.5]


def test_a_minute_budget_ends_the_run(shard: ExampleShard, scales: Scales) -> None:
    trainer = Trainer(replace(CONFIG, steps=None, minutes=0.005), Corpora([shard]), scales)
    trainer.run()
    assert trainer.seconds >= 0.3
    assert trainer.progress == 1.0


def test_a_loss_that_is_not_a_number_stops_the_run(shard: ExampleShard, scales: Scales) -> None:
    trainer = Trainer(CONFIG, Corpora([shard]), scales)
    batch = trainer.draw(0, 0.0)
    with pytest.raises(RigtalkError, match="not a number"):
        trainer.learn(replace(batch, arkit=batch.arkit * torch.nan))


def test_bad_checkpoints_are_refused(shard: ExampleShard, scales: Scales, tmp_path: Path) -> None:
    trainer = Trainer(CONFIG, Corpora([shard]), scales)
    with pytest.raises(RigtalkError, match="no checkpoint"):
        trainer.resume(tmp_path / "absent.pt")
    (tmp_path / "junk.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(RigtalkError, match="cannot be read"):
        load_actor(tmp_path / "junk.pt")
    torch.save({"format": 99}, tmp_path / "old.pt")
    with pytest.raises(RigtalkError, match="not a checkpoint of this version"):
        load_actor(tmp_path / "old.pt")
    trainer.save(tmp_path / "tiny.pt")
    other = Trainer(replace(CONFIG, actor=replace(TINY, width=16)), Corpora([shard]), scales)
    with pytest.raises(RigtalkError, match="other sizes"):
        other.resume(tmp_path / "tiny.pt")
