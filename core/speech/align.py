"""Finds when each phone of a recording is spoken, with pocketsphinx."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache

import numpy as np
from pocketsphinx import Config, Decoder, get_model_path

from ..features import SAMPLE_RATE
from .phones import SILENCE, from_arpabet
from .timing import Phone, cover
from .words import spoken_words

__all__ = ["FRAME", "OFFSET", "Aligner"]

OFFSET = 0.0075
"""Seconds to add to the aligner's times so that they agree with hand labels."""
FRAME = 0.01
"""Seconds of a frame of the aligner."""
PADDING = 0.3
"""Seconds of silence that are added at both ends while aligning: a recording that begins or ends in
the middle of a sound has no silence for the aligner's first and last state."""
_SMALLEST = 0.03
"""Seconds; three states cannot be shorter. A long run of such phones is a failed alignment."""


class Aligner:
    """Phone times of recordings, by forced alignment in two passes: words, then states."""

    def __init__(self) -> None:
        self._forced = _decoder(lm=False)
        self._free: Decoder | None = None

    def align(self, samples: np.ndarray, text: str) -> tuple[Phone, ...] | None:
        """When each phone of a known text is spoken.

        Parameters
        ----------
        samples : ndarray, shape (n,), float32
            16 kHz.
        text : str
            English.

        Returns
        -------
        tuple of Phone or None
            Covering the recording; None where the alignment fails, which is most often the fault
            of the recording or of its text.
        """
        words = spoken_words(text)
        if not words or not all(self._knows(word) for word in words):
            return None
        padding = np.zeros(int(PADDING * SAMPLE_RATE), np.float32)
        pcm = _pcm(np.concatenate([padding, samples, padding]))
        try:
            self._forced.set_align_text(" ".join(words))
            _decode(self._forced, pcm)
            if self._forced.hyp() is None:
                return None
            self._forced.set_alignment()
            _decode(self._forced, pcm)
            alignment = self._forced.get_alignment()
            entries = [(p.name, p.start, p.duration) for p in alignment.phones()]
        except RuntimeError:
            # A decoder is of no more use after it has failed.
            self._forced = _decoder(lm=False)
            return None
        return _phones(entries, len(samples) / SAMPLE_RATE)

    def transcribe(self, samples: np.ndarray) -> str:
        """What the large-vocabulary recogniser makes of a recording; empty where it fails."""
        if self._free is None:
            self._free = _decoder(lm=True)
        try:
            _decode(self._free, _pcm(samples))
        except RuntimeError:
            self._free = None
            return ""
        hypothesis = self._free.hyp()
        words = hypothesis.hypstr.split() if hypothesis else []
        return " ".join(re.sub(r"\(\d+\)$", "", word) for word in words)

    def _knows(self, word: str) -> bool:
        if self._forced.lookup_word(word) is not None:
            return True
        guessed = _spell(word)
        if not guessed:
            return False
        self._forced.add_word(word, guessed, True)
        return True


@cache
def _spell(word: str) -> str:
    """ARPAbet of a word by flite's letter-to-sound rules; empty where flite is absent."""
    program = shutil.which("flite")
    if program is None:
        return ""
    done = subprocess.run(  # noqa: S603 -- a list, no shell
        [program, "-ps", "-voice", "kal16", "-t", word, "-o", "none"],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        symbols = [from_arpabet(symbol)[0] for symbol in done.stdout.split()]
    except KeyError:
        return ""
    return " ".join(symbol.upper() for symbol in symbols if symbol != SILENCE)


def _decoder(*, lm: bool) -> Decoder:
    # bestpath searches the word lattice again and loses alignments that the first pass found.
    settings: dict[str, object] = {"bestpath": lm, "loglevel": "FATAL"}
    if not lm:
        settings["lm"] = None
        settings["dict"] = get_model_path("en-us/cmudict-en-us.dict")
        settings["hmm"] = get_model_path("en-us/en-us")
    return Decoder(Config(**settings))


def _decode(decoder: Decoder, pcm: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()


def _pcm(samples: np.ndarray) -> bytes:
    # Quiet recordings align badly: the features keep few bits of them.
    peak = float(np.abs(samples).max(initial=0.0))
    scaled = samples * (0.7 / peak) if peak > 0 else samples
    return np.round(scaled * 32767).astype("<i2").tobytes()


def _phones(entries: list[tuple[str, int, int]], duration: float) -> tuple[Phone, ...] | None:
    shift = OFFSET - PADDING
    phones = [
        Phone(start * FRAME + shift, (start + length) * FRAME + shift, from_arpabet(name)[0])
        for name, start, length in entries
    ]
    spoken = [phone for phone in phones if phone.symbol != SILENCE]
    if len(spoken) < 2:
        return None
    # Squeezed phones: the text was not what was said, and the aligner had to get rid of it.
    squeezed = np.mean([phone.duration <= _SMALLEST + 1e-6 for phone in spoken])
    stretched = max(phone.duration for phone in spoken)
    if squeezed > 0.35 or stretched > 0.9:
        return None
    return cover(phones, duration)
