from pathlib import Path

import pytest

from rigtalk.training.corpus import espeak
from rigtalk.training.corpus.build import CorpusConfig, build_corpus, plan
from rigtalk.training.corpus.dataset import Corpus
from rigtalk.training.corpus.store import Shard
from rigtalk.training.corpus.voices import VOICES, Voice


def test_plan_gives_each_engine_its_hours() -> None:
    config = CorpusConfig()
    shards = plan(config)
    assert len({shard.name for shard in shards}) == len(shards)
    assert len(shards) * config.shard_minutes / 60 >= 40
    for engine in ("flite", "festival", "hts"):
        hours = sum(s.voice.engine == engine for s in shards) * config.shard_minutes / 60
        assert hours == pytest.approx(config.hours[engine], rel=0.05)
    # The first twentieth already holds all the people that were recorded.
    first = shards[: len(shards) // 20]
    assert {shard.voice.speaker for shard in first} >= {"slt", "rms", "awb", "kal", "ked"}
    assert {shard.voice for shard in shards} == set(VOICES)


@pytest.mark.skipif(not espeak.available(), reason="needs espeak-ng")
def test_corpus_is_made_once_and_says_the_same_again(tmp_path: Path) -> None:
    voices = (
        Voice("espeak", "en-us", "espeak-default"),
        Voice("espeak", "de+f2", "espeak-f2", "de"),
    )

    def config(name: str) -> CorpusConfig:
        return CorpusConfig(
            folder=tmp_path / name,
            speech=tmp_path / "none",
            hours={"espeak": 1 / 60},
            shard_minutes=0.5,
            voices=voices,
        )

    said: list[tuple[str, float]] = []
    build_corpus(config("a"), lambda name, done: said.append((name, done)))
    assert [done for _, done in said] == [0.5, 1.0]
    corpus = Corpus(tmp_path / "a", "synthetic")
    assert set(corpus.speakers) == {"espeak-default", "espeak-f2"}
    assert corpus.hours * 60 > 1.0
    for entry in corpus:
        assert entry.starts[0] == 0
        assert entry.ends[-1] == pytest.approx(entry.duration, abs=1e-3)
        assert (entry.starts[1:] == entry.ends[:-1]).all()

    index = next((tmp_path / "a" / "synthetic").glob("*.npz"))
    before = index.stat().st_mtime_ns
    build_corpus(config("a"))
    assert index.stat().st_mtime_ns == before

    build_corpus(config("b"))
    names = Shard.names(tmp_path / "a" / "synthetic")
    assert names == Shard.names(tmp_path / "b" / "synthetic")
    # espeak-ng's flutter goes on from one run to the next, so samples differ a little.
    for name in names:
        first, second = (Shard(tmp_path / x / "synthetic", name) for x in "ab")
        assert [entry.text for entry in first] == [entry.text for entry in second]
        assert first.durations == pytest.approx(second.durations, abs=0.05)
