"""A disguised line is another recording of the same line, never another line."""

import dataclasses

import numpy as np
import pytest

from rigtalk.core.channel import channel_of
from rigtalk.core.features import log_mel, normalise, reference_level
from rigtalk.training.disguise import TOP, Disguise, as_heard, disguise, hide
from rigtalk.training.prepare import line_levels

BANDS = 64
CHANCES = [field.name for field in dataclasses.fields(Disguise) if field.name.endswith("chance")]


@pytest.fixture(scope="module")
def levels() -> np.ndarray:
    """Syllables of 0.3 s, 400 frames, with a spectrum that falls like that of speech."""
    loud = np.clip(np.sin(np.arange(400) / 5.0), 0, 1)[:, None]
    noise = np.random.default_rng(3).normal(0, 0.02, (400, BANDS))
    return (loud * np.linspace(1.0, 0.4, BANDS) + noise - 0.2 * (loud == 0)).astype(np.float32)


def only(chance: str) -> Disguise:
    return Disguise(**{name: float(name == chance) for name in CHANCES})


@pytest.mark.parametrize("chance", CHANCES)
def test_each_disguise_keeps_the_course_of_the_line(levels: np.ndarray, chance: str) -> None:
    config, agreements, changes = only(chance), [], []
    before = as_heard(levels)
    for seed in range(40):
        rng = np.random.default_rng(seed)
        crowd = np.roll(levels, 37, axis=0)
        told = disguise(levels, rng, crowd=crowd, config=config)
        heard = hide(as_heard(told), rng, config=config)
        assert heard.shape == levels.shape
        assert heard.dtype == np.float32
        assert np.isfinite(heard).all()
        assert heard.min() >= 0.0
        assert heard.max() <= TOP
        agreements.append(np.corrcoef(heard.mean(axis=1), before.mean(axis=1))[0, 1])
        changes.append(np.abs(heard - before).mean())
    # Noise may bury quiet frames, but never turns the line into another one.
    assert np.median(agreements) > 0.85
    assert min(agreements) > 0.4
    assert max(changes) > 0.01  # and something does happen


def test_nothing_happens_by_no_chance(levels: np.ndarray) -> None:
    config = only("")
    rng = np.random.default_rng(0)
    assert np.array_equal(disguise(levels, rng, crowd=levels, config=config), levels)
    assert np.array_equal(hide(levels, rng, config=config), levels)


def test_training_hears_what_the_actor_hears() -> None:
    rng = np.random.default_rng(5)
    envelope = np.repeat(rng.uniform(0.01, 0.3, 40), 1600)
    samples = (rng.normal(0, 1, 64000) * envelope).astype(np.float32)
    mel = log_mel(samples)
    level = reference_level(mel)
    played = normalise(mel, level, channel_of(mel, level))
    taught = as_heard(line_levels(samples, 200)[0])
    np.testing.assert_allclose(taught, played[:400], atol=0.02)
