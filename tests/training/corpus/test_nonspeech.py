"""What is not speech is sound, within scale, and labelled as silence."""

from pathlib import Path

import numpy as np
import pytest

from rigtalk.training.corpus.nonspeech import SOUNDS, build_nonspeech, nonspeech
from rigtalk.training.corpus.store import Shard


@pytest.mark.parametrize("kind", SOUNDS)
def test_each_kind_is_a_sound_without_phones(kind: str) -> None:
    one = nonspeech(kind, np.random.default_rng(4), seconds=5.0)
    again = nonspeech(kind, np.random.default_rng(4), seconds=5.0)
    other = nonspeech(kind, np.random.default_rng(5), seconds=5.0)
    assert len(one.samples) == 80000
    assert np.isfinite(one.samples).all()
    assert 0.01 < np.abs(one.samples).max() <= 1.0
    assert [phone.symbol for phone in one.phones] == ["sil"]
    assert one.phones[0].end == pytest.approx(one.duration)
    assert np.array_equal(one.samples, again.samples)
    assert not np.array_equal(one.samples, other.samples)


def test_the_shards_are_made_once(tmp_path: Path) -> None:
    names = build_nonspeech(tmp_path, minutes=0.3)
    assert len(names) == len(SOUNDS)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert build_nonspeech(tmp_path, minutes=0.3) == names
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    shard = Shard(tmp_path, names[0])
    assert 10 < sum(shard[i].duration for i in range(len(shard))) < 30
