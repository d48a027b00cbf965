"""Which phones a trained actor hears in speech that comes without text."""

from __future__ import annotations

import numpy as np
import torch

from rigtalk.core.speech.phones import SYMBOLS

from ..corpus.utterance import SAMPLE_RATE, Phone, cover
from ..disguise import as_heard
from ..model import Actor
from ..prepare import line_levels
from .gestures import FRAME
from .model import frame_count

__all__ = ["heard_phones", "likeliest"]

CHANGE = 2.0
"""Cost of going from one phone to another, in nats; a phone of one frame is mostly doubt."""


def heard_phones(actor: Actor, samples: np.ndarray) -> tuple[tuple[Phone, ...], np.ndarray]:
    """Phones in time, covering the whole recording, and its loudness.

    Parameters
    ----------
    actor : Actor
        In evaluation mode.
    samples : ndarray, shape (n,), float32
        16 kHz.

    Returns
    -------
    phones : tuple of Phone
    loudness : ndarray, shape (frames,)
        50 Hz, dB over the floor of what is heard.
    """
    seconds = len(samples) / SAMPLE_RATE
    frames = frame_count(seconds)
    levels, loudness = line_levels(samples, frames)
    with torch.inference_mode():
        said = actor(torch.from_numpy(as_heard(levels))[None], torch.zeros(1, frames, 7)).phones
    path = likeliest(torch.log_softmax(said[0].float(), dim=-1).numpy())
    bounds = np.concatenate([[0], np.flatnonzero(np.diff(path)) + 1, [frames]])
    edges = np.maximum((bounds - 0.5) * FRAME, 0.0)
    phones = (
        Phone(float(start), float(end), SYMBOLS[path[at]])
        for start, end, at in zip(edges[:-1], edges[1:], bounds[:-1], strict=True)
    )
    return cover(phones, seconds), loudness


def likeliest(scores: np.ndarray, *, change: float = CHANGE) -> np.ndarray:
    """The sequence of classes of the greatest score (Viterbi), each change of class at a cost.

    Parameters
    ----------
    scores : ndarray, shape (frames, classes)
        Log probabilities.
    change : float
        Taken off the score at each change.

    Returns
    -------
    ndarray of int, shape (frames,)
    """
    frames, classes = scores.shape
    before = np.zeros((frames, classes), dtype=np.intp)
    total = scores[0].astype(np.float64)
    for frame in range(1, frames):
        best = int(total.argmax())
        stays = total >= total[best] - change
        before[frame] = np.where(stays, np.arange(classes), best)
        total = np.where(stays, total, total[best] - change) + scores[frame]
    path = np.empty(frames, dtype=np.intp)
    path[-1] = total.argmax()
    for frame in range(frames - 1, 0, -1):
        path[frame - 1] = before[frame, path[frame]]
    return path
