"""Spliced lines are made of whole sounds of other lines, targets and sound together."""

from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.speech.phones import SEALED, SYMBOLS
from rigtalk.training.examples import Example, Mixture, draw_batch, write_examples
from rigtalk.training.splicing import (
    AROUND,
    CUT_BEFORE,
    LONGEST,
    SHORTEST,
    SOFT,
    cuts_of,
    draw_pieces,
    joined,
    softened,
)


@pytest.fixture(scope="module")
def phones() -> np.ndarray:
    """Random phones of 3 to 9 frames, 4,000 frames."""
    rng = np.random.default_rng(2)
    runs = [np.full(rng.integers(3, 10), rng.integers(len(SYMBOLS))) for _ in range(900)]
    return np.concatenate(runs)[:4000].astype(np.uint8)


def test_cuts_keep_away_from_closures(phones: np.ndarray) -> None:
    cuts = cuts_of(phones)
    assert len(cuts) > 50
    assert (np.diff(cuts) > 0).all()
    for cut in cuts:
        assert SYMBOLS[phones[cut]] in CUT_BEFORE
        assert phones[cut] != phones[cut - 1]
        around = phones[max(cut - AROUND, 0) : cut + AROUND + 1]
        assert not any(SYMBOLS[phone] in SEALED for phone in around)


@pytest.mark.parametrize("frames", [1, 7, 320])
def test_pieces_fill_an_example_exactly(phones: np.ndarray, frames: int) -> None:
    cuts = cuts_of(phones)
    for seed in range(20):
        pieces = draw_pieces(cuts, frames, np.random.default_rng(seed))
        assert sum(length for _, _, length in pieces) == frames
        for start, stop, length in pieces[:-1]:
            assert start in cuts
            assert stop in cuts
            assert SHORTEST <= stop - start <= LONGEST
            assert 0.77 < length / (stop - start) < 1.27  # e to the power of 0.2, in whole frames
    starts = {draw_pieces(cuts, 320, np.random.default_rng(s))[0][0] for s in range(20)}
    assert len(starts) > 10  # from all over


@pytest.mark.parametrize("cuts", [[], [40], [0, 500], [3, 4, 5]])
def test_without_enough_cuts_there_are_no_pieces(cuts: list[int]) -> None:
    assert draw_pieces(np.array(cuts, dtype=np.intp), 100, np.random.default_rng(0)) == []


def test_pieces_are_joined_in_their_order_and_tempo() -> None:
    values = np.arange(100, dtype=np.float32)[:, None]
    pieces = [(10, 20, 10), (50, 60, 20), (30, 40, 5)]
    result = joined(values, pieces)[:, 0]
    np.testing.assert_allclose(result[:10], np.arange(10, 20))
    np.testing.assert_allclose(result[11:29], 50 + np.arange(0.25, 9.25, 0.5), atol=1e-5)
    np.testing.assert_allclose(result[30:], [30.5, 32.5, 34.5, 36.5, 38.5])
    doubled = joined(np.repeat(values, 2, axis=0), pieces, scale=2)
    assert len(doubled) == 70
    names = joined(np.arange(100, dtype=np.uint8), pieces)
    assert set(names[10:30]) == set(range(50, 60))  # names are never mixed


def test_faces_do_not_jump_at_the_joints() -> None:
    values = np.concatenate([np.zeros(20), np.ones(20)]).astype(np.float32)[:, None]
    pieces = [(0, 20, 20), (60, 80, 20)]
    soft = softened(values, pieces)[:, 0]
    assert np.abs(np.diff(soft)).max() <= 1.0 / (2 * SOFT - 1) + 1e-6
    np.testing.assert_array_equal(soft[: 20 - SOFT], 0)
    np.testing.assert_array_equal(soft[20 + SOFT :], 1)
    assert values[20, 0] == 1  # the given ones stay


def test_spliced_batches_keep_sound_and_targets_together(
    tmp_path: Path, phones: np.ndarray
) -> None:
    frames = len(phones)
    level = phones.astype(np.float32) / 40.0
    example = Example(
        features=np.repeat(level[:, None], 2, axis=0).repeat(64, axis=1),
        emotion=np.zeros((frames, 7)),
        arkit=level[:, None].repeat(61, axis=1),
        metahuman=np.zeros((frames, 251)),
        closure=(np.isin(phones, [SYMBOLS.index(s) for s in SEALED])).astype(np.float32),
        silence=np.zeros(frames),
        phones=phones,
    )
    shard = write_examples(tmp_path / "a", [example])
    mixture = [Mixture([shard], 1.0, spliced=1.0)]
    batch = draw_batch(mixture, seed=1, step=0, batch=8, crop=320, augment=False)
    assert batch.features.shape == (8, 640, 64)
    told = batch.phones.numpy()
    level = batch.arkit[..., 0].numpy() * 40.0
    assert np.mean(np.abs(level - told) < 0.1) > 0.6  # but for what is between and softened
    sealed = np.isin(told, [SYMBOLS.index(s) for s in SEALED])
    assert np.mean((batch.closure.numpy() > 0.5) == sealed) > 0.97
    again = draw_batch(mixture, seed=1, step=0, batch=8, crop=320, augment=False)
    assert np.array_equal(again.features, batch.features)
    assert not np.array_equal(told[0], told[1])
    for step in range(40):  # one piece alone may fill a short example
        short = draw_batch(mixture, seed=2, step=step, batch=4, crop=14)
        assert short.features.shape == (4, 28, 64)
