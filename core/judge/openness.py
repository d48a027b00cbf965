"""How open a mouth would be, told from the phones alone.

Each phone has an openness (`speech.phones.PHONES`: low vowels most, labials none); vowels without
stress are spoken with a smaller opening (de Jong, "The supraglottal articulation of prominence in
English", 1995); and jaw and lips, which turn about five times a second at most, follow the steps
from phone to phone as smoothly as a bell of 35 ms does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..speech.phones import PHONES, VOWELS
from ..speech.timing import UNKNOWN, Phone
from .signals import between, smoothed

__all__ = ["known_frames", "seen_opening", "spoken_openness"]

SMOOTH = 0.035
"""Seconds; the width of the bell."""
UNSTRESSED = 0.7
"""Part of its opening that an unstressed vowel keeps, where the labels mark stress at all."""


def spoken_openness(phones: Sequence[Phone], times: np.ndarray, fps: float) -> np.ndarray:
    """Openness over time, 0-1, shape (frames,).

    Parameters
    ----------
    phones : sequence of Phone
    times : ndarray, shape (frames,)
        Seconds.
    fps : float
    """
    marked = any(phone.stress for phone in phones)
    steps = np.zeros(len(times))
    for phone in phones:
        if phone.symbol == UNKNOWN:
            continue
        weak = marked and phone.symbol in VOWELS and phone.stress == 0
        opens = PHONES[phone.symbol].openness * (UNSTRESSED if weak else 1.0)
        steps[between(times, phone.start, phone.end)] = opens
    return smoothed(steps, SMOOTH * fps)


def seen_opening(opening: np.ndarray) -> np.ndarray:
    """What is seen of an opening: lips that press into each other are shut, not less than shut.

    Parameters
    ----------
    opening : ndarray, shape (frames,)
        mm over rest; negative where the meshes of the lips overlap.
    """
    return np.maximum(opening, 0.0)


def known_frames(phones: Sequence[Phone], times: np.ndarray) -> np.ndarray:
    """Frames in which it is known what is said, shape (frames,), bool."""
    known = np.ones(len(times), dtype=bool)
    for phone in phones:
        if phone.symbol == UNKNOWN:
            known[between(times, phone.start, phone.end)] = False
    return known
