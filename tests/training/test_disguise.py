"""A disguised line is another recording of the same line, never another line."""

import dataclasses

import numpy as np
import pytest

from rigtalk.core.channel import channel_of
from rigtalk.core.features import log_mel, normalise, reference_level
from rigtalk.training import disguise as disguises
from rigtalk.training.disguise import TOP, Disguise, as_heard, disguise, hide, many_voices
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


def test_a_room_falls_silent_in_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disguises, "REVERBERATION", (0.5, 0.5))
    monkeypatch.setattr(disguises, "DIRECT_DB", (6.0, 6.0))
    monkeypatch.setattr(disguises, "_flutter", lambda frames, rng: np.zeros((frames, BANDS)))
    click = np.full((100, BANDS), -2.0, dtype=np.float32)
    click[20] = 1.0
    heard = disguise(click, np.random.default_rng(0), config=only("room_chance"))
    power = 10.0 ** (6.0 * heard[:, 0])
    assert 10 * np.log10(power[20] / power[21:].sum()) == pytest.approx(6.0, abs=0.1)
    assert heard[25, 0] - heard[65, 0] == pytest.approx(0.4 / 0.5, abs=0.01)  # of 60 dB
    assert heard[:20].max() < -1.9  # nothing sounds before the click


def test_noise_goes_up_and_down_like_noise(levels: np.ndarray) -> None:
    silence = np.full((400, BANDS), -2.0, dtype=np.float32)
    hiss = log_mel(np.random.default_rng(8).normal(0, 0.1, 64000).astype(np.float32)) / 60.0
    swings = []
    for seed in range(20):
        heard = disguise(silence, np.random.default_rng(seed), config=only("noise_chance"))
        swings.append(np.diff(heard, axis=0).std(axis=0))
    # Narrow bands flutter more than wide ones, and as much as in a recording of noise.
    np.testing.assert_allclose(np.mean(swings, axis=0), np.diff(hiss, axis=0).std(axis=0), rtol=0.2)


def test_pieces_are_said_by_different_people(levels: np.ndarray) -> None:
    twice = np.concatenate([levels, levels])
    lengths = [len(levels), len(levels)]
    heard = many_voices(twice, lengths, np.random.default_rng(1), config=Disguise(tract_chance=1.0))
    assert heard.shape == twice.shape
    first, second = heard[: len(levels)], heard[len(levels) :]
    assert np.abs(first - second).mean() > 0.01
    loudness = first.mean(axis=1), second.mean(axis=1)
    assert np.corrcoef(*loudness)[0, 1] > 0.95
