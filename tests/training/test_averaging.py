"""The mean of checkpoints is a checkpoint; what cannot be averaged is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.averaging import average
from rigtalk.training.config import ActorConfig, TrainConfig
from rigtalk.training.loop import Corpora, Trainer, load_actor
from rigtalk.training.losses import Scales

TINY = ActorConfig(width=32, heads=2, encoder_layers=1, decoder_layers=1, hidden=48, span=4)


def saved(path: Path, seed: int, config: ActorConfig = TINY) -> Path:
    scales = Scales(np.full((2, 61), 0.1), np.full((2, 251), 0.1))
    Trainer(TrainConfig(seed=seed, actor=config), Corpora([]), scales).save(path)
    return path


def test_every_weight_is_the_mean(tmp_path: Path) -> None:
    paths = [saved(tmp_path / f"{seed}.pt", seed) for seed in (1, 2, 3)]
    average(paths, tmp_path / "new" / "mean.pt")
    mean = load_actor(tmp_path / "new" / "mean.pt").state_dict()
    each = [load_actor(path).state_dict() for path in paths]
    for name, weights in mean.items():
        torch.testing.assert_close(weights, sum(one[name] for one in each) / 3)
    assert not torch.equal(each[0]["stem.weight"], each[1]["stem.weight"])


def test_what_cannot_be_averaged_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    one = saved(tmp_path / "one.pt", 1)
    wide = saved(tmp_path / "wide.pt", 1, replace(TINY, hidden=64))
    broken = tmp_path / "broken.pt"
    broken.write_bytes(b"nothing")
    target = tmp_path / "mean.pt"
    for paths, because in (
        ([], "at least two"),
        ([one], "at least two"),
        ([one, wide], "wide.pt holds a network of other sizes than .*one.pt"),
        ([one, broken], "broken.pt cannot be read"),
        ([one, tmp_path / "gone.pt"], "no checkpoint at .*gone.pt"),
    ):
        with pytest.raises(RigtalkError, match=because):
            average(paths, target)
        assert not target.exists()
