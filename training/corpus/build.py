"""Synthesises the corpus, shard by shard; what is there already is not made again."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from . import espeak, festival, flite, hts
from .compose import join, trimmed
from .lexicon import dictionary
from .store import Shard, write_shard
from .texts import Writer, public_domain_sentences
from .utterance import Utterance
from .voices import VOICES, Manner, Voice, varied_manner

__all__ = ["ENGINE_HOURS", "CorpusConfig", "ShardPlan", "build_corpus", "make_shard", "plan"]

_ONE_BY_ONE = {"flite": flite.synthesise, "espeak": espeak.synthesise}
_IN_BATCHES = {"festival": festival.synthesise_all, "hts": hts.synthesise_all}
ENGINE_HOURS = {"flite": 17.0, "festival": 7.0, "hts": 6.0, "espeak": 10.0}
"""Recorded people count most, then the recorded voice in other bodies; espeak-ng's many formant
voices come to 12 h, since each of them has a shard at least."""


@dataclass(frozen=True)
class CorpusConfig:
    """What to synthesise, and where.

    Attributes
    ----------
    folder : Path
        Cache; the synthetic part is its sub-folder ``synthetic``.
    speech : Path
        Real speech with a ``manifest.csv``, whose public-domain texts are read out; may be absent.
    hours : dict of str to float
        Hours of each engine.
    shard_minutes : float
        Length of a shard.
    voices : tuple of Voice
    seed : int
        The same seed says the same in the same manners; espeak-ng adds a flutter of its own.
    """

    folder: Path = Path(".cache/corpus")
    speech: Path = Path("../shared/data/speech")
    hours: dict[str, float] = field(default_factory=lambda: dict(ENGINE_HOURS))
    shard_minutes: float = 4.0
    voices: tuple[Voice, ...] = VOICES
    seed: int = 1

    @property
    def synthetic(self) -> Path:
        return self.folder / "synthetic"


@dataclass(frozen=True)
class ShardPlan:
    """One shard to make: a voice and a number."""

    voice: Voice
    number: int

    @property
    def name(self) -> str:
        safe = self.voice.name.replace("+", "_")
        return f"{self.voice.engine}-{safe}-{self.number:03d}"


def plan(config: CorpusConfig) -> tuple[ShardPlan, ...]:
    """Shards in the order in which they are made: any beginning of it is a varied corpus."""
    waiting: list[tuple[float, ShardPlan]] = []
    for engine, hours in config.hours.items():
        voices = [voice for voice in config.voices if voice.engine == engine]
        total = sum(voice.share for voice in voices)
        for voice in voices:
            wanted = hours * 60.0 * voice.share / total / config.shard_minutes
            count = max(1, round(wanted))
            waiting += [((i + 0.5) / count, ShardPlan(voice, i)) for i in range(count)]
    return tuple(shard for _, shard in sorted(waiting, key=lambda item: (item[0], item[1].name)))


def build_corpus(
    config: CorpusConfig, progress: Callable[[str, float], None] | None = None
) -> Path:
    """Makes what is missing of the synthetic corpus.

    Parameters
    ----------
    config : CorpusConfig
    progress : callable, optional
        Called with the name of each shard and the fraction that is done.

    Returns
    -------
    Path
        The folder of the shards.

    Raises
    ------
    RigtalkError
        If an engine is not installed.
    """
    shards = plan(config)
    sentences, lexicon = public_domain_sentences(config.speech), dictionary()
    for i, shard in enumerate(shards):
        if not Shard.exists(config.synthetic, shard.name):
            # The seed depends on the name alone, so that shards can be made in any order.
            seed = zlib.crc32(f"{config.seed} {shard.name}".encode())
            writer = Writer(seed, sentences=sentences, lexicon=lexicon)
            utterances = make_shard(
                shard.voice, writer, seconds=config.shard_minutes * 60, seed=seed
            )
            write_shard(config.synthetic, shard.name, utterances)
        if progress is not None:
            progress(shard.name, (i + 1) / len(shards))
    return config.synthetic


def make_shard(voice: Voice, writer: Writer, *, seconds: float, seed: int) -> list[Utterance]:
    """Utterances of one voice, `seconds` in all, in varied manners, with pauses in between."""
    rng = np.random.default_rng(seed)
    utterances: list[Utterance] = []
    made = 0.0
    while made < seconds:
        for utterance in _batch(voice, writer, rng):
            utterances.append(utterance)
            made += utterance.duration
    return utterances


def _batch(
    voice: Voice, writer: Writer, rng: np.random.Generator, count: int = 16
) -> list[Utterance]:
    texts = [
        writer.english() if voice.language == "en" else writer.foreign(voice.language)
        for _ in range(count)
    ]
    manners = [varied_manner(rng) for _ in texts]
    sentences = [trimmed(one) for one in _synthesise(texts, voice, manners) if one is not None]
    joined = []
    while sentences:
        size = min(int(rng.choice([1, 2, 3], p=[0.5, 0.35, 0.15])), len(sentences))
        taken, sentences = sentences[:size], sentences[size:]
        pauses = [*rng.gamma(1.6, 0.22, size=size), float(rng.gamma(1.6, 0.25))]
        levels = np.exp(rng.normal(0.0, 0.25, size=size))
        joined.append(_within_scale(join(taken, pauses, levels=list(levels))))
    return joined


def _synthesise(texts: list[str], voice: Voice, manners: list[Manner]) -> list[Utterance | None]:
    together = _IN_BATCHES.get(voice.engine)
    if together is not None:
        return together(texts, voice, manners)
    speak = _ONE_BY_ONE[voice.engine]
    return [speak(text, voice, manner) for text, manner in zip(texts, manners, strict=True)]


def _within_scale(utterance: Utterance) -> Utterance:
    peak = float(np.abs(utterance.samples).max())
    if peak <= 0.95:
        return utterance
    return Utterance(
        utterance.samples * np.float32(0.95 / peak),
        utterance.phones,
        utterance.speaker,
        utterance.source,
        utterance.language,
        utterance.text,
    )
