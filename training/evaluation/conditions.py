"""The same speech heard worse, or from another throat: what an actor must bear."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import soxr

from rigtalk.rigs.errors import RigtalkError

from ..corpus import espeak
from ..corpus.augment import coloured_noise
from ..corpus.utterance import SAMPLE_RATE, Utterance, cover
from ..corpus.voices import VOICES, Manner, Voice

__all__ = ["CONDITIONS", "UNHEARD_VOICES", "child_like", "groups_of", "read_sexes", "synthetic"]

TELEPHONE_HZ = (300.0, 3400.0)
NOISE_DB = 10.0
"""Level of the speech over the noise."""
TALKERS = 4
"""People who babble at once."""
CHILD = 1.25
"""Factor of pitch, formants and tempo."""
UNHEARD_VOICES = ("RicishayMax", "Andy", "Mario", "pedro", "steph3", "Storm")
"""Variants of espeak-ng that are not in the corpus. Its engine is: nothing that may be installed
freely speaks English with phone times and is not trained on."""
_SYNTHETIC_LINES = 24

Condition = Callable[[Utterance, np.random.Generator, Sequence[Utterance]], Utterance]
"""An utterance, chance and everybody's speech to the utterance as it is heard."""


def telephone(
    utterance: Utterance, rng: np.random.Generator, others: Sequence[Utterance]
) -> Utterance:
    """Nothing outside of 300 to 3400 Hz."""
    spectrum = np.fft.rfft(utterance.samples)
    hertz = np.fft.rfftfreq(len(utterance.samples), 1.0 / SAMPLE_RATE)
    spectrum[(hertz < TELEPHONE_HZ[0]) | (hertz > TELEPHONE_HZ[1])] = 0.0
    return _heard(utterance, np.fft.irfft(spectrum, len(utterance.samples)))


def white(utterance: Utterance, rng: np.random.Generator, others: Sequence[Utterance]) -> Utterance:
    """White noise, 10 dB below the speech."""
    return _noisy(utterance, coloured_noise(rng, len(utterance.samples), slope=0.0))


def pink(utterance: Utterance, rng: np.random.Generator, others: Sequence[Utterance]) -> Utterance:
    """Pink noise, 10 dB below the speech."""
    return _noisy(utterance, coloured_noise(rng, len(utterance.samples), slope=1.0))


def babble(
    utterance: Utterance, rng: np.random.Generator, others: Sequence[Utterance]
) -> Utterance:
    """Other people who talk at once, together 10 dB below the speech."""
    talkers = [other for other in others if other.speaker != utterance.speaker] or list(others)
    noise = np.zeros(len(utterance.samples))
    for i in rng.integers(len(talkers), size=TALKERS):
        voice = talkers[i].samples
        voice = voice / max(float(np.std(voice)), 1e-9)
        noise += np.resize(np.roll(voice, int(rng.integers(len(voice)))), len(noise))
    return _noisy(utterance, noise)


def child_like(
    utterance: Utterance, rng: np.random.Generator, others: Sequence[Utterance]
) -> Utterance:
    """A shorter throat: pitch, formants and tempo a quarter up."""
    samples = soxr.resample(utterance.samples, SAMPLE_RATE * CHILD, SAMPLE_RATE)
    phones = [replace(p, start=p.start / CHILD, end=p.end / CHILD) for p in utterance.phones]
    return replace(utterance, samples=samples, phones=cover(phones, len(samples) / SAMPLE_RATE))


CONDITIONS: dict[str, Condition] = {
    "telephone": telephone,
    "white noise, 10 dB": white,
    "pink noise, 10 dB": pink,
    "babble, 10 dB": babble,
    "child-like": child_like,
}


def _noisy(utterance: Utterance, noise: np.ndarray) -> Utterance:
    """Noise at a level of the spoken part: pauses do not make a recording noisier."""
    times = np.arange(len(utterance.samples)) / SAMPLE_RATE
    spoken = utterance.ids_at(times) != 0  # 0 is silence
    speech = utterance.samples[spoken] if spoken.any() else utterance.samples
    level = float(np.sqrt(np.mean(speech.astype(np.float64) ** 2)))
    gain = level * 10.0 ** (-NOISE_DB / 20.0) / max(float(np.std(noise)), 1e-9)
    return _heard(utterance, utterance.samples + gain * noise)


def _heard(utterance: Utterance, samples: np.ndarray) -> Utterance:
    return replace(utterance, samples=samples.astype(np.float32))


def synthetic(utterances: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """Some of the sentences, spoken by voices of espeak-ng that are not in the corpus.

    Returns
    -------
    tuple of Utterance
        Empty where espeak-ng is not installed.
    """
    texts = [u.text for u in utterances if 20 <= len(u.text) <= 160]
    if not texts or not espeak.available():
        return ()
    trained = {voice.name for voice in VOICES}
    spoken = []
    for i, text in enumerate(texts[:: max(1, len(texts) // _SYNTHETIC_LINES)][:_SYNTHETIC_LINES]):
        variant = UNHEARD_VOICES[i % len(UNHEARD_VOICES)]
        voice = Voice("espeak", f"en-us+{variant}", f"espeak-{variant}")
        if voice.name in trained:
            raise RigtalkError(f"the voice {voice.name!r} is trained on: name another to judge by")
        made = espeak.synthesise(text.lower(), voice, Manner())
        if made is not None:
            spoken.append(made)
    return tuple(spoken)


def read_sexes(speech: Path) -> dict[str, str]:
    """``F`` or ``M`` of each speaker of whom it is known; empty without a ``speakers.csv``."""
    table = speech / "speakers.csv"
    if not table.is_file():
        return {}
    with table.open(encoding="utf-8") as file:
        return {row["speaker"]: row["sex"] for row in csv.DictReader(file) if row["sex"]}


def groups_of(utterance: Utterance, sexes: dict[str, str]) -> tuple[str, ...]:
    """The groups that an utterance is counted in: its corpus, and its speaker's sex."""
    corpora = {"librispeech": "LibriSpeech", "vctk": "VCTK"}
    corpus = next(
        (name for begin, name in corpora.items() if utterance.source.startswith(begin)), "others"
    )
    sex = {"F": "women", "M": "men"}.get(sexes.get(utterance.speaker, ""))
    return (corpus, sex) if sex else (corpus,)
