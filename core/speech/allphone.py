"""A recogniser of phones that knows no words, as Rhubarb Lip Sync uses it: pocketsphinx again."""

from __future__ import annotations

import numpy as np
from pocketsphinx import Config, Decoder, get_model_path

from ..features import SAMPLE_RATE
from .align import FRAME, OFFSET
from .phones import from_arpabet
from .timing import Phone, cover

__all__ = ["PhoneRecogniser"]


class PhoneRecogniser:
    """Samples to phones."""

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
