"""Captured takes as examples for fine-tuning: what is known, and by how much the actor misses it.

A capture says how one person moved in one mood, and mostly of the mouth alone. All the rest is
asked of the actor as it was before: where a control is not known, and what another emotion would
change. So an example is a residual, captured less performed, that is added to whatever the old
actor does with the same sound in any emotion. The two control sets tell one story: what the
residual does to one is carried over to the other; and what it means for regions that were not
captured, the correlation model tells (`rigtalk.training.finetune.together`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from rigtalk.core.speech.phones import SILENCE
from rigtalk.rigs import control_set, mapping

from ..articulation import frame_count
from ..corpus.augment import Augmentation, revoice, spoil
from ..corpus.utterance import SAMPLE_RATE, Phone, Utterance
from ..correlation import CorrelationModel
from ..disguise import as_heard, disguise, hide
from ..losses import UNKNOWN_PHONE, Batch
from ..model import Actor
from ..prepare import line_levels, random_emotion
from .check import CheckedTake, emotion_row, performed
from .together import carried_over

__all__ = ["SETS", "Material", "Version", "draw", "held_out_batch", "tail_share", "versions_of"]

SETS = ("arkit", "metahuman")
KEPT = 0.5
"""How much a frame counts in which a control is not known and the old actor's word is taken."""
TAIL_SHARE, TAIL_SECONDS = 0.12, (4.0, 20.0)
"""The end of each take is kept from training, to tell when to stop."""
OWN_MOOD = 0.5
"""Share of examples in the mood of the take; the others are in moods drawn at random."""
_BODIES = Augmentation(body_chance=1.0, tempo_chance=0.0)
"""Resampling moves formants, pitch and tempo together, so time stays in proportion."""


@dataclass(frozen=True, eq=False)
class Version:
    """A take as it was recorded, or as another person in another place would sound.

    Attributes
    ----------
    levels : ndarray, shape (2n, 64), float32
        What the student hears, before it is disguised.
    clean : ndarray, shape (2n, 64), float32
        Features that the old actor hears.
    residual : dict of ndarray
        By control set, (n, controls) float32: captured less performed in the take's own mood.
    known : dict of ndarray
        By control set, (n, controls) bool: where the capture has a say.
    mood : ndarray, shape (7,)
    tail : int
        First frame that is kept from training.
    """

    levels: np.ndarray
    clean: np.ndarray
    residual: dict[str, np.ndarray]
    known: dict[str, np.ndarray]
    mood: np.ndarray
    tail: int

    @property
    def frames(self) -> int:
        """Frames of 20 ms."""
        return len(self.levels) // 2


@dataclass(frozen=True, eq=False)
class Material:
    """All there is to learn from.

    Attributes
    ----------
    versions : sequence of Version
    old : Actor
        The actor before fine-tuning, frozen.
    """

    versions: Sequence[Version]
    old: Actor


def tail_share(seconds: float) -> float:
    """Share of a take of some length that is kept from training, at its end."""
    return min(0.4, float(np.clip(TAIL_SHARE * seconds, *TAIL_SECONDS)) / seconds)


def versions_of(
    take: CheckedTake,
    old: Actor,
    *,
    count: int,
    rng: np.random.Generator,
    together: CorrelationModel | None,
) -> Iterable[Version]:
    """The take as it is, and `count` - 1 times in other voices, rooms and microphones.

    Parameters
    ----------
    together : CorrelationModel, optional
        Tells what the capture means for regions that it does not hold; without it they stay as the
        old actor has them.
    """
    phones = (Phone(0.0, take.seconds, SILENCE),)
    line = Utterance(take.samples, phones, take.name, "capture")
    for i in range(count):
        other = revoice(line, rng, config=_BODIES) if i else line
        spoilt = spoil(other.samples, rng) if i else other.samples
        yield _version(take, other.samples, spoilt, old, together)


def _version(
    take: CheckedTake,
    samples: np.ndarray,
    spoilt: np.ndarray,
    old: Actor,
    together: CorrelationModel | None,
) -> Version:
    frames = frame_count(len(samples) / SAMPLE_RATE)
    along = np.linspace(0.0, 1.0, frames) * (len(take.values) - 1)
    low = np.minimum(along.astype(np.intp), max(len(take.values) - 2, 0))
    part = (along - low)[:, None].astype(np.float32)
    values = take.values[low] * (1 - part) + take.values[low + 1] * part
    known = take.known[low] & take.known[low + 1]
    curves, _ = performed(old, samples, take.emotions)
    residual, has = _residuals(take.controls.name, values, known, curves)
    mood = emotion_row(take.emotions)
    if together is not None:
        _carry(together, curves, residual, has, mood)
    levels, _ = line_levels(samples, frames)
    return Version(
        levels=line_levels(spoilt, frames)[0],
        clean=as_heard(levels),
        residual=residual,
        known=has,
        mood=mood,
        tail=round(frames * (1.0 - tail_share(take.seconds))),
    )


