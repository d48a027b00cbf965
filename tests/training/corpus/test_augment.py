import numpy as np
import pytest

from rigtalk.training.corpus.augment import (
    Augmentation,
    coloured_noise,
    revoice,
    room_response,
    spoil,
)
from rigtalk.training.corpus.utterance import SAMPLE_RATE, Utterance

ALWAYS = Augmentation(
    shift_chance=1.0, room_chance=1.0, noise_chance=1.0, band_chance=1.0, clip_chance=1.0
)


def test_revoiced_phones_move_with_the_sound(spoken: Utterance, rng: np.random.Generator) -> None:
    config = Augmentation(shift_chance=1.0, shift=(1.25, 1.25))
    changed = revoice(spoken, rng, config=config)
    assert changed.duration == pytest.approx(spoken.duration / 1.25, abs=1e-3)
    assert [p.symbol for p in changed.phones] == [p.symbol for p in spoken.phones]
    assert changed.starts == pytest.approx(spoken.starts / 1.25, abs=1e-3)


def test_revoice_may_leave_speech_alone(spoken: Utterance, rng: np.random.Generator) -> None:
    assert revoice(spoken, rng, config=Augmentation(shift_chance=0.0)) is spoken


def test_spoilt_speech_keeps_its_length_and_is_repeatable(spoken: Utterance) -> None:
    for seed in range(8):
        once = spoil(spoken.samples, np.random.default_rng(seed), config=ALWAYS)
        again = spoil(spoken.samples, np.random.default_rng(seed), config=ALWAYS)
        assert once.shape == spoken.samples.shape
        assert once.dtype == np.float32
        assert np.abs(once).max() <= 1.0
        np.testing.assert_array_equal(once, again)
        assert np.abs(once - spoken.samples).max() > 1e-3


def test_spoiling_moves_nothing_in_time(spoken: Utterance, rng: np.random.Generator) -> None:
    config = Augmentation(room_chance=1.0, noise_chance=0.0, band_chance=0.0, clip_chance=0.0)
    changed = spoil(spoken.samples, rng, config=config)
    correlation = np.correlate(changed[:16000], spoken.samples[800:15200], "valid")
    assert abs(int(np.argmax(correlation)) - 800) <= 8  # half a millisecond


def test_noise_lies_as_far_below_the_speech_as_asked(rng: np.random.Generator) -> None:
    tone = np.sin(2 * np.pi * 400 * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)
    config = Augmentation(
        room_chance=0, noise_chance=1, noise_db=(20, 20), band_chance=0, clip_chance=0
    )
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

    for seed in range(12):
        config = Augmentation(noise_chance=1.0)
        spoil(spoken.samples, np.random.default_rng(seed), config=config, babble=babble)
    assert set(asked) == {len(spoken.samples)}


@pytest.mark.parametrize(("slope", "octave_db"), [(0.0, 0.0), (1.0, -3.0), (2.0, -6.0)])
def test_coloured_noise_falls_per_octave(
    slope: float, octave_db: float, rng: np.random.Generator
) -> None:
    noise = coloured_noise(rng, 4 * SAMPLE_RATE, slope=slope)
    assert noise.std() == pytest.approx(1.0, abs=1e-4)
    power = np.abs(np.fft.rfft(noise)) ** 2
    low, high = power[4 * 500 : 4 * 1000].mean(), power[4 * 1000 : 4 * 2000].mean()
    assert 10 * np.log10(high / low) == pytest.approx(octave_db, abs=0.4)


def test_room_begins_with_the_direct_sound(rng: np.random.Generator) -> None:
    room = room_response(rng, seconds=0.3)
    assert np.argmax(np.abs(room)) == 0
    late = np.abs(room[int(0.2 * SAMPLE_RATE) :]).max()
    assert late < 0.1 * np.abs(room).max()


def test_nothing_and_silence_stay_as_they_are(rng: np.random.Generator) -> None:
    assert len(spoil(np.zeros(0, np.float32), rng, config=ALWAYS)) == 0
    still = spoil(np.zeros(8000, np.float32), rng, config=ALWAYS)
    assert np.isfinite(still).all()
    assert np.abs(still).max() == 0
