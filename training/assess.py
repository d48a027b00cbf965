"""Quick figures of an actor in training, on people and takes it never hears in training.

They judge the network alone, in a few seconds; `rigtalk.training.evaluation` judges the finished
actor with a face.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from rigtalk.core.speech.phones import PHONES, SYMBOLS, VISEMES
from rigtalk.rigs import control_set

from .encoder.network import WINDOW_SECONDS, EncodedActor
from .encoder.samples import heard_samples, stretches
from .examples import NO_PHONE, ExampleShard, heard_features
from .model import Actor, ActorOutput

__all__ = ["ClosureCurve", "assess", "choose_threshold", "closure_curve", "perform_shard"]

FRAME = 0.02
"""Seconds."""
AROUND = 2
"""Frames beside a closure in which the lips may still be, or already be, together."""
LONGEST = 40
"""Frames; lips that keep together for longer through speech shut nothing in particular, and count
as a false seal for each such stretch."""
FALSE_SEALS = 0.15
"""False seals per second of speech at which the threshold is chosen."""
RATES = (0.1, 0.2, 0.4)
CAPTURED_CONTROLS = ("jawOpen", "mouthPucker", "mouthFunnel", "mouthLowerDownLeft")
_VISEME = np.array([VISEMES.index(PHONES[symbol].viseme) for symbol in SYMBOLS])


@dataclass(frozen=True)
class ClosureCurve:
    """Closures found against closures made up, for every threshold; all of shape (n,).

    Attributes
    ----------
    threshold : ndarray
        Probability from which lips are sealed, falling.
    recall : ndarray
        Share of p, b, m during which lips are sealed.
    false_per_second : ndarray
        Seals where there is no p, b or m, per second of speech.
    """

    threshold: np.ndarray
    recall: np.ndarray
    false_per_second: np.ndarray

    def recall_at(self, rate: float) -> float:
        """The best recall with at most so many false seals per second."""
        good = self.false_per_second <= rate
        return float(self.recall[good].max()) if good.any() else 0.0


def closure_curve(closure: np.ndarray, truth: np.ndarray, silence: np.ndarray) -> ClosureCurve:
    """Recall and false seals over thresholds.

    Parameters
    ----------
    closure : ndarray, shape (n,)
        Probabilities.
    truth, silence : ndarray, shape (n,)
        Above 0.5 where lips are sealed, where nobody speaks.
    """
    sealed, speaks = truth > 0.5, silence < 0.5
    seconds = max(float(speaks.sum()) * FRAME, 1e-9)
    begins, ends = _runs(sealed)
    peaks = np.array([closure[a:b].max() for a, b in zip(begins, ends, strict=True)])
    near = sealed.copy()
    for shift in range(1, AROUND + 1):
        near[shift:] |= sealed[:-shift]
        near[:-shift] |= sealed[shift:]
    thresholds = np.linspace(0.98, 0.02, 97)
    recall, false = np.zeros(len(thresholds)), np.zeros(len(thresholds))
    for i, threshold in enumerate(thresholds):
        recall[i] = (peaks >= threshold).mean() if len(peaks) else 0.0
        first, last = _runs(closure >= threshold)
        false[i] = sum(
            _false_seals(near[a:b], speaks[a:b]) for a, b in zip(first, last, strict=True)
        )
    return ClosureCurve(thresholds, recall, false / seconds)


def _false_seals(near: np.ndarray, speaks: np.ndarray) -> int:
    """How many false seals one seal counts as; in silence nobody minds, near a closure neither."""
    spoken = int(speaks.sum())
    if spoken == 0 or (near.any() and spoken <= LONGEST):
        return 0
    return max(1, spoken // LONGEST)


def choose_threshold(curve: ClosureCurve, *, false_seals: float = FALSE_SEALS) -> float:
    """The lowest threshold with at most so many false seals per second."""
    good = np.flatnonzero(curve.false_per_second <= false_seals)
    return round(float(curve.threshold[good[-1]]), 3) if len(good) else 0.98


def _runs(flags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Begins and ends of the stretches of true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return edges[::2], edges[1::2]


@torch.no_grad()
def perform_shard(actor: Actor, shard: ExampleShard) -> dict[str, np.ndarray]:
    """What the actor says of a whole shard: ``arkit``, ``closure``, ``silence``, ``phones``."""
    emotion = np.asarray(shard.arrays["emotion"], dtype=np.float32)
    parts = [
        actor(torch.from_numpy(heard)[None], torch.from_numpy(emotion[begin:end])[None])
        for heard, begin, end in _heard(actor, shard)
    ]
    said = ActorOutput(*(torch.cat(rows, dim=1) for rows in zip(*parts, strict=True)))
    return {
        "arkit": said.arkit[0].numpy(),
        "closure": torch.sigmoid(said.closure[0]).numpy(),
        "silence": torch.sigmoid(said.silence[0]).numpy(),
        "phones": said.phones[0].argmax(dim=-1).numpy(),
    }


def _heard(actor: Actor, shard: ExampleShard) -> Iterator[tuple[np.ndarray, int, int]]:
    """What the actor hears, and its first and last frame: all at once, or as it can attend to."""
    if not isinstance(actor, EncodedActor):
        yield heard_features(shard), 0, shard.frames
        return
    normalised = actor.pretrained.config.normalised
    for begin, end in stretches(shard, round(WINDOW_SECONDS / FRAME)):
        yield heard_samples(shard, begin, end, normalised=normalised), begin, end


def assess(
    actor: Actor, validation: Sequence[ExampleShard], captures: Sequence[ExampleShard] = ()
) -> dict[str, float]:
    """Figures for the log.

    Parameters
    ----------
    validation : sequence of ExampleShard
        Real speech of unseen people.
    captures : sequence of ExampleShard
        Held-out takes.
    """
    figures: dict[str, float] = {}
    if validation:
        said = [perform_shard(actor, shard) for shard in validation]

        def heard(name: str) -> np.ndarray:
            return np.concatenate([row[name] for row in said])

        def truth(name: str) -> np.ndarray:
            return np.concatenate([np.asarray(s.arrays[name]) for s in validation]).astype(float)

        phones = truth("phones").astype(int)
        known = phones != NO_PHONE
        found = heard("phones")[known]
        figures["viseme_accuracy"] = float((_VISEME[found] == _VISEME[phones[known]]).mean())
        silent = truth("silence")
        figures["silence_accuracy"] = float(((heard("silence") > 0.5) == (silent > 0.5)).mean())
        curve = closure_curve(heard("closure"), truth("closure"), silent)
        for rate in RATES:
            figures[f"closure_recall_at_{rate}"] = curve.recall_at(rate)
        figures["threshold"] = choose_threshold(curve)
        jaw = control_set("arkit").index("jawOpen")
        spoken = silent < 0.5
        figures["jaw_r"] = _correlation(heard("arkit")[spoken, jaw], truth("arkit")[spoken, jaw])
    takes = [(shard, perform_shard(actor, shard)["arkit"]) for shard in captures]
    for name in CAPTURED_CONTROLS:
        column = control_set("arkit").index(name)
        pairs = [
            _correlation(performed[:, column], shard.arrays["arkit"][:, column])
            for shard, performed in takes
            if shard.known_arkit[column]
        ]
        if pairs:
            figures[f"captured_{name}_r"] = float(np.mean(pairs))
    return figures


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a.astype(np.float64), b.astype(np.float64)
    if a.std() < 1e-9 or b.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])
