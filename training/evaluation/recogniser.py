"""A phone recogniser that drives the articulation model: lip sync as it was done before networks.

pocketsphinx hears phones without knowing the text, as Rhubarb Lip Sync does, and the articulation
model turns them into curves. What it gets wrong is the recogniser's fault alone.
"""

from __future__ import annotations

import numpy as np

from rigtalk.core.speech.allphone import PhoneRecogniser

from ..articulation import articulate
from ..corpus.utterance import SAMPLE_RATE
from .evaluate import at_judged_rate

__all__ = ["Recogniser"]

_TARGET_RATE = 50.0


class Recogniser:
    """Samples to ARKit controls by way of recognised phones."""

    def __init__(self) -> None:
        self._recogniser = PhoneRecogniser()

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """ARKit controls at the rate of the judge, shape (frames, 61), float32."""
        phones = self._recogniser.phones(samples)
        targets = articulate(phones, len(samples) / SAMPLE_RATE, rng=np.random.default_rng(0))
        return at_judged_rate(targets.arkit, _TARGET_RATE)
