"""What the judge compares with: how faces move that are told what to say and to feel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from rigtalk.core.direction import EMOTIONS
from rigtalk.core.judge.emotions import FEATURE_NAMES, MOODS, face_features, train_reader
from rigtalk.core.judge.pitch import loudness_of
from rigtalk.core.judge.reference import Reference
from rigtalk.core.judge.regions import matrix_distance, region_curves, region_matrix
from rigtalk.rigs.errors import RigtalkError

from ..articulation import Style, articulate, frame_count
from ..corpus.dataset import Corpus
from ..corpus.store import Entry

__all__ = ["articulated", "make_reference"]

LOWEST = 0.25
"""Intensity of the faintest emotion that the reader learns."""
SHORTEST, LONGEST = 1.5, 15.0
"""Seconds of a line."""
HELD_OUT = 5
"""Of every so many lines, one is kept to measure the reader on."""


def articulated(
    entry: Entry, rng: np.random.Generator, *, mood: str, intensity: float
) -> np.ndarray:
    """One way to say a line in a mood: ARKit controls at 50 Hz, shape (frames, 61), float32."""
    utterance = entry.utterance()
    frames = frame_count(utterance.duration)
    emotion = np.zeros(len(EMOTIONS), dtype=np.float32)
    if mood != MOODS[0]:
        emotion[EMOTIONS.index(mood)] = intensity
    return articulate(
        utterance.phones,
        utterance.duration,
        rng=rng,
        loudness=loudness_of(utterance.samples)[::2],
        emotion=emotion,
        style=Style.sample(rng),
        frames=frames,
    ).arkit


def make_reference(
    cache: Path,
    *,
    lines: int = 160,
    seed: int = 1,
    progress: Callable[[str, float], None] = lambda what, share: None,
) -> Reference:
    """Learn what ground truth looks like in each mood.

    Parameters
    ----------
    cache : Path
        The corpus; lines of people that actors are trained on are used where there are any, so
        that nothing is learnt from those that are judged on, else synthetic ones.
    lines : int
        Each of them is performed once in every mood.
    seed : int
    progress : callable

    Raises
    ------
    RigtalkError
        If there is no corpus.
    """
    chosen = _chosen(cache, lines)
    rng = np.random.default_rng(seed)
    features: list[np.ndarray] = []
    moods: list[int] = []
    matrices: dict[str, list[np.ndarray]] = {mood: [] for mood in MOODS}
    for i, entry in enumerate(chosen):
        for k, mood in enumerate(MOODS):
            values = articulated(entry, rng, mood=mood, intensity=float(rng.uniform(LOWEST, 1.0)))
            features.append(face_features(values))
            moods.append(k)
            matrices[mood].append(region_matrix(region_curves(values)))
        progress("ground truth", (i + 1) / len(chosen))
    table, truth = np.array(features), np.array(moods)
    kept = np.repeat(np.arange(len(chosen)) % HELD_OUT == 0, len(MOODS))
    tried = train_reader(*_also_still(table[~kept], truth[~kept]))
    right = tried.probabilities(table[kept]).argmax(axis=1) == truth[kept]
    means = {mood: np.mean(rows, axis=0) for mood, rows in matrices.items()}
    return Reference(
        reader=train_reader(*_also_still(table, truth)),
        matrices=means,
        own_distance={
            mood: float(np.mean([matrix_distance(row, means[mood]) for row in rows]))
            for mood, rows in matrices.items()
        },
        about={
            "lines": len(chosen),
            "takes": len(table),
            "intensity_from": LOWEST,
            "recovered_on_unseen_lines": round(float(right.mean()), 4),
        },
    )


def _also_still(table: np.ndarray, moods: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The faces, and the same faces holding still: a pose has a mood even without its motion."""
    still = table * np.array([name.endswith(" mean") for name in FEATURE_NAMES])
    return np.concatenate([table, still]), np.concatenate([moods, moods])


def _chosen(cache: Path, lines: int) -> Sequence[Entry]:
    try:
        corpus = Corpus(cache, "real-train")
    except RigtalkError:
        corpus = Corpus(cache, "synthetic")
    fit = np.flatnonzero((corpus.durations > SHORTEST) & (corpus.durations < LONGEST))
    return [corpus[int(i)] for i in fit[:: max(1, len(fit) // lines)][:lines]]
