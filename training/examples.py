"""Training examples on disk: features and targets, computed once, drawn from at random.

A shard is a folder of plain arrays that are mapped into memory. Utterances lie end to end, so an
example is a slice that may run from one line into the next. Features are kept as levels, and
disguised as they are drawn (`rigtalk.training.disguise`).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from rigtalk.core.steps import STEP_SAMPLES
from rigtalk.rigs.errors import RigtalkError

from .config import EncoderConfig
from .disguise import TOP, as_heard, disguise, hide, many_voices
from .encoder.samples import heard_samples
from .losses import UNKNOWN_PHONE, Batch
from .splicing import Piece, cuts_of, draw_pieces, joined, softened

__all__ = ["Example", "ExampleShard", "Mixture", "draw_batch", "heard_features", "write_examples"]

BOTTOM = -0.5
"""Smallest level that is stored, in 255 steps up to `TOP`, 0.4 dB each: a recording that turns out
to be muffled is lifted, so what lies below the floor of the features is kept."""
NO_PHONE = 255
ARRAYS = ("features", "emotion", "arkit", "metahuman", "closure", "silence", "phones")
MOVING = ("emotion", "arkit", "metahuman")
"""What does not jump where pieces of lines are joined."""


@dataclass(frozen=True)
class Example:
    """One line with its targets; n frames of 20 ms.

    Attributes
    ----------
    features : ndarray, shape (2n, 64)
        Levels, from `rigtalk.training.prepare.line_levels`.
    emotion : ndarray, shape (n, 7)
    arkit, metahuman : ndarray, shapes (n, 61), (n, 251)
    closure, silence : ndarray, shape (n,)
    phones : ndarray, shape (n,), uint8
        Ids, 255 where not known.
    samples : ndarray, shape (320n,), optional
        16 kHz, full scale 1; kept for encoders only.
    """

    features: np.ndarray
    emotion: np.ndarray
    arkit: np.ndarray
    metahuman: np.ndarray
    closure: np.ndarray
    silence: np.ndarray
    phones: np.ndarray
    samples: np.ndarray | None = None


@dataclass(frozen=True)
class ExampleShard:
    """Examples end to end, mapped from a folder.

    Attributes
    ----------
    arrays : dict of ndarray
        By the names of `Example`; features as uint8, samples, where kept, as int16, the rest as
        float16 or uint8.
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

    @cached_property
    def cuts(self) -> np.ndarray:
        """Frames before which lines may be cut."""
        return cuts_of(self.arrays["phones"])

    @staticmethod
    def exists(folder: Path, *, samples: bool = False) -> bool:
        """Whether a finished shard is there, with sound if asked for."""
        needed = ("shard.json", "samples.npy") if samples else ("shard.json",)
        return all((folder / name).is_file() for name in needed)

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
                for name in (*ARRAYS, "samples")
                if name in ARRAYS or (folder / f"{name}.npy").is_file()
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
    samples: bool = False,
) -> ExampleShard:
    """Write examples as a shard, beside its final name until it is whole.

    With `samples` their sound is kept, 115 MB an hour.

    Raises
    ------
    RigtalkError
        If there are no examples.
    """
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    kept = (*ARRAYS, "samples") if samples else ARRAYS
    columns: dict[str, list[np.ndarray]] = {name: [] for name in kept}
    starts = [0]
    for example in examples:
        frames = len(example.closure)
        if len(example.features) != 2 * frames:
            raise ValueError("features must have two frames for each target frame")
        for name in kept:
            columns[name].append(_packed(name, getattr(example, name)))
        starts.append(starts[-1] + frames)
    if len(starts) == 1:
        shutil.rmtree(part)
        raise RigtalkError(f"nothing to write to {folder}: the corpus gave no utterance")
    for name in kept:
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
        steps = (np.clip(values, BOTTOM, TOP) - BOTTOM) * (255.0 / (TOP - BOTTOM))
        return np.rint(steps).astype(np.uint8)
    if name == "phones":
        return values.astype(np.uint8)
    if name == "samples":
        return np.clip(np.rint(values * 32768.0), -32768, 32767).astype(np.int16)
    return values.astype(np.float16)


def _levels(stored: np.ndarray) -> np.ndarray:
    """Stored features as levels, float32."""
    return stored.astype(np.float32) * np.float32((TOP - BOTTOM) / 255.0) + np.float32(BOTTOM)


