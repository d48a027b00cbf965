"""What the attention over a head's Gaussians hears: the actor's features about a moment."""

from __future__ import annotations

import numpy as np

from ..audio import Clip
from ..channel import LongTermSpectrum
from ..features import FEATURE_RATE, MELS, log_mel, normalise, reference_level

__all__ = ["audio_features", "heard_at"]


def audio_features(clip: Clip) -> np.ndarray:
    """Features of a whole recording, as the actor hears it: see `rigtalk.core.features`.

    Returns
    -------
    np.ndarray, shape (frames, 64), float32
        100 frames a second, 0-1.25: 0 is silence, 1 as loud as the line's loud frames.
    """
    mel = log_mel(clip.samples)
    level = reference_level(mel)
    spectrum = LongTermSpectrum()
    spectrum.add(mel)
    return normalise(mel, level, spectrum.channel(level))


def heard_at(features: np.ndarray, times: np.ndarray, frames: int) -> np.ndarray:
    """Windows of features centred on moments.

    Parameters
    ----------
    features : np.ndarray, shape (n, 64)
        From `audio_features`; silence outside.
    times : np.ndarray, shape (...)
        Seconds of the recording.
    frames : int
        Length of a window, 10 ms each.

    Returns
    -------
    np.ndarray, shape (..., frames, 64), float32
        Between two frames of the features they are mixed, so that motion is smooth at any rate.
    """
    around = np.arange(frames) - (frames - 1) / 2
    at = np.asarray(times, np.float64)[..., None] * FEATURE_RATE + around
    at = np.clip(at, -1, len(features))
    padded = np.concatenate([np.zeros((1, MELS)), features, np.zeros((2, MELS))])
    padded = padded.astype(np.float32)
    before = np.floor(at).astype(np.intp)
    share = (at - before)[..., None].astype(np.float32)
    return padded[before + 1] * (1 - share) + padded[before + 2] * share