def _residuals(
    name: str, values: np.ndarray, known: np.ndarray, performed: dict[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """What must be added to the old actor's curves in both sets, and where that is not nothing."""
    other = next(each for each in SETS if each != name)
    before = performed[name]
    residual = np.where(known, values - before, 0.0).astype(np.float32)
    clip, across = control_set(name).clip, mapping(name, other).apply
    carried = across(clip(before + residual)) - across(clip(before))
    return (
        {name: residual, other: carried},
        {name: known, other: known.any(axis=1)[:, None] & (np.abs(carried).max(axis=0) > 1e-4)},
    )


def _carry(
    model: CorrelationModel,
    performed: dict[str, np.ndarray],
    residual: dict[str, np.ndarray],
    known: dict[str, np.ndarray],
    mood: np.ndarray,
) -> None:
    """Add to the residuals what they mean for regions of which nothing is known."""

    def joined(parts: dict[str, np.ndarray]) -> np.ndarray:
        return np.concatenate([parts[name] for name in SETS], axis=1)

    before = joined(performed)
    told = carried_over(
        model, before=before, after=before + joined(residual), known=joined(known), emotion=mood
    )
    width = residual[SETS[0]].shape[1]
    residual[SETS[0]] += told[:, :width]
    residual[SETS[1]] += told[:, width:]


def draw(
    material: Material,
    rng: np.random.Generator,
    *,
    batch: int,
    crop: int,
    kind: torch.dtype = torch.float32,
) -> Batch:
    """A batch in all voices and moods.

    Parameters
    ----------
    crop : int
        Frames of 20 ms; shorter if the shortest take is.
    kind : torch.dtype
        What the old actor computes in.
    """
    versions = material.versions
    crop = min(crop, *(version.tail for version in versions))
    lengths = np.array([version.tail for version in versions], dtype=float)
    heard, clean, moods, rows = [], [], [], []
    for i in rng.choice(len(versions), size=batch, p=lengths / lengths.sum()):
        version = versions[i]
        start = int(rng.integers(0, version.tail - crop + 1))
        levels = version.levels[2 * start : 2 * (start + crop)]
        if rng.random() < 0.75:
            levels = disguise(levels, rng)
        heard.append(hide(as_heard(levels), rng))
        clean.append(version.clean[2 * start : 2 * (start + crop)])
        own = np.tile(version.mood, (crop, 1))
        moods.append(own if rng.random() < OWN_MOOD else random_emotion(crop, rng))
        rows.append((version, slice(start, start + crop)))
    return _batch(material.old, heard, clean, moods, rows, kind)


def held_out_batch(material: Material, version: Version, *, own_mood: bool) -> Batch:
    """The end of a take, as it was recorded, in its own mood or in one emotion after the other."""
    rows = slice(version.tail, version.frames)
    features = version.clean[2 * rows.start : 2 * rows.stop]
    frames = rows.stop - rows.start
    mood = np.tile(version.mood, (frames, 1))
    if not own_mood:
        count = len(version.mood)
        mood = np.eye(count)[np.arange(frames) * count // frames]
    return _batch(material.old, [features], [features], [mood], [(version, rows)], torch.float32)


@torch.no_grad()
def _batch(
    old: Actor,
    heard: list[np.ndarray],
    clean: list[np.ndarray],
    moods: list[np.ndarray],
    rows: list[tuple[Version, slice]],
    kind: torch.dtype,
) -> Batch:
    emotion = torch.from_numpy(np.stack(moods).astype(np.float32))
    said = old(torch.from_numpy(np.stack(clean)).to(kind), emotion.to(kind))
    goals, counts = {}, {}
    for name in SETS:
        controls = control_set(name)
        residual = np.stack([version.residual[name][at] for version, at in rows])
        goal = getattr(said, name).numpy() + residual
        goals[name] = torch.from_numpy(np.clip(goal, controls.lows, controls.highs))
        known = np.stack([version.known[name][at] for version, at in rows])
        counts[name] = torch.from_numpy(np.where(known, 1.0, KEPT).astype(np.float32))
    nothing = torch.zeros(emotion.shape[:2])
    return Batch(
        features=torch.from_numpy(np.stack(heard)),
        emotion=emotion,
        arkit=goals["arkit"],
        metahuman=goals["metahuman"],
        closure=nothing,
        silence=nothing,
        phones=torch.full(nothing.shape, UNKNOWN_PHONE),
        known_arkit=counts["arkit"],
        known_metahuman=counts["metahuman"],
        known_events=torch.zeros(len(emotion), 1),
    )
