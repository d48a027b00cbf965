from pathlib import Path

import numpy as np
import pytest

from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.corpus.dataset import Corpus
from rigtalk.training.corpus.store import Shard, write_shard
from rigtalk.training.corpus.utterance import Phone, Utterance, cover


def utterance(seconds: float, speaker: str) -> Utterance:
    count = int(seconds * 16000)
    samples = (0.5 * np.sin(np.arange(count) / 20)).astype(np.float32)
    phones = cover([Phone(0.1, 0.2, "m"), Phone(0.2, seconds - 0.1, "aa", 1)], seconds)
    return Utterance(samples, phones, speaker, "test", "en", f"{speaker} says mà")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written = [utterance(0.5, "a"), utterance(0.75, "b")]
    write_shard(tmp_path, "one", written)
    assert Shard.exists(tmp_path, "one")
    assert Shard.names(tmp_path) == ("one",)
    shard = Shard(tmp_path, "one")
    assert len(shard) == 2
    assert shard.durations == pytest.approx([0.5, 0.75])
    for i, before in enumerate(written):
        after = shard[i].utterance()
        assert np.abs(after.samples - before.samples).max() <= 0.5 / 32768 + 1e-7
        assert [(p.symbol, p.stress) for p in after.phones] == [
            (p.symbol, p.stress) for p in before.phones
        ]
        assert after.starts == pytest.approx(before.starts, abs=1e-6)
        assert (after.speaker, after.text) == (before.speaker, before.text)
        assert (after.source, after.language) == ("test", "en")


def test_audio_without_an_index_is_no_shard(tmp_path: Path) -> None:
    write_shard(tmp_path, "one", [utterance(0.5, "a")])
    (tmp_path / "one.index.npz").unlink()
    assert not Shard.exists(tmp_path, "one")
    assert Shard.names(tmp_path) == ()


def test_an_empty_shard_is_a_shard(tmp_path: Path) -> None:
    write_shard(tmp_path, "none", [])
    assert len(Shard(tmp_path, "none")) == 0


def test_corpus_goes_through_the_shards_of_its_splits(tmp_path: Path) -> None:
    write_shard(tmp_path / "synthetic", "a", [utterance(0.5, "a"), utterance(0.6, "b")])
    write_shard(tmp_path / "synthetic", "b", [utterance(0.7, "c")])
    write_shard(tmp_path / "real-train", "r", [utterance(0.8, "d")])
    corpus = Corpus(tmp_path, "synthetic", "real-train")
    assert len(corpus) == 4
    assert list(corpus.speakers) == ["a", "b", "c", "d"]
    assert [entry.speaker for entry in corpus] == ["a", "b", "c", "d"]
    assert [corpus[i].speaker for i in (0, 1, 2, 3, -1)] == ["a", "b", "c", "d", "d"]
    assert corpus.durations == pytest.approx([0.5, 0.6, 0.7, 0.8])
    assert corpus.hours == pytest.approx(2.6 / 3600)
    assert corpus[2].samples.dtype == np.int16
    with pytest.raises(IndexError):
        corpus[4]


def test_missing_and_unknown_splits_are_reported(tmp_path: Path) -> None:
    with pytest.raises(RigtalkError, match="unknown split 'nonsense'"):
        Corpus(tmp_path, "nonsense")
    with pytest.raises(RigtalkError, match="rigtalk train corpus"):
        Corpus(tmp_path, "synthetic")
