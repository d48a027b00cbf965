"""Which emotion a take reads as: a linear classifier over how far each part of the face goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rigtalk.rigs import control_set

from ..direction import EMOTIONS

__all__ = ["FEATURE_NAMES", "MOODS", "NEUTRAL", "EmotionReader", "face_features", "train_reader"]

NEUTRAL = "neutral"
MOODS = (NEUTRAL, *EMOTIONS)
"""Classes, in the order of the reader's rows."""
_LAYERS = ("eyeBlink", "eyeLook", "tongueOut", "head", "leftEye", "rightEye")
"""Beginnings of controls that say nothing of mood: blinks, gaze, head."""


@lru_cache(maxsize=1)
def _stems() -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Controls without their side, and their columns."""
    stems: dict[str, list[int]] = {}
    for i, name in enumerate(control_set("arkit").names):
        if not name.startswith(_LAYERS):
            stems.setdefault(name.removesuffix("Left").removesuffix("Right"), []).append(i)
    return tuple((stem, tuple(columns)) for stem, columns in stems.items())


FEATURE_NAMES = tuple(
    f"{stem} {what}"
    for what in ("mean", "range", "lopsided")
    for stem, columns in _stems()
    if what != "lopsided" or len(columns) == 2
)


def face_features(values: np.ndarray) -> np.ndarray:
    """Statistics of a take, shape (features,).

    Parameters
    ----------
    values : ndarray, shape (frames, 61)
        ARKit controls.

    Returns
    -------
    ndarray
        As `FEATURE_NAMES`: the mean of each control over both sides, its 95th less its 5th
        percentile, and the mean difference between the sides.
    """
    pairs = [values[:, list(columns)] for _, columns in _stems()]
    both = np.stack([pair.mean(axis=1) for pair in pairs], axis=1)
    low, high = np.percentile(both, (5, 95), axis=0)
    lopsided = [abs(float((p[:, 0] - p[:, 1]).mean())) for p in pairs if p.shape[1] == 2]
    return np.concatenate([both.mean(axis=0), high - low, lopsided])


@dataclass(frozen=True)
class EmotionReader:
    """Softmax regression.

    Attributes
    ----------
    mean, scale : ndarray, shape (features,)
        Of the features in training.
    weights : ndarray, shape (moods, features)
    bias : ndarray, shape (moods,)
    """

    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    bias: np.ndarray

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """How likely each mood is, shape (moods,) or (takes, moods).

        Parameters
        ----------
        features : ndarray, shape (features,) or (takes, features)
            From `face_features`.
        """
        # A face beyond all that was seen in training shall not outweigh everything else.
        z = np.clip((features - self.mean) / self.scale, -6.0, 6.0)
        scores = z @ self.weights.T + self.bias
        odds = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return odds / odds.sum(axis=-1, keepdims=True)

    def read(self, values: np.ndarray) -> dict[str, float]:
        """How likely each mood of a take is, by name, likeliest first.

        Parameters
        ----------
        values : ndarray, shape (frames, 61)
            ARKit controls.
        """
        chances = self.probabilities(face_features(values))
        order = np.argsort(-chances, kind="stable")
        return {MOODS[i]: float(chances[i]) for i in order}


def train_reader(
    features: np.ndarray,
    moods: Sequence[int] | np.ndarray,
    *,
    penalty: float = 1e-3,
    steps: int = 1500,
    rate: float = 0.5,
) -> EmotionReader:
    """Fit the reader by gradient descent with momentum; the result depends on nothing random.

    Parameters
    ----------
    features : ndarray, shape (takes, features)
    moods : sequence of int
        Index in `MOODS` of each take.
    penalty : float
        On the squares of the weights.
    steps : int
    rate : float
        Of learning.
    """
    mean, scale = features.mean(axis=0), np.maximum(features.std(axis=0), 0.01)
    z = np.clip((features - mean) / scale, -6.0, 6.0)
    wanted = np.eye(len(MOODS))[np.asarray(moods)]
    weights, bias = np.zeros((len(MOODS), z.shape[1])), np.zeros(len(MOODS))
    pace_w, pace_b = np.zeros_like(weights), np.zeros_like(bias)
    for _ in range(steps):
        scores = z @ weights.T + bias
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        wrong = odds / odds.sum(axis=1, keepdims=True) - wanted
        pace_w = 0.9 * pace_w - rate * 0.1 * (wrong.T @ z / len(z) + penalty * weights)
        pace_b = 0.9 * pace_b - rate * 0.1 * wrong.mean(axis=0)
        weights += pace_w
        bias += pace_b
    return EmotionReader(mean, scale, weights, bias)
