"""A phone recogniser that drives the articulation model: lip sync as it was done before networks.

pocketsphinx hears phones without knowing the text, as Rhubarb Lip Sync does, and the articulation
model turns them into curves. What it gets wrong is the recogniser's fault alone.
"""

from __future__ import annotations

import numpy as np
from pocketsphinx import Config, Decoder, get_model_path

from ..articulation import articulate
from ..corpus.align import FRAME, OFFSET
from ..corpus.utterance import SAMPLE_RATE, Phone, cover
from ..phones import from_arpabet
from .evaluate import at_judged_rate

__all__ = ["Recogniser"]

_TARGET_RATE = 50.0


class Recogniser:
    """Samples to ARKit controls by way of recognised phones."""

    def __init__(self) -> None:
        # The settings that pocketsphinx's documentation gives for phone recognition.
        self._decoder = Decoder(
            Config(
                allphone=get_model_path("en-us/en-us-phone.lm.bin"),
                lw=2.0,
                beam=1e-20,
                pbeam=1e-20,
                loglevel="FATAL",
            )
        )

    def phones(self, samples: np.ndarray) -> tuple[Phone, ...]:
        """What is heard, covering the whole recording.

        Parameters
        ----------
        samples : ndarray, shape (n,), float32
            16 kHz.
        """
        pcm = np.round(np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes()
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()
        heard = [
            Phone(
                segment.start_frame * FRAME + OFFSET,
                (segment.end_frame + 1) * FRAME + OFFSET,
                from_arpabet(segment.word)[0],
            )
            for segment in self._decoder.seg() or ()
        ]
        return cover(heard, len(samples) / SAMPLE_RATE)

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """ARKit controls at the rate of the judge, shape (frames, 61), float32."""
        rng = np.random.default_rng(0)
        targets = articulate(self.phones(samples), len(samples) / SAMPLE_RATE, rng=rng)
        return at_judged_rate(targets.arkit, _TARGET_RATE)
