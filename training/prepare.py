"""From the corpus to training examples: features of every line, and how a face would say it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from rigtalk.core.direction import EMOTIONS
from rigtalk.core.features import FLOOR_DB, log_mel, reference_level
from rigtalk.core.speech.phones import SILENCE
from rigtalk.rigs import control_set

from .articulation import (
    CAPTURED,
    Style,
    articulate,
    facegood_to_arkit,
    facegood_to_metahuman,
    frame_count,
)
from .corpus.augment import revoice, spoil
from .corpus.captures import Take
from .corpus.store import Shard
from .corpus.utterance import SAMPLE_RATE, Phone, Utterance
from .encoder.samples import fitted
from .examples import NO_PHONE, Example, ExampleShard, write_examples

__all__ = [
    "calm",
    "capture_example",
    "control_statistics",
    "example_of",
    "line_levels",
    "prepare_captures",
    "prepare_shards",
    "random_emotion",
]

Feel = Callable[[int, np.random.Generator], np.ndarray]
STEP = 0.02
"""Seconds between frames of targets."""
SILENT_DB = 15.0
"""A frame of a capture so little above the floor of the features has no speech in it."""


def line_levels(samples: np.ndarray, frames: int) -> tuple[np.ndarray, np.ndarray]:
    """Levels of a line, and its loudness.

    Returns
    -------
    levels : ndarray, shape (2·frames, 64), float32
        In units of 60 dB, 1.0 at the reference level; what the actor hears, but for the channel
        and the floor (`rigtalk.training.disguise.as_heard`).
    loudness : ndarray, shape (frames,), float32
        dB over the floor of the features.
    """
    mel = log_mel(samples)
    level = reference_level(mel)
    levels = ((mel - (level - FLOOR_DB)) / FLOOR_DB).astype(np.float32)
    missing = max(0, 2 * frames - len(levels))
    levels = np.pad(levels, ((0, missing), (0, 0)), constant_values=-1.0)[: 2 * frames]
    power = np.pad((10.0 ** (mel / 10.0)).sum(axis=1), (0, missing))[: 2 * frames]
    decibels = 10.0 * np.log10(power.reshape(frames, 2).mean(axis=1) + 1e-12)
    return levels, np.maximum(decibels - (level - FLOOR_DB), 0.0).astype(np.float32)


def random_emotion(frames: int, rng: np.random.Generator) -> np.ndarray:
    """Emotions of a line, shape (frames, 7), float32.

    None, one or two of them at any intensity, constant or changing once; none and full intensity
    come up often, because they are what is asked for most.
    """

    def row() -> np.ndarray:
        values = np.zeros(len(EMOTIONS), dtype=np.float32)
        count = rng.choice(3, p=[0.35, 0.5, 0.15])
        for column in rng.choice(len(EMOTIONS), size=count, replace=False):
            values[column] = 1.0 if rng.random() < 0.2 else rng.uniform(0.1, 1.0)
        return values / max(1.0, float(values.sum()) / 1.2)

    first = row()
    if rng.random() < 0.75:
        return np.tile(first, (frames, 1))
    times = np.arange(frames) * STEP
    middle, length = rng.uniform(0, max(times[-1], STEP)), rng.uniform(0.1, 1.5)
    share = np.clip((times - middle) / length + 0.5, 0, 1)[:, None]
    return (first * (1 - share) + row() * share).astype(np.float32)


def calm(frames: int, rng: np.random.Generator) -> np.ndarray:
    """No emotion at all, shape (frames, 7); for judging."""
    return np.zeros((frames, len(EMOTIONS)), dtype=np.float32)


def example_of(
    utterance: Utterance,
    rng: np.random.Generator,
    *,
    heard: np.ndarray | None = None,
    feel: Feel = random_emotion,
) -> Example:
    """One line, its features and one way to perform it.

    Parameters
    ----------
    utterance : Utterance
    rng : numpy.random.Generator
    heard : ndarray, optional
        The same line as the actor hears it, in noise; loudness is that of the utterance itself.
    feel : callable
        Gives the emotion of a line of so many frames.
    """
    frames = frame_count(utterance.duration)
    features, loudness = line_levels(utterance.samples, frames)
    if heard is not None:
        features, _ = line_levels(heard, frames)
    emotion = feel(frames, rng)
    targets = articulate(
        utterance.phones,
        utterance.duration,
        rng=rng,
        loudness=loudness,
        emotion=emotion,
        style=Style.sample(rng),
        frames=frames,
    )
    return Example(
        features=features,
        emotion=emotion,
        arkit=targets.arkit,
        metahuman=targets.metahuman,
        closure=targets.closure,
        silence=targets.silence,
        phones=utterance.ids_at(np.arange(frames) * STEP),
        samples=fitted(utterance.samples if heard is None else heard, frames),
    )


def prepare_shards(
    corpus: Path,
    folder: Path,
    *,
    takes: Iterable[int] = (0,),
    seed: int = 1,
    feel: Feel = random_emotion,
    samples: bool = False,
) -> Iterator[Path]:
    """Make the example shards that are missing; yields each shard's folder.

    Parameters
    ----------
    corpus : Path
        Folder of `rigtalk.training.corpus.store` shards.
    folder : Path
        Where the example shards go.
    takes : iterable of int
        Performances of each line, each in another emotion and style. Take 0 is heard as recorded,
        the others in other voices, rooms and noises.
    feel : callable
        Gives the emotions of a line.
    samples : bool
        Keep the sound, for an encoder; shards without it are made again.
    """
    chosen = tuple(takes)
    for name in Shard.names(corpus):
        for take in chosen:
            target = folder / f"{name}-take{take}"
            if not ExampleShard.exists(target, samples=samples):
                rng = np.random.default_rng(zlib.crc32(f"{seed} {target.name}".encode()))
                shard = Shard(corpus, name)
                lines = (shard[i].utterance() for i in range(len(shard)))
                made = (_take(line, take, rng, feel) for line in lines)
                write_examples(target, made, samples=samples)
            yield target


def _take(line: Utterance, take: int, rng: np.random.Generator, feel: Feel) -> Example:
    if take == 0:
        return example_of(line, rng, feel=feel)
    line = revoice(line, rng)
    return example_of(line, rng, heard=spoil(line.samples, rng), feel=feel)


def capture_example(
    samples: np.ndarray, values: np.ndarray, names: Sequence[str], *, fps: float
) -> Example:
    """A captured take at 50 Hz.

    Parameters
    ----------
    samples : ndarray, shape (n,)
        16 kHz, in step with the values.
    values : ndarray, shape (m, weights)
        At `fps`.
    """
    frames = min(frame_count(len(samples) / SAMPLE_RATE), frame_count((len(values) - 1) / fps))
    times = np.arange(frames) * STEP * fps
    low = np.minimum(times.astype(np.intp), len(values) - 2)
    part = (times - low)[:, None].astype(np.float32)
    smooth = values[low] * (1 - part) + values[low + 1] * part
    features, loudness = line_levels(samples, frames)
    return Example(
        features=features,
        emotion=np.zeros((frames, len(EMOTIONS)), dtype=np.float32),
        arkit=facegood_to_arkit(smooth, names),
        metahuman=facegood_to_metahuman(smooth, names),
        closure=np.zeros(frames, dtype=np.float32),
        silence=(loudness < SILENT_DB).astype(np.float32),
        phones=np.full(frames, NO_PHONE, dtype=np.uint8),
        samples=fitted(samples, frames),
    )


def prepare_captures(
    takes: Iterable[Take],
    folder: Path,
    *,
    versions: int = 4,
    seed: int = 1,
    moving: float = 0.01,
    samples: bool = False,
) -> list[Path]:
    """Example shards of captured takes, as recorded and in other voices and rooms.

    Only controls of the jaw and the mouth that move in the take count as known.
    """
    made = []
    for take in takes:
        for version in range(versions):
            target = folder / f"{take.name}-take{version}"
            made.append(target)
            if ExampleShard.exists(target, samples=samples):
                continue
            rng = np.random.default_rng(zlib.crc32(f"{seed} {target.name}".encode()))
            sound, fps = take.samples, take.fps
            if version:
                length = len(sound)
                mute = (Phone(0.0, length / SAMPLE_RATE, SILENCE),)
                line = revoice(Utterance(sound, mute, take.name, "capture"), rng)
                sound, fps = spoil(line.samples, rng), take.fps * length / len(line.samples)
            example = capture_example(sound, take.values, take.names, fps=fps)
            known = {}
            for name in ("arkit", "metahuman"):
                shown = np.zeros(len(control_set(name)), dtype=bool)
                shown[control_set(name).in_region(*CAPTURED)] = True
                known[name] = shown & (getattr(example, name).std(axis=0) > moving)
            write_examples(
                target,
                [example],
                known_arkit=known["arkit"],
                known_metahuman=known["metahuman"],
                known_events=False,
                samples=samples,
            )
    return made


def control_statistics(shards: Iterable[ExampleShard], *, stride: int = 1) -> dict[str, np.ndarray]:
    """Mean and deviation of each control and deviation of its differences.

    Returns
    -------
    dict of ndarray
        ``arkit`` and ``metahuman``, each of shape (3, controls): mean, deviation of the values,
        deviation of the differences between frames.
    """
    result = {}
    opened = list(shards)
    for name in ("arkit", "metahuman"):
        values = [np.asarray(s.arrays[name][::stride], dtype=np.float32) for s in opened]
        steps = [
            np.diff(s.arrays[name][: s.frames // stride].astype(np.float32), axis=0) for s in opened
        ]
        joined = np.concatenate(values)
        result[name] = np.stack(
            [joined.mean(axis=0), joined.std(axis=0), np.concatenate(steps).std(axis=0)]
        )
    return result
