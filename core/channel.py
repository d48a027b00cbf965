"""What a microphone, a room or a codec does to the spectrum of a whole line, to be taken back.

Speech has much the same long-term average spectrum whoever speaks; what differs from it slowly and
everywhere is the recording. Taking part of the difference away (channel normalisation, as with
cepstral means: Atal 1974, "Effectiveness of linear prediction characteristics of the speech wave")
makes a muffled or thin recording look like those the actor has learnt from.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .features import FEATURE_RATE, FLOOR_DB, MELS, QUIETEST_DB

__all__ = ["LongTermSpectrum", "channel_of"]

ACTIVE_DB = 30.0
"""Frames whose loudest band is less than this below the reference level are speech."""
SHARE = 0.8
"""Of the difference from usual speech, how much is taken to be the recording's."""
PATIENCE = 1.5 * FEATURE_RATE
"""Frames of speech after which half of `SHARE` is believed: a word is not a spectrum."""
MOST_DB = 14.0
"""Bands that a telephone has cut off hold nothing that could be brought back."""
TOP_DB, BOTTOM_DB = 40, -120
_USUAL_DB = (
    -27.0, -24.7, -22.4, -20.8, -20.5, -21.6, -23.5, -24.7, -25.1, -25.6, -26.0, -26.7, -28.5,
    -29.5, -31.3, -33.0, -34.6, -35.7, -36.9, -37.9, -38.7, -39.3, -39.9, -40.5, -41.1, -41.4,
    -41.6, -41.6, -41.4, -41.3, -41.5, -41.9, -42.3, -42.7, -43.3, -43.7, -43.8, -43.9, -44.0,
    -44.2, -44.7, -45.0, -45.3, -45.7, -46.4, -47.0, -47.5, -48.0, -48.4, -49.0, -49.9, -50.8,
    -51.6, -52.4, -53.2, -54.0, -54.6, -55.3, -55.8, -56.2, -56.5, -56.9, -57.2, -57.6,
)  # fmt: skip
"""Mean level of each band in active frames, relative to the reference level; of 255 people."""


@lru_cache(maxsize=1)
def _usual() -> np.ndarray:
    usual = np.array(_USUAL_DB)
    return usual - usual.mean()


class LongTermSpectrum:
    """Average spectrum of a line that comes in parts, in memory that does not grow.

    Which frames are speech is known only when the reference level is, at the end of the line; so
    frames are summed apart for each decibel of their loudest band.
    """

    def __init__(self) -> None:
        self._sums = np.zeros((TOP_DB - BOTTOM_DB + 1, MELS))
        self._counts = np.zeros(TOP_DB - BOTTOM_DB + 1)

    def add(self, mel_db: np.ndarray) -> None:
        """Take in frames, shape (n, MELS), from `features.log_mel`."""
        peaks = mel_db.max(axis=1)
        at = np.clip(np.ceil(peaks), BOTTOM_DB, TOP_DB).astype(np.intp) - BOTTOM_DB
        heard = np.maximum(mel_db, peaks[:, None] - FLOOR_DB)
        # Frames in the order of their decibel, and each decibel's frames summed in one go.
        order = np.argsort(at, kind="stable")
        found, first, counts = np.unique(at[order], return_index=True, return_counts=True)
        if len(found):
            self._sums[found] += np.add.reduceat(heard[order].astype(np.float64), first, axis=0)
            self._counts[found] += counts

    def channel(self, level: float) -> np.ndarray:
        """How far the recording lifts each band, shape (MELS,), float32, dB.

        Parameters
        ----------
        level : float
            The line's `features.reference_level`.
        """
        none = np.zeros(MELS, dtype=np.float32)
        if level <= QUIETEST_DB:
            return none
        first = int(np.clip(np.ceil(level - ACTIVE_DB), BOTTOM_DB, TOP_DB)) - BOTTOM_DB
        frames = self._counts[first:].sum()
        if frames == 0:
            return none
        spectrum = self._sums[first:].sum(axis=0) / frames
        # The level as a whole is the reference level's affair.
        lifted = spectrum - spectrum.mean() - _usual()
        believed = SHARE * frames / (frames + PATIENCE)
        return np.clip(believed * lifted, -MOST_DB, MOST_DB).astype(np.float32)


def channel_of(mel_db: np.ndarray, level: float) -> np.ndarray:
    """`LongTermSpectrum.channel` of a whole line (frames, MELS)."""
    spectrum = LongTermSpectrum()
    spectrum.add(mel_db)
    return spectrum.channel(level)
