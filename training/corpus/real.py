"""Real speech made into shards: labelled, aligned, or recognised and aligned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np

from rigtalk.core.speech.phones import SILENCE
from rigtalk.core.speech.timing import UNKNOWN

from . import espeak
from .labels import read_labels
from .speech import Recording, read_manifest, read_samples
from .store import Shard, write_shard
from .stress import mark_stress
from .utterance import SAMPLE_RATE, Phone, Utterance, cover

__all__ = ["REAL_SPLITS", "build_real"]

REAL_SPLITS = ("real-train", "real-validation", "real-pseudo", "real-words")
"""Aligned speech to train on and to select on; recognised speech to train on; single words under
share-alike terms, for validation only."""
_SINGLE_WORDS = frozenset({"fsdd", "gcompris_en_words"})
_WORDS_KEPT = 240
_LONGEST = 20.0
"""Seconds; longer recordings are cut at pauses."""
_SHORTEST = 1.0
"""Seconds; what is left between two cuts is not worth less."""


def build_real(
    speech: Path, folder: Path, progress: Callable[[str, float], None] | None = None
) -> Counter[str]:
    """Aligns what English speech there is; splits that are there already are left alone.

    Parameters
    ----------
    speech : Path
        Recordings with a ``manifest.csv``.
    folder : Path
        Cache; each of `REAL_SPLITS` becomes a sub-folder.
    progress : callable, optional
        Called with a split's name and the fraction of it that is done.

    Returns
    -------
    Counter
        For each split ``<split>`` the utterances and ``<split> failed`` the recordings thrown away.

    Raises
    ------
    RigtalkError
        If there are no recordings.
    """
    from rigtalk.core.speech.align import Aligner  # pocketsphinx is only needed here

    aligner = Aligner()
    tally: Counter[str] = Counter()
    for split, recordings in _sorted_into_splits(read_manifest(speech)).items():
        if Shard.exists(folder / split, split):
            tally[split] = len(Shard(folder / split, split))
            continue
        utterances: list[Utterance] = []
        for i, recording in enumerate(recordings):
            samples = read_samples(recording.path)
            text = recording.text or aligner.transcribe(samples)
            phones = read_labels(recording.labels) if recording.labels else None
            phones = phones or aligner.align(samples, text)
            if phones is None:
                tally[f"{split} failed"] += 1
            else:
                utterances += _pieces(_utterance(recording, samples, phones, text))
            if progress is not None:
                progress(split, (i + 1) / len(recordings))
        if utterances:
            write_shard(folder / split, split, utterances)
        tally[split] = len(utterances)
    return tally


def _sorted_into_splits(recordings: Iterable[Recording]) -> dict[str, list[Recording]]:
    splits: dict[str, list[Recording]] = {name: [] for name in REAL_SPLITS}
    for recording in recordings:
        if recording.language != "en" or recording.unclear:
            continue
        if recording.source in _SINGLE_WORDS:
            splits["real-words"].append(recording)
        elif not recording.text and recording.trainable:
            splits["real-pseudo"].append(recording)
        elif recording.text:
            splits["real-train" if recording.trainable else "real-validation"].append(recording)
    words = splits["real-words"]
    splits["real-words"] = words[:: max(1, len(words) // _WORDS_KEPT)]
    return splits


def _utterance(
    recording: Recording, samples: np.ndarray, phones: tuple[Phone, ...], text: str
) -> Utterance:
    covered = cover(phones, len(samples) / SAMPLE_RATE)
    if espeak.available() and not any(phone.stress for phone in covered):
        covered = mark_stress(covered, espeak.pronounce(text))
    return Utterance(
        samples, covered, recording.speaker, recording.source, recording.language, text
    )


def _pieces(utterance: Utterance) -> list[Utterance]:
    """The utterance without what nobody understood, in parts of a length that can be handled."""
    cuts = _cuts(utterance)
    unknown = [p for p in utterance.phones if p.symbol == UNKNOWN]
    if len(cuts) == 2 and not unknown:
        return [utterance]
    pieces = []
    for start, end in pairwise(cuts):
        if end - start < _SHORTEST or any(p.end > start and p.start < end for p in unknown):
            continue
        first, last = round(start * SAMPLE_RATE), round(end * SAMPLE_RATE)
        phones = [
            Phone(p.start - start, p.end - start, p.symbol, p.stress)
            for p in utterance.phones
            if p.end > start and p.start < end
        ]
        pieces.append(
            Utterance(
                utterance.samples[first:last],
                cover(phones, (last - first) / SAMPLE_RATE),
                utterance.speaker,
                utterance.source,
                utterance.language,
            )
        )
    return pieces


def _cuts(utterance: Utterance) -> list[float]:
    """Where to cut, from 0 to the end: around what is unknown, and in pauses if it is too long."""
    shortest_pause = 0.15 if utterance.duration > _LONGEST else np.inf
    cuts = [0.0]
    for phone in utterance.phones:
        middle = (phone.start + phone.end) / 2
        if phone.symbol == UNKNOWN:
            cuts += [time for time in (phone.start, phone.end) if time > cuts[-1]]
        pause = phone.symbol == SILENCE and phone.duration > shortest_pause
        if pause and middle - cuts[-1] > _LONGEST / 3:
            cuts.append(middle)
    if len(cuts) > 1 and utterance.duration - cuts[-1] < _SHORTEST:
        cuts.pop()
    return [*cuts, utterance.duration]
