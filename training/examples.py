"""Training examples on disk: features and targets, computed once, drawn from at random.

A shard is a folder of plain arrays that are mapped into memory. Utterances lie end to end, so an
example is a slice that may run from one line into the next. Features are augmented as they are
drawn, in ways that leave the mouth where it was: another microphone, another room's noise, another
length of vocal tract.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from rigtalk.rigs.errors import RigtalkError

from .losses import UNKNOWN_PHONE, Batch

__all__ = ["Example", "ExampleShard", "Mixture", "augment_features", "draw_batch", "write_examples"]

TOP = 1.25
"""Largest feature; features are stored in 255 steps up to it, 0.3 dB each."""
NO_PHONE = 255
ARRAYS = ("features", "emotion", "arkit", "metahuman", "closure", "silence", "phones")


@dataclass(frozen=True)
class Example:
    """One line with its targets; n frames of 20 ms.

    Attributes
    ----------
    features : ndarray, shape (2n, 64)
    emotion : ndarray, shape (n, 7)
    arkit, metahuman : ndarray, shapes (n, 61), (n, 251)
    closure, silence : ndarray, shape (n,)
    phones : ndarray, shape (n,), uint8
        Ids, 255 where not known.
    """

    features: np.ndarray
    emotion: np.ndarray
    arkit: np.ndarray
    metahuman: np.ndarray
    closure: np.ndarray
    silence: np.ndarray
    phones: np.ndarray


@dataclass(frozen=True)
class ExampleShard:
    """Examples end to end, mapped from a folder.

    Attributes
    ----------
    arrays : dict of ndarray
        By the names of `Example`; features as uint8, the rest as float16 or uint8.
    known_arkit, known_metahuman : ndarray, bool
        Controls whose targets are known in this shard.
    known_events : bool
        Whether closure and silence are known.
    starts : ndarray
        First frame of each example.
    name : str
        Of the folder: ``<shard of the corpus>-take<n>``.
    """

    arrays: dict[str, np.ndarray]
    known_arkit: np.ndarray
    known_metahuman: np.ndarray
    known_events: bool
    starts: np.ndarray
    name: str

    @property
    def lines(self) -> str:
        """The same for all takes of the same lines."""
        return self.name.rsplit("-take", 1)[0]

    @property
    def frames(self) -> int:
        """Frames of 20 ms."""
        return len(self.arrays["closure"])

    @classmethod
    def open(cls, folder: Path) -> ExampleShard:
        """Map a shard.

        Raises
        ------
        RigtalkError
            If the folder is not a finished shard.
        """
        facts = folder / "shard.json"
        if not facts.is_file():
            raise RigtalkError(
                f"{folder} is not a training shard: run `rigtalk train corpus` first"
            )
        known = json.loads(facts.read_text())
        return cls(
            arrays={
                name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
                for name in ARRAYS
            },
            known_arkit=np.array(known["known_arkit"], dtype=bool),
            known_metahuman=np.array(known["known_metahuman"], dtype=bool),
            known_events=bool(known["known_events"]),
            starts=np.array(known["starts"], dtype=np.int64),
            name=folder.name,
        )


def write_examples(
    folder: Path,
    examples: Iterable[Example],
    *,
    known_arkit: np.ndarray | None = None,
    known_metahuman: np.ndarray | None = None,
    known_events: bool = True,
) -> ExampleShard:
    """Write examples as a shard, beside its final name until it is whole.

    Raises
    ------
    RigtalkError
        If there are no examples.
    """
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    columns: dict[str, list[np.ndarray]] = {name: [] for name in ARRAYS}
    starts = [0]
    for example in examples:
        frames = len(example.closure)
        if len(example.features) != 2 * frames:
            raise ValueError("features must have two frames for each target frame")
        for name in ARRAYS:
            columns[name].append(_packed(name, getattr(example, name)))
        starts.append(starts[-1] + frames)
    if len(starts) == 1:
        shutil.rmtree(part)
        raise RigtalkError(f"nothing to write to {folder}: the corpus gave no utterance")
    for name in ARRAYS:
        np.save(part / f"{name}.npy", np.concatenate(columns.pop(name)))
    widths = {"arkit": example.arkit.shape[1], "metahuman": example.metahuman.shape[1]}
    everything = {name: np.ones(width, dtype=bool) for name, width in widths.items()}
    known = {
        "known_arkit": (everything["arkit"] if known_arkit is None else known_arkit).tolist(),
        "known_metahuman": (
            everything["metahuman"] if known_metahuman is None else known_metahuman
        ).tolist(),
        "known_events": known_events,
        "starts": starts[:-1],
    }
    (part / "shard.json").write_text(json.dumps(known))
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
    return ExampleShard.open(folder)


def _packed(name: str, values: np.ndarray) -> np.ndarray:
    if name == "features":
        return np.rint(np.clip(values, 0.0, TOP) * (255.0 / TOP)).astype(np.uint8)
    if name == "phones":
        return values.astype(np.uint8)
    return values.astype(np.float16)


def unpacked_features(stored: np.ndarray) -> np.ndarray:
    """Stored features as float32."""
    return stored.astype(np.float32) * np.float32(TOP / 255.0)


@dataclass(frozen=True)
class Mixture:
    """Shards and how much of each batch comes from them."""

    shards: Sequence[ExampleShard]
    share: float


def draw_batch(
    mixtures: Sequence[Mixture],
    *,
    seed: int,
    step: int,
    batch: int,
    crop: int,
    augment: bool = True,
) -> Batch:
    """The batch of a step; the same seed and step give the same batch.

    Parameters
    ----------
    mixtures : sequence of Mixture
        Within one, shards are drawn in proportion to their length.
    crop : int
        Frames of 20 ms.
    """
    rng = np.random.default_rng((seed, step))
    shares = np.array([mixture.share for mixture in mixtures], dtype=np.float64)
    kinds = rng.choice(len(mixtures), size=batch, p=shares / shares.sum())
    rows = []
    for kind in kinds:
        shards = mixtures[kind].shards
        lengths = np.array([shard.frames for shard in shards], dtype=np.float64)
        rows.append(
            _draw(shards[rng.choice(len(shards), p=lengths / lengths.sum())], crop, rng, augment)
        )
    columns = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    return Batch(**{name: torch.from_numpy(column) for name, column in columns.items()})


def _draw(
    shard: ExampleShard, crop: int, rng: np.random.Generator, augment: bool
) -> dict[str, np.ndarray]:
    """One example of `crop` frames; a shorter shard is followed by silence at rest."""
    start = int(rng.integers(0, max(shard.frames - crop, 0) + 1))
    stop = min(start + crop, shard.frames)
    row: dict[str, np.ndarray] = {}
    for name in ARRAYS:
        scale = 2 if name == "features" else 1
        values = shard.arrays[name][scale * start : scale * stop]
        if name == "features":
            values = unpacked_features(values)
            values = augment_features(values, rng) if augment else values
        elif name == "phones":
            values = np.where(values == NO_PHONE, UNKNOWN_PHONE, values.astype(np.int64))
        else:
            values = values.astype(np.float32)
        missing = scale * crop - len(values)
        if missing:
            widths = [(0, missing)] + [(0, 0)] * (values.ndim - 1)
            fill = {"silence": 1.0, "phones": UNKNOWN_PHONE}.get(name, 0)
            values = np.pad(values, widths, constant_values=fill)
        row[name] = values
    row["known_arkit"] = shard.known_arkit[None].astype(np.float32)
    row["known_metahuman"] = shard.known_metahuman[None].astype(np.float32)
    row["known_events"] = np.array([shard.known_events], dtype=np.float32)
    return row


def augment_features(features: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Another voice, microphone and room for normalised log-mel features (T, 64).

    Each change happens to some examples only, so clean speech stays the commonest.
    """
    bands = features.shape[1]
    axis = np.arange(bands, dtype=np.float32)
    if rng.random() < 0.5:
        # A vocal tract up to 12 % shorter or longer: the whole spectrum moves along the bands.
        bend = 1.0 + rng.uniform(-0.12, 0.12) * np.minimum(1.0, (bands - axis) / 16.0)
        source = np.clip(axis * bend, 0, bands - 1)
        low = source.astype(np.intp)
        high = np.minimum(low + 1, bands - 1)
        part = source - low
        features = features[:, low] * (1 - part) + features[:, high] * part
    if rng.random() < 0.5:
        # A microphone: a smooth curve within ±9 dB; a telephone now and then.
        knots = rng.normal(0.0, 0.06, 5)
        curve = np.interp(axis, np.linspace(0, bands - 1, 5), knots)
        if rng.random() < 0.12:
            curve = curve - 1.0 * (axis < 6) - 1.0 * (axis > 47)
        features = np.where(features > 0, features + curve, features)
    features = features + rng.normal(0.0, 0.02)
    if rng.random() < 0.4:
        # Steady noise, added as power: 60 dB span the features' unit.
        level = rng.uniform(0.1, 0.75)
        floor = level + np.interp(axis, np.linspace(0, bands - 1, 4), rng.normal(0.0, 0.08, 4))
        flutter = rng.normal(0.0, 0.03, features.shape)
        decibels = 6.0 * np.log(10.0)
        features = np.logaddexp(features * decibels, (floor + flutter) * decibels) / decibels
    if rng.random() < 0.3:
        width = int(rng.integers(2, 9))
        at = int(rng.integers(0, bands - width))
        features = features.copy()
        features[:, at : at + width] = features[:, at : at + width].mean()
    return np.clip(features, 0.0, TOP).astype(np.float32)
