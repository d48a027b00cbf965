"""Speech that the corpus tests share."""

import numpy as np
import pytest

from rigtalk.training.corpus import espeak
from rigtalk.training.corpus.utterance import SAMPLE_RATE, Utterance
from rigtalk.training.corpus.voices import Manner, Voice

LATEST = round(0.0025 * SAMPLE_RATE)
"""Samples by which an effect may move speech: a quarter of the finest step of the features."""


def lag(before: np.ndarray, after: np.ndarray) -> int:
    """Samples by which one is later than the other, by cross-correlation."""
    size = 2 * len(before)
    match = np.fft.irfft(np.fft.rfft(after, size) * np.conj(np.fft.rfft(before, size)), size)
    late = int(np.argmax(match))
    return late if late < size // 2 else late - size


@pytest.fixture(scope="session")
def spoken() -> Utterance:
    """A sentence of espeak-ng."""
    if not espeak.available():
        pytest.skip("needs espeak-ng (libespeak-ng1)")
    voice = Voice("espeak", "en-us", "espeak-default")
    utterance = espeak.synthesise("Bob may move a puppy.", voice, Manner())
    assert utterance is not None
    return utterance


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)
