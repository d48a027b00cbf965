from dataclasses import replace

import numpy as np
import pytest

from rigtalk.training.corpus.augment import CHANCES, EFFECTS, Augmentation, revoice, spoil
from rigtalk.training.corpus.utterance import SAMPLE_RATE, Utterance

from .conftest import LATEST, lag


def clicks(utterance: Utterance) -> Utterance:
    """A click at the middle of every phone, whose time can be read from the result."""
    samples = np.zeros_like(utterance.samples)
    middles = (utterance.starts + utterance.ends) / 2
    samples[np.round(middles * SAMPLE_RATE).astype(int)] = 0.5
    return replace(utterance, samples=samples)


def test_resampled_phones_move_with_the_sound(spoken: Utterance, rng: np.random.Generator) -> None:
    config = Augmentation(body_chance=1, formants=(1.25, 1.25), pitch=(1.0, 1.0), tempo_chance=0.0)
    changed = revoice(spoken, rng, config=config)
    assert changed.duration == pytest.approx(spoken.duration / 1.25, abs=1e-3)
    assert [p.symbol for p in changed.phones] == [p.symbol for p in spoken.phones]
    assert changed.starts == pytest.approx(spoken.starts / 1.25, abs=1e-3)


@pytest.mark.parametrize("formants", [0.8, 1.35])
@pytest.mark.parametrize("pitch", [0.85, 1.2])
def test_revoiced_phones_lie_where_the_sound_is(
    spoken: Utterance, formants: float, pitch: float
) -> None:
    config = Augmentation(
        body_chance=1, formants=(formants,) * 2, pitch=(pitch,) * 2, tempo_chance=0.0
    )
    for seed in range(2):
        changed = revoice(clicks(spoken), np.random.default_rng(seed), config=config)
        for phone in changed.phones:
            first, last = (round(t * SAMPLE_RATE) for t in (phone.start, phone.end))
            there = first + int(np.argmax(np.abs(changed.samples[first:last])))
            assert abs(there - (first + last) / 2) <= LATEST


def test_revoice_may_leave_speech_alone(spoken: Utterance, rng: np.random.Generator) -> None:
    config = Augmentation(body_chance=0.0, tempo_chance=0.0)
    assert revoice(spoken, rng, config=config) is spoken


def test_revoiced_speech_is_covered_and_repeatable(spoken: Utterance) -> None:
    durations = set()
    for seed in range(12):
        once = revoice(spoken, np.random.default_rng(seed))
        again = revoice(spoken, np.random.default_rng(seed))
        np.testing.assert_array_equal(once.samples, again.samples)
        assert once.phones == again.phones
        assert once.samples.dtype == np.float32
        assert np.isfinite(once.samples).all()
        assert once.starts[0] == 0
        assert (once.starts[1:] == once.ends[:-1]).all()
        assert once.ends[-1] == pytest.approx(once.duration)
        durations.add(round(once.duration, 3))
    assert len(durations) > 5


@pytest.mark.parametrize("effect", EFFECTS)
def test_no_effect_moves_speech_in_time(
    effect: str, spoken: Utterance, rng: np.random.Generator
) -> None:
    config = Augmentation.only(effect, noise_db=(12.0, 12.0))
    # With a pause at both ends and hiss, for gates and their like to work on.
    speech = np.pad(spoken.samples, 8000)
    speech += rng.normal(0.0, 0.003, len(speech)).astype(np.float32)
    differences = []
    for seed in range(6):
        changed = spoil(speech, np.random.default_rng(seed), config=config)
        assert changed.shape == speech.shape
        assert changed.dtype == np.float32
        assert np.abs(changed).max() <= 1.0
        assert abs(lag(speech, changed)) <= LATEST
        again = spoil(speech, np.random.default_rng(seed), config=config)
        np.testing.assert_array_equal(changed, again)
        fitted = changed * (changed @ speech) / (changed @ changed)
        differences.append(float(np.abs(fitted - speech).max()))
    # One line may leave a gate or a compressor little to do.
    assert np.median(differences) > 1e-3


