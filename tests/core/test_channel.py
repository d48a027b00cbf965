"""The recording's colour is taken back; the speech's own is left alone."""

import numpy as np

from rigtalk.core.channel import MOST_DB, SHARE, LongTermSpectrum, channel_of
from rigtalk.core.features import MELS, QUIETEST_DB, reference_level


def speech(frames: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    falling = np.linspace(-20.0, -50.0, MELS)
    return (falling + rng.normal(0, 4, (frames, MELS))).astype(np.float32)


def test_a_muffled_recording_comes_near_the_clear_one() -> None:
    clear = speech(2000)
    muffling = np.linspace(6.0, -6.0, MELS).astype(np.float32)
    muffled = clear + muffling

    def colour(mel: np.ndarray) -> np.ndarray:
        return channel_of(mel, reference_level(mel))

    taken_back = colour(muffled) - colour(clear)
    # All but the share that is left to the speaker, and what a finite line leaves in doubt.
    believed = SHARE * 2000 / 2150
    np.testing.assert_allclose(taken_back, believed * muffling, atol=0.5)


def test_a_word_says_little_of_its_recording() -> None:
    mel = speech(2000) + np.linspace(6.0, -6.0, MELS).astype(np.float32)
    level = reference_level(mel)
    assert np.abs(channel_of(mel[:15], level)).max() < 0.2 * np.abs(channel_of(mel, level)).max()


def test_in_parts_as_in_one() -> None:
    mel = speech(999)
    parts = LongTermSpectrum()
    for begin in range(0, 999, 100):
        parts.add(mel[begin : begin + 100])
    np.testing.assert_allclose(parts.channel(-15.0), channel_of(mel, -15.0), atol=1e-5)


def test_silence_and_missing_bands_are_left_alone() -> None:
    silence = np.full((300, MELS), -120.0, dtype=np.float32)
    assert not channel_of(silence, QUIETEST_DB).any()
    assert not LongTermSpectrum().channel(-20.0).any()
    telephone = speech(1000)
    telephone[:, 46:] = -120.0
    channel = channel_of(telephone, reference_level(telephone))
    assert np.abs(channel).max() <= MOST_DB
    assert np.isfinite(channel).all()
