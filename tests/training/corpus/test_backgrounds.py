import numpy as np
import pytest

from rigtalk.training.corpus.backgrounds import (
    coloured_noise,
    crowd,
    hum,
    music,
    room_response,
    unit,
)
from rigtalk.training.corpus.utterance import SAMPLE_RATE, Utterance


@pytest.mark.parametrize(("slope", "octave_db"), [(0.0, 0.0), (1.0, -3.0), (2.0, -6.0)])
def test_coloured_noise_falls_per_octave(
    slope: float, octave_db: float, rng: np.random.Generator
) -> None:
    noise = coloured_noise(rng, 4 * SAMPLE_RATE, slope=slope)
    assert np.sqrt((noise**2).mean()) == pytest.approx(1.0, abs=1e-4)
    power = np.abs(np.fft.rfft(noise)) ** 2
    low, high = power[4 * 500 : 4 * 1000].mean(), power[4 * 1000 : 4 * 2000].mean()
    assert 10 * np.log10(high / low) == pytest.approx(octave_db, abs=0.4)


def test_hum_is_the_mains_and_its_harmonics(rng: np.random.Generator) -> None:
    for _ in range(6):
        power = np.abs(np.fft.rfft(hum(rng, 4 * SAMPLE_RATE) * np.hanning(4 * SAMPLE_RATE))) ** 2
        strongest = np.argmax(power) / 4
        # The mains may be off by half a percent, its ninth harmonic by nine times that.
        apart = [abs(strongest / mains - round(strongest / mains)) for mains in (50, 60)]
        assert min(apart) < 0.06
        assert power[4 * 1000 :].sum() < 1e-3 * power.sum()


def test_music_has_tones_and_a_beat(rng: np.random.Generator) -> None:
    for _ in range(6):
        sound = music(rng, 4 * SAMPLE_RATE)
        assert sound.shape == (4 * SAMPLE_RATE,)
        assert np.isfinite(sound).all()
        assert np.sqrt((sound**2).mean()) == pytest.approx(1.0, abs=1e-3)
        power = np.abs(np.fft.rfft(sound)) ** 2
        # A few bins hold most of it: flat noise would need half of them.
        assert np.sort(power)[::-1][: len(power) // 50].sum() > 0.5 * power.sum()


def test_crowd_is_not_the_line_itself(spoken: Utterance, rng: np.random.Generator) -> None:
    people = crowd(rng, spoken.samples)
    assert people.shape == spoken.samples.shape
    assert abs(np.corrcoef(people, spoken.samples)[0, 1]) < 0.5


@pytest.mark.parametrize("direct_db", [None, -3.0, 16.0])
def test_room_begins_with_the_direct_sound(
    direct_db: float | None, rng: np.random.Generator
) -> None:
    room = room_response(rng, seconds=0.3, direct_db=direct_db)
    assert np.argmax(np.abs(room)) == 0
    late = np.abs(room[int(0.2 * SAMPLE_RATE) :]).max()
    assert late < 0.1 * np.abs(room).max()


def test_distance_is_the_level_of_the_tail(rng: np.random.Generator) -> None:
    levels = []
    for direct_db in (-3.0, 16.0):
        room = room_response(rng, seconds=0.4, direct_db=direct_db)
        tail = room[round(0.021 * SAMPLE_RATE) :]
        levels.append(10 * np.log10((tail**2).sum()))
    # By then a tail of 0.4 s has lost 3 dB of its energy.
    assert levels[0] == pytest.approx(3.0 - 3.0, abs=1.0)
    assert levels[0] - levels[1] == pytest.approx(19.0, abs=1.0)


@pytest.mark.parametrize("count", [1, 2, 100])
def test_tiny_backgrounds(count: int, rng: np.random.Generator) -> None:
    speech = np.full(count, 0.1, np.float32)
    for noise in (
        coloured_noise(rng, count, slope=1.0),
        hum(rng, count),
        music(rng, count),
        crowd(rng, speech),
    ):
        assert noise.shape == (count,)
        assert np.isfinite(noise).all()
        assert np.sqrt((noise**2).mean()) < 1.01


def test_silence_has_no_unit_power() -> None:
    assert not unit(np.zeros(5)).any()
    assert len(unit(np.zeros(0))) == 0
