"""Longer utterances with pauses, out of sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rigtalk.core.speech.phones import SILENCE

from .utterance import SAMPLE_RATE, Phone, Utterance, cover

__all__ = ["join", "trimmed"]


def trimmed(utterance: Utterance, *, margin: float = 0.03) -> Utterance:
    """Without the silence at both ends, but for `margin` seconds."""
    spoken = [phone for phone in utterance.phones if phone.symbol != SILENCE]
    if not spoken:
        return utterance
    first = max(0, int((spoken[0].start - margin) * SAMPLE_RATE))
    last = min(len(utterance.samples), int((spoken[-1].end + margin) * SAMPLE_RATE))
    shift = first / SAMPLE_RATE
    phones = [replace(p, start=p.start - shift, end=p.end - shift) for p in utterance.phones]
    return replace(
        utterance,
        samples=utterance.samples[first:last],
        phones=cover(phones, (last - first) / SAMPLE_RATE),
    )


def join(
    utterances: Sequence[Utterance], pauses: Sequence[float], *, levels: Sequence[float]
) -> Utterance:
    """Utterances one after the other.

    Parameters
    ----------
    utterances : sequence of Utterance
        Of one speaker.
    pauses : sequence of float
        Seconds of silence before each and after the last: one more than utterances.
    levels : sequence of float
        Gain of each utterance.
    """
    pieces: list[np.ndarray] = []
    phones: list[Phone] = []
    length = 0
    for utterance, pause, level in zip(utterances, pauses, levels, strict=False):
        pieces.append(np.zeros(int(pause * SAMPLE_RATE), np.float32))
        length += len(pieces[-1])
        shift = length / SAMPLE_RATE
        phones += [replace(p, start=p.start + shift, end=p.end + shift) for p in utterance.phones]
        pieces.append(utterance.samples * np.float32(level))
        length += len(pieces[-1])
    pieces.append(np.zeros(int(pauses[-1] * SAMPLE_RATE), np.float32))
    samples = np.concatenate(pieces)
    return replace(
        utterances[0],
        samples=samples,
        phones=cover(phones, len(samples) / SAMPLE_RATE),
        text=" ".join(utterance.text for utterance in utterances),
    )