def heard_features(shard: ExampleShard) -> np.ndarray:
    """Features of a whole shard as the actor gets them line by line, (2·frames, 64), float32."""
    ends = [*shard.starts[1:], shard.frames]
    return np.concatenate(
        [
            as_heard(_levels(shard.arrays["features"][2 * start : 2 * end]))
            for start, end in zip(shard.starts, ends, strict=True)
        ]
    )


@dataclass(frozen=True)
class Mixture:
    """Shards and how much of each batch comes from them.

    Attributes
    ----------
    shards : sequence of ExampleShard
    share : float
        Of the batch.
    spliced : float
        Part of that share, 0-1, in which pieces of many lines follow one another
        (`rigtalk.training.splicing`).
    """

    shards: Sequence[ExampleShard]
    share: float
    spliced: float = 0.0


def draw_batch(
    mixtures: Sequence[Mixture],
    *,
    seed: int,
    step: int,
    batch: int,
    crop: int,
    augment: bool = True,
    encoder: EncoderConfig | None = None,
) -> Batch:
    """The batch of a step; the same seed and step give the same batch.

    Parameters
    ----------
    mixtures : sequence of Mixture
        Within one, shards are drawn in proportion to their length.
    crop : int
        Frames of 20 ms.
    encoder : EncoderConfig, optional
        Gets samples (B, 320·crop) as the batch's features, as they are kept: the takes of a line
        were made in other voices, rooms and noises.
    """
    rng = np.random.default_rng((seed, step))
    shares = np.array([mixture.share for mixture in mixtures], dtype=np.float64)
    kinds = rng.choice(len(mixtures), size=batch, p=shares / shares.sum())
    rows = []
    for kind in kinds:
        shards = mixtures[kind].shards
        lengths = np.array([shard.frames for shard in shards], dtype=np.float64)
        shard = shards[rng.choice(len(shards), p=lengths / lengths.sum())]
        splice = encoder is None and rng.random() < mixtures[kind].spliced
        pieces = draw_pieces(shard.cuts, crop, rng) if splice else []
        pieces = pieces or [_stretch(shard, crop, rng)]
        rows.append(_draw(shard, pieces, crop, rng, augment, encoder))
    columns = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    return Batch(**{name: torch.from_numpy(column) for name, column in columns.items()})


def _stretch(shard: ExampleShard, crop: int, rng: np.random.Generator) -> Piece:
    """So many frames of a shard as they lie there, or all of it."""
    start = int(rng.integers(0, max(shard.frames - crop, 0) + 1))
    stop = min(start + crop, shard.frames)
    return start, stop, stop - start


def _draw(
    shard: ExampleShard,
    pieces: Sequence[Piece],
    crop: int,
    rng: np.random.Generator,
    augment: bool,
    encoder: EncoderConfig | None,
) -> dict[str, np.ndarray]:
    """One example of `crop` frames; a shorter shard is followed by silence at rest."""
    start, stop, length = pieces[0]
    spliced = len(pieces) > 1 or length != stop - start
    row: dict[str, np.ndarray] = {}
    for name in ARRAYS:
        scale = 2 if name == "features" else 1
        values = shard.arrays[name][scale * start : scale * stop]
        if spliced:
            values = joined(shard.arrays[name], pieces, scale=scale)
            if name in MOVING:
                values = softened(values, pieces)
        if name == "features" and encoder is not None:
            scale = STEP_SAMPLES
            values = heard_samples(shard, start, stop, normalised=encoder.normalised)
        elif name == "features":
            values = _levels(values)
            if augment and spliced:
                values = many_voices(values, [2 * length for _, _, length in pieces], rng)
            if augment:
                crowd = _levels(_anywhere(shard, len(values), rng))
                values = hide(as_heard(disguise(values, rng, crowd=crowd)), rng)
            else:
                values = as_heard(values)
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


def _anywhere(shard: ExampleShard, frames: int, rng: np.random.Generator) -> np.ndarray:
    """So many stored feature frames from somewhere in a shard that has at least as many."""
    stored = shard.arrays["features"]
    start = int(rng.integers(0, len(stored) - frames + 1))
    return np.asarray(stored[start : start + frames])
