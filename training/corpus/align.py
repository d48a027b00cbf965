"""Alignment, under the name that this room uses."""

from rigtalk.core.speech.align import FRAME, OFFSET, Aligner, spoken_words

__all__ = ["FRAME", "OFFSET", "Aligner", "spoken_words"]
