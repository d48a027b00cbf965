"""From a line with phones to features and targets in step."""

import numpy as np
import pytest

from rigtalk.core.direction import EMOTIONS
from rigtalk.core.speech.phones import SYMBOL_IDS
from rigtalk.rigs import control_set
from rigtalk.training.corpus.utterance import Phone, Utterance
from rigtalk.training.examples import NO_PHONE
from rigtalk.training.prepare import (
    calm,
    capture_example,
    example_of,
    line_levels,
    random_emotion,
)


def speech(seconds: float = 2.0, level: float = 0.2) -> np.ndarray:
    """A buzz in the middle, silence around it."""
    times = np.arange(int(seconds * 16000)) / 16000
    buzz = sum(np.sin(2 * np.pi * f * times) / f for f in range(120, 4000, 120)) * 60
    loud = (times > 0.5) & (times < seconds - 0.5)
    return (level * buzz * loud).astype(np.float32)


def test_features_and_loudness_follow_the_sound_and_not_its_level() -> None:
    features, loudness = line_levels(speech(), 101)
    quiet, _ = line_levels(speech(level=0.01), 101)
    assert features.shape == (202, 64)
    assert loudness.shape == (101,)
    assert loudness[:23].max() == 0.0
    assert loudness[30:70].min() > 30.0
    # Levels are relative to the line's own, up to the rounding of the floor.
    heard = [np.clip(one, 0.0, 1.25) for one in (features, quiet)]
    np.testing.assert_allclose(*heard, atol=0.02)


def test_emotions_are_in_range_and_of_all_kinds() -> None:
    rng = np.random.default_rng(0)
    drawn = np.stack([random_emotion(50, rng) for _ in range(400)])
    assert drawn.shape == (400, 50, len(EMOTIONS))
    assert drawn.min() >= 0.0
    assert drawn.max() <= 1.0
    felt = drawn.max(axis=1) > 0.05
    assert 0.2 < (felt.sum(axis=1) == 0).mean() < 0.5  # none
    assert (felt.sum(axis=1) > 1).mean() > 0.1  # mixtures
    assert felt.any(axis=0).all()  # each of them
    assert (drawn.std(axis=1).max(axis=1) > 0.01).mean() > 0.1  # some that change
    assert calm(50, rng).max() == 0.0


def test_an_example_is_in_step_with_its_phones() -> None:
    phones = (
        Phone(0.0, 0.5, "sil"),
        Phone(0.5, 0.8, "aa", 1),
        Phone(0.8, 0.95, "m"),
        Phone(0.95, 1.5, "aa", 1),
        Phone(1.5, 2.0, "sil"),
    )
    line = Utterance(speech(), phones, "nobody", "test")
    example = example_of(line, np.random.default_rng(0), feel=calm)
    frames = len(example.closure)
    assert frames == 101
    assert example.features.shape == (2 * frames, 64)
    assert example.phones[30] == SYMBOL_IDS["aa"]
    assert example.phones[43] == SYMBOL_IDS["m"]
    assert example.closure[43] > 0.9
    assert example.closure[[30, 60]].max() == 0.0
    jaw = example.arkit[:, control_set("arkit").index("jawOpen")]
    close = example.arkit[:, control_set("arkit").index("mouthClose")]
    assert jaw[60] > 0.1
    assert close[43] == pytest.approx(jaw[43], abs=0.02)
    assert example.silence[[5, 95]].min() > 0.9
    # Heard in noise, the face is the same and the features are not.
    rng = np.random.default_rng(0)
    heard = line.samples + np.random.default_rng(1).normal(0, 0.01, len(line.samples))
    noisy = example_of(line, rng, heard=heard.astype(np.float32), feel=calm)
    np.testing.assert_array_equal(noisy.arkit, example.arkit)
    assert np.abs(noisy.features - example.features).max() > 0.2


def test_a_capture_is_resampled_to_50_frames_a_second() -> None:
    fps, seconds = 30.0, 2.0
    names = ["mouth_stretch_c", "mouth_oo_c"]
    times = np.arange(int(seconds * fps) + 1) / fps
    values = np.stack([0.2 + 0.2 * np.sin(2 * np.pi * times), 0 * times], axis=1)
    example = capture_example(speech(seconds), values.astype(np.float32), names, fps=fps)
    assert len(example.arkit) == 101
    jaw = example.arkit[:, control_set("arkit").index("jawOpen")]
    wave = np.sin(2 * np.pi * np.arange(101) / 50)
    # Linear interpolation of a 1 Hz sine at 30 fps errs by (pi / 30)^2 / 2 = 0.5 % of it.
    assert np.corrcoef(jaw, wave)[0, 1] > 0.999
    assert (example.phones == NO_PHONE).all()
    assert example.silence[:20].min() == 1.0
    assert example.silence[30:70].max() == 0.0
