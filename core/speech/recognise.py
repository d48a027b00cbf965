"""The words of English speech, by pocketsphinx, where somebody wants them without writing them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..features import SAMPLE_RATE
from .pieces import pieces_of
from .sphinx import needing_pocketsphinx

__all__ = ["recognise"]


def recognise(
    samples: np.ndarray,
    *,
    progress: Callable[[float], None] = lambda share: None,
) -> str:
    """What is said.

    One word in two or three is another one in the recordings of the tests, but it sounds alike.

    Parameters
    ----------
    samples : ndarray, shape (n,), float32
        16 kHz.
    progress : callable
        Called with the share done, 0-1.

    Returns
    -------
    str
        Words, a line for each piece of the recording; empty where none were heard.

    Raises
    ------
    RigtalkError
        If pocketsphinx is not installed.
    """
    with needing_pocketsphinx("recognising words", "give a script"):
        from .align import Aligner
    aligner, lines = Aligner(), []
    pieces = pieces_of(samples)
    for i, (begin, end) in enumerate(pieces):
        lines.append(aligner.transcribe(samples[int(begin * SAMPLE_RATE) : int(end * SAMPLE_RATE)]))
        progress((i + 1) / len(pieces))
    return "\n".join(line for line in lines if line)