@pytest.mark.parametrize("count", [1, 2, 7, 160, 3000])
def test_everything_at_once_bears_tiny_lines(count: int, rng: np.random.Generator) -> None:
    config = Augmentation.only(*EFFECTS, offset_chance=1.0, faint_chance=0.5)
    for _ in range(4):
        samples = rng.uniform(-1, 1, count).astype(np.float32)
        changed = spoil(samples, rng, config=config)
        assert changed.shape == samples.shape
        assert np.isfinite(changed).all()
        assert np.abs(changed).max() <= 1.0


def test_nothing_and_silence_stay_as_they_are(rng: np.random.Generator) -> None:
    config = Augmentation.only(*EFFECTS)
    assert len(spoil(np.zeros(0, np.float32), rng, config=config)) == 0
    still = spoil(np.zeros(8000, np.float32), rng, config=config)
    assert np.isfinite(still).all()
    assert np.abs(still).max() == 0


def test_silent_and_tiny_lines_are_revoiced(spoken: Utterance) -> None:
    for count in (0, 1, 100, 8000):
        short = Utterance(
            np.zeros(count, np.float32),
            tuple(replace(p, end=count / SAMPLE_RATE) for p in spoken.phones[:1]),
            "a",
            "test",
        )
        for seed in range(8):
            changed = revoice(short, np.random.default_rng(seed))
            assert np.isfinite(changed.samples).all()
            assert not np.abs(changed.samples).any()


def test_noise_lies_as_far_below_the_speech_as_asked(rng: np.random.Generator) -> None:
    tone = np.sin(2 * np.pi * 401 * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)
    config = Augmentation.only("noise", noise_db=(20, 20))
    changed = spoil(tone, rng, config=config)
    gain = float(changed @ tone / (tone @ tone))
    noise = changed - gain * tone
    # Against the 90th percentile of the speech, which is close to its peak for a tone.
    assert 20 * np.log10(gain / noise.std()) == pytest.approx(20.0, abs=0.5)


def test_babble_is_used(spoken: Utterance) -> None:
    asked = []

    def babble(count: int) -> np.ndarray:
        asked.append(count)
        return np.resize(spoken.samples, count)

    config = Augmentation.only("crowd")
    for seed in range(4):
        spoil(spoken.samples, np.random.default_rng(seed), config=config, babble=babble)
    assert set(asked) == {len(spoken.samples)}


def test_clean_speech_is_the_commonest(spoken: Utterance) -> None:
    samples = spoken.samples[:8000]
    clean = 0
    for seed in range(200):
        changed = spoil(samples, np.random.default_rng(seed))
        clean += float(np.corrcoef(samples, changed)[0, 1]) > 1 - 1e-6
    # 0.3 and what is left of the rest when every effect is passed over.
    usual = Augmentation()
    spared = float(np.prod([1.0 - usual.chances[name] for name in EFFECTS]))
    expected = usual.clean_chance + (1 - usual.clean_chance) * spared
    assert clean / 200 == pytest.approx(expected, abs=0.1)
    assert expected > max(usual.chances.values()) * (1 - usual.clean_chance)


def test_faint_speech_is_rounded_to_its_bits(spoken: Utterance, rng: np.random.Generator) -> None:
    config = Augmentation.only(faint_chance=1.0, faint_db=(-60.0, -60.0))
    faint = spoil(spoken.samples, rng, config=config)
    assert np.abs(faint).max() == pytest.approx(0.001, rel=0.03)
    np.testing.assert_array_equal(faint * 32768, np.round(faint * 32768))


def test_offset_is_a_part_of_the_peak(spoken: Utterance, rng: np.random.Generator) -> None:
    config = Augmentation.only(offset_chance=1.0, offset=(0.2, 0.2), level_db=(-6.0, -6.0))
    moved = spoil(spoken.samples, rng, config=config)
    usual = np.median(spoken.samples[np.abs(spoken.samples) < 1e-3])
    assert np.median(moved) - usual == pytest.approx(0.2 * 10 ** (-6 / 20), abs=5e-3)


def test_every_chance_has_its_effect() -> None:
    assert set(CHANCES) == set(EFFECTS)
