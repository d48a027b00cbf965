"""Examples survive storage; batches are reproducible; augmentation keeps to its bounds."""

from pathlib import Path

import numpy as np
import pytest

from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.disguise import as_heard
from rigtalk.training.examples import (
    NO_PHONE,
    Example,
    ExampleShard,
    Mixture,
    draw_batch,
    heard_features,
    write_examples,
)
from rigtalk.training.losses import UNKNOWN_PHONE


def line(frames: int, seed: int) -> Example:
    rng = np.random.default_rng(seed)
    return Example(
        features=rng.uniform(0, 1.25, (2 * frames, 64)).astype(np.float32),
        emotion=rng.uniform(0, 1, (frames, 7)),
        arkit=rng.uniform(0, 1, (frames, 61)),
        metahuman=rng.uniform(0, 1, (frames, 251)),
        closure=np.zeros(frames),
        silence=np.ones(frames),
        phones=np.full(frames, NO_PHONE if seed else 7, dtype=np.uint8),
    )


def test_a_shard_gives_back_what_was_written(tmp_path: Path) -> None:
    lines = [line(20, 0), line(31, 1)]
    known = np.arange(61) == 17
    write_examples(tmp_path / "a", lines, known_arkit=known, known_events=False)
    shard = ExampleShard.open(tmp_path / "a")
    assert shard.frames == 51
    assert shard.starts.tolist() == [0, 20]
    assert shard.name == "a"
    assert shard.known_arkit.tolist() == known.tolist()
    assert shard.known_metahuman.all()
    batch = draw_batch([Mixture([shard], 1.0)], seed=0, step=0, batch=1, crop=51, augment=False)
    both = as_heard(np.concatenate([one.features for one in lines]))
    # Levels are kept in steps of 1.75 / 255, curves as float16.
    np.testing.assert_allclose(batch.features[0].numpy(), both, atol=0.01)
    np.testing.assert_allclose(batch.arkit[0, 20:].numpy(), lines[1].arkit, atol=5e-4)
    assert batch.phones[0, 0] == 7
    assert batch.phones[0, 50] == UNKNOWN_PHONE
    assert batch.known_arkit[0, 0].sum() == 1
    assert batch.known_events[0, 0] == 0


def test_batches_depend_on_seed_and_step_alone(tmp_path: Path) -> None:
    shard = write_examples(tmp_path / "a", [line(200, 0)])
    mixtures = [Mixture([shard], 1.0)]

    def features(seed: int, step: int) -> np.ndarray:
        return draw_batch(mixtures, seed=seed, step=step, batch=2, crop=16).features.numpy()

    assert np.array_equal(features(1, 5), features(1, 5))
    assert not np.array_equal(features(1, 5), features(1, 6))
    assert not np.array_equal(features(1, 5), features(2, 5))


def test_a_short_shard_is_followed_by_silence(tmp_path: Path) -> None:
    shard = write_examples(tmp_path / "a", [line(10, 0)])
    batch = draw_batch([Mixture([shard], 1.0)], seed=0, step=0, batch=1, crop=16, augment=False)
    assert batch.features.shape == (1, 32, 64)
    assert batch.features[0, 20:].abs().max() == 0
    assert batch.arkit[0, 10:].abs().max() == 0
    assert batch.silence[0, 10:].min() == 1
    assert (batch.phones[0, 10:] == UNKNOWN_PHONE).all()


def test_features_of_a_shard_are_heard_line_by_line(tmp_path: Path) -> None:
    lines = [line(120, 0), line(150, 1)]
    expected = [as_heard(one.features) for one in lines]
    lines[1].features[:] -= 0.3  # a quiet line is as loud to the actor as any other
    shard = write_examples(tmp_path / "a", lines)
    heard = heard_features(shard)
    np.testing.assert_allclose(heard, np.concatenate(expected), atol=0.02)


def test_an_unfinished_or_empty_shard_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RigtalkError, match="not a training shard"):
        ExampleShard.open(tmp_path)
    with pytest.raises(RigtalkError, match="nothing to write"):
        write_examples(tmp_path / "none", [])
    assert not list(tmp_path.iterdir())
