"""Sounds that are not speech, during which a mouth stays as it is.

Between lines a recording holds breath, steps, keys and music. An actor that has only ever heard
speech chews on all of it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy.signal

from rigtalk.core.speech.phones import SILENCE

from .backgrounds import coloured_noise, hum, music
from .store import Shard, write_shard
from .utterance import SAMPLE_RATE, Phone, Utterance

__all__ = ["SOUNDS", "build_nonspeech", "nonspeech"]

_DTMF = ((697, 770, 852, 941), (1209, 1336, 1477, 1633))
"""Hz of a telephone's rows and columns."""


def _room_tone(rng: np.random.Generator, count: int) -> np.ndarray:
    """Noise that swells and falls slowly, as of wind, traffic or a fan."""
    noise = coloured_noise(rng, count, slope=rng.uniform(0.0, 2.0))
    knots = max(2, int(count / SAMPLE_RATE * rng.uniform(0.3, 3.0)) + 1)
    swell = np.interp(np.linspace(0, 1, count), np.linspace(0, 1, knots), rng.normal(0, 4, knots))
    return noise * 10.0 ** (swell / 20.0)


def _breath(rng: np.random.Generator, count: int) -> np.ndarray:
    """Breaths in and out: noise through a vocal tract that is open."""
    sound = np.zeros(count)
    at = 0
    while at < count:
        length = int(rng.uniform(0.25, 1.3) * SAMPLE_RATE)
        noise = rng.standard_normal(length)
        for centre in (rng.uniform(400, 900), rng.uniform(1300, 2200), rng.uniform(2600, 4200)):
            b, a = scipy.signal.iirpeak(centre, rng.uniform(1.5, 5.0), fs=SAMPLE_RATE)
            noise = noise + 1.5 * scipy.signal.lfilter(b, a, noise)
        piece = (noise * np.hanning(length) ** rng.uniform(0.5, 1.5))[: count - at]
        sound[at : at + len(piece)] += piece * rng.uniform(0.3, 1.0)
        at += length + int(rng.uniform(0.1, 1.0) * SAMPLE_RATE)
    return sound


def _tones(rng: np.random.Generator, count: int) -> np.ndarray:
    """Keys of a telephone, beeps and sirens."""
    sound = np.zeros(count)
    at = 0
    while at < count:
        length = int(rng.uniform(0.06, 0.8) * SAMPLE_RATE)
        time = np.arange(length) / SAMPLE_RATE
        if rng.random() < 0.5:
            pitches: list[float] = [float(rng.choice(group)) for group in _DTMF]
            turns = [2 * np.pi * pitch * time for pitch in pitches]
        else:
            first, last = np.exp(rng.uniform(np.log(250), np.log(3500), 2))
            last = first if rng.random() < 0.6 else last
            turns = [2 * np.pi * np.cumsum(np.linspace(first, last, length)) / SAMPLE_RATE]
        piece = sum(np.sin(turn) for turn in turns) * np.minimum(
            1.0, 40 * np.minimum(time, time[::-1])
        )
        sound[at : at + length] += piece[: count - at]
        at += length + int(rng.uniform(0.02, 0.7) * SAMPLE_RATE)
    return sound


def _knocks(rng: np.random.Generator, count: int) -> np.ndarray:
    """Steps, keys, knocks and clapping: short sounds of struck things."""
    strikes = np.zeros(count)
    rate = np.exp(rng.uniform(np.log(1.0), np.log(60.0)))
    number = rng.poisson(rate * count / SAMPLE_RATE)
    strikes[rng.integers(0, count, number)] = np.exp(rng.normal(0, 0.8, number))
    length = int(rng.uniform(0.01, 0.12) * SAMPLE_RATE)
    thing = rng.standard_normal(length) * np.exp(-np.arange(length) / (length / 6))
    b, a = scipy.signal.butter(
        2,
        np.sort(np.exp(rng.uniform(np.log(120), np.log(6000), 2))) + np.array([0.0, 400.0]),
        "bandpass",
        fs=SAMPLE_RATE,
    )
    return scipy.signal.fftconvolve(strikes, scipy.signal.lfilter(b, a, thing))[:count]


SOUNDS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "room-tone": _room_tone,
    "breath": _breath,
    "tones": _tones,
    "knocks": _knocks,
    "music": music,
    "hum": hum,
}


def nonspeech(kind: str, rng: np.random.Generator, *, seconds: float) -> Utterance:
    """One sound of a kind in `SOUNDS`, labelled as silence, over a faint noise."""
    count = int(seconds * SAMPLE_RATE)
    sound = SOUNDS[kind](rng, count)
    sound = sound / max(float(np.abs(sound).max()), 1e-9)
    floor = coloured_noise(rng, count, slope=rng.uniform(0.0, 2.0))
    sound = sound + floor * 10.0 ** (rng.uniform(-80.0, -30.0) / 20.0)
    level = 10.0 ** (rng.uniform(-35.0, -1.0) / 20.0) / np.abs(sound).max()
    return Utterance(
        samples=(sound * level).astype(np.float32),
        phones=(Phone(0.0, count / SAMPLE_RATE, SILENCE),),
        speaker=f"nonspeech-{kind}",
        source="nonspeech",
        language="und",
    )


def build_nonspeech(folder: Path, *, minutes: float = 8.0, seed: int = 1) -> tuple[str, ...]:
    """Makes what is missing: a shard of so many minutes of each kind; returns their names."""
    names = []
    for kind in SOUNDS:
        name = f"nonspeech-{kind}"
        names.append(name)
        if not Shard.exists(folder, name):
            rng = np.random.default_rng(zlib.crc32(f"{seed} {name}".encode()))
            lengths = rng.uniform(4.0, 12.0, size=round(minutes * 60.0 / 8.0))
            write_shard(folder, name, [nonspeech(kind, rng, seconds=float(s)) for s in lengths])
    return tuple(names)
