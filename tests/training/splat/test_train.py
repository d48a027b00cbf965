from dataclasses import replace

import numpy as np
import pytest
import torch

from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.splat.lesson import Lesson
from rigtalk.training.splat.measure import linear_prediction, nearness
from rigtalk.training.splat.module import AttentionConfig
from rigtalk.training.splat.train import LearnConfig, MotionRun, predicted

CONFIG = LearnConfig(
    steps=12, frames=4, gaussians=32, warmup=3, save_steps=4,
    attention=AttentionConfig(width=8, hidden=16, window=4, sounds=2, inner=8),
)  # fmt: skip


def lesson(frames: int, seed: int) -> Lesson:
    """Gaussians that go up with the first band, aside with the square of a weight, and turn with
    neither."""
    rng = np.random.default_rng(seed)
    heard = np.repeat(rng.uniform(0, 1, (frames, 1, 64)), 4, axis=1)
    weights = rng.uniform(0, 1, (frames, 3))
    targets = np.zeros((frames, 40, 9))
    much = np.linspace(0, 1, 40)
    targets[..., 2] = 0.01 * much * heard[:, 0, :1]
    targets[..., 0] = 0.01 * (1 - much) * weights[:, :1] ** 2
    targets[..., 4] = 0.3 * weights[:, 1:2]
    return Lesson(heard.astype(np.float16), weights.astype(np.float32), targets.astype(np.float16))


@pytest.fixture(scope="module")
def learnt() -> Lesson:
    return lesson(80, 0)


FEATURES = np.stack([np.linspace(-1, 1, 40), np.ones(40)], axis=1).astype(np.float32)


def test_it_learns_what_linear_shapes_cannot(learnt):
    config = replace(CONFIG, steps=400, learning_rate=1e-2)
    trainer = MotionRun(config, FEATURES, learnt)
    trainer.run()
    held = lesson(40, 1)
    nothing = nearness(None, held, 1.0)
    linear = nearness(linear_prediction(learnt, held, 1.0), held, 1.0)
    ours = nearness(predicted(trainer.module, held), held, 1.0)
    assert ours.median < 0.8 * linear.median < 0.4 * nothing.median
    assert ours.high < nothing.high


def test_linear_prediction_is_exact_where_it_can_be(learnt):
    straight = Lesson(learnt.heard, learnt.weights, learnt.targets.copy())
    straight.targets[..., :3] = (0.02 * straight.weights[:, 2:])[:, None]
    assert nearness(linear_prediction(straight, straight, 1.0), straight, 1.0).high < 2e-5
    assert nearness(None, straight, 2.0).median == pytest.approx(0.02 * np.sqrt(3), rel=0.3)


def test_a_resumed_run_is_bit_identical(learnt, tmp_path):
    whole = MotionRun(CONFIG, FEATURES, learnt)
    whole.run()
    path = tmp_path / "run.pt"
    first = MotionRun(CONFIG, FEATURES, learnt)
    first.run(checkpoint=path, stop_at=5)
    assert first.step == 5
    second = MotionRun(CONFIG, FEATURES, learnt)
    second.resume(path)
    second.run(checkpoint=path)
    assert second.step == 12
    for name, values in whole.module.state_dict().items():
        assert torch.equal(values, second.module.state_dict()[name]), name
    assert [file.name for file in tmp_path.iterdir()] == ["run.pt"]


def test_another_seed_gives_other_weights(learnt):
    runs = [MotionRun(replace(CONFIG, seed=s), FEATURES, learnt) for s in (1, 2)]
    for run in runs:
        run.run(stop_at=2)
    assert not torch.equal(runs[0].module.inner.weight, runs[1].module.inner.weight)


def test_progress_is_told(learnt):
    told = []
    MotionRun(CONFIG, FEATURES, learnt).run(progress=lambda *now: told.append(now))
    assert [share for share, _ in told] == pytest.approx([1 / 3, 2 / 3, 1])
    assert all(loss > 0 for _, loss in told)


def test_bad_checkpoints_are_refused(learnt, tmp_path):
    trainer = MotionRun(CONFIG, FEATURES, learnt)
    with pytest.raises(RigtalkError, match="no checkpoint"):
        trainer.resume(tmp_path / "none.pt")
    (tmp_path / "junk.pt").write_bytes(b"junk")
    with pytest.raises(RigtalkError, match="cannot be read"):
        trainer.resume(tmp_path / "junk.pt")
    torch.save({"format": 9}, tmp_path / "old.pt")
    with pytest.raises(RigtalkError, match="not a checkpoint of this version"):
        trainer.resume(tmp_path / "old.pt")
    trainer.save(tmp_path / "one.pt")
    with pytest.raises(RigtalkError, match="of another run"):
        MotionRun(replace(CONFIG, seed=2), FEATURES, learnt).resume(tmp_path / "one.pt")
    fewer = Lesson(learnt.heard, learnt.weights, learnt.targets[:, :30])
    with pytest.raises(RigtalkError, match="of another run"):
        MotionRun(CONFIG, FEATURES[:30], fewer).resume(tmp_path / "one.pt")


def test_a_loss_that_is_no_number_stops_the_run(learnt):
    trainer = MotionRun(CONFIG, FEATURES, learnt)
    with torch.no_grad():
        trainer.module.output.bias.fill_(np.nan)
    with pytest.raises(RigtalkError, match="not a number"):
        trainer.learn()
