"""Speech that the corpus tests share."""

import numpy as np
import pytest

from rigtalk.training.corpus import espeak
from rigtalk.training.corpus.utterance import Utterance
from rigtalk.training.corpus.voices import Manner, Voice


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
