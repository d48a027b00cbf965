"""A piece of speech and when each of its phones is spoken."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rigtalk.core.speech.phones import SYMBOL_IDS, SYMBOLS
from rigtalk.core.speech.timing import Phone, cover

__all__ = ["SAMPLE_RATE", "Phone", "Utterance", "cover"]

SAMPLE_RATE = 16000
"""Hz, of every utterance."""


@dataclass(frozen=True)
class Utterance:
    """Speech with its phones.

    Attributes
    ----------
    samples : ndarray, shape (n,), float32
        16 kHz, full scale 1.
    phones : tuple of Phone
        In order and without gaps from 0 to the end; silence is the phone ``sil``.
    speaker : str
        One person or synthetic voice; splits never divide a speaker.
    source : str
        Engine or data set.
    language : str
        ISO 639-1 code.
    text : str
        What is said; empty where unknown.
    """

    samples: np.ndarray
    phones: tuple[Phone, ...]
    speaker: str
    source: str
    language: str = "en"
    text: str = ""

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / SAMPLE_RATE

    @cached_property
    def starts(self) -> np.ndarray:
        """Start of each phone in seconds, shape (phones,)."""
        return np.array([phone.start for phone in self.phones])

    @cached_property
    def ends(self) -> np.ndarray:
        """End of each phone in seconds, shape (phones,)."""
        return np.array([phone.end for phone in self.phones])

    @cached_property
    def ids(self) -> np.ndarray:
        """Index of each phone in `SYMBOLS`, shape (phones,), uint8."""
        return np.array([SYMBOL_IDS[phone.symbol] for phone in self.phones], dtype=np.uint8)

    @cached_property
    def stresses(self) -> np.ndarray:
        """Stress of each phone, shape (phones,), uint8."""
        return np.array([phone.stress for phone in self.phones], dtype=np.uint8)

    def ids_at(self, times: np.ndarray) -> np.ndarray:
        """Index in `SYMBOLS` of the phone spoken at each time, shape (n,), uint8."""
        at = np.searchsorted(self.ends, times, side="right").clip(0, len(self.phones) - 1)
        return self.ids[at]

    def symbols_at(self, times: np.ndarray) -> list[str]:
        """Symbol of the phone spoken at each time."""
        return [SYMBOLS[i] for i in self.ids_at(times)]
