import numpy as np
import pytest

from rigtalk.training.corpus import spectra
from rigtalk.training.corpus.utterance import SAMPLE_RATE

TIME = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE


def vowel(pitch: float, formants: tuple[float, ...]) -> np.ndarray:
    """A steady vowel: harmonics under resonances."""
    sound = np.zeros(len(TIME))
    for harmonic in np.arange(pitch, 7500, pitch):
        gain = sum(1 / (1 + ((harmonic - peak) / 120) ** 2) for peak in formants) / harmonic**0.3
        sound += gain * np.sin(2 * np.pi * harmonic * TIME + harmonic)
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)


def band(samples: np.ndarray, low: float, high: float) -> float:
    """Level between two frequencies in dB."""
    power = np.abs(np.fft.rfft(samples)) ** 2 / len(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    return float(10 * np.log10(power[(hertz >= low) & (hertz < high)].mean() + 1e-12))


def test_shape_is_as_asked_and_moves_nothing(rng: np.random.Generator) -> None:
    noise = rng.normal(0, 0.1, SAMPLE_RATE).astype(np.float32)
    hertz, gain = np.array([0.0, 2000.0, 2001.0, 8000.0]), np.array([1.0, 1.0, 0.1, 0.1])
    changed = spectra.shaped(noise, gain, hertz)
    assert band(changed, 100, 1900) - band(noise, 100, 1900) == pytest.approx(0, abs=0.1)
    assert band(changed, 2200, 7900) - band(noise, 2200, 7900) == pytest.approx(-20, abs=0.5)
    click = np.zeros(4001, np.float32)
    click[2000] = 1
    answer = spectra.shaped(click, gain, hertz)
    assert np.argmax(answer) == 2000
    np.testing.assert_allclose(answer, answer[::-1], atol=1e-5)


def test_telephone_keeps_its_band(rng: np.random.Generator) -> None:
    noise = rng.normal(0, 0.1, SAMPLE_RATE).astype(np.float32)
    thinnest = min(
        band(spectra.telephone(noise, np.random.default_rng(seed)), 4200, 7900)
        - band(spectra.telephone(noise, np.random.default_rng(seed)), 800, 2000)
        for seed in range(8)
    )
    assert thinnest < -25


def test_microphones_differ_from_each_other(rng: np.random.Generator) -> None:
    noise = rng.normal(0, 0.1, SAMPLE_RATE).astype(np.float32)
    tilts = []
    for seed in range(20):
        heard = spectra.microphone(noise, np.random.default_rng(seed))
        assert np.isfinite(heard).all()
        tilts.append(band(heard, 4000, 7000) - band(heard, 200, 1000))
    assert np.std(tilts) > 4


@pytest.mark.parametrize("factor", [0.85, 1.2])
def test_formants_move_and_pitch_stays(factor: float) -> None:
    peaks = (700.0, 1700.0, 3000.0)
    before = vowel(120.0, peaks)
    after = spectra.warped(before, factor)
    expected = vowel(120.0, tuple(peak * factor for peak in peaks))
    edges = np.arange(400, 4000, 200)

    def shape(samples: np.ndarray) -> np.ndarray:
        levels = np.array([band(samples, low, low + 240) for low in edges])
        return levels - levels.mean()

    assert np.corrcoef(shape(after), shape(expected))[0, 1] > 0.88
    assert (
        np.corrcoef(shape(after), shape(expected))[0, 1]
        > np.corrcoef(shape(before), shape(expected))[0, 1] + 0.1
    )
    # The harmonics are where they were.
    spectrum = np.abs(np.fft.rfft(after))
    on = spectrum[np.round(np.arange(5, 25) * 120 * 2).astype(int)].mean()
    off = spectrum[np.round((np.arange(5, 25) + 0.5) * 120 * 2).astype(int)].mean()
    assert on > 20 * off


def test_no_warp_is_no_change(rng: np.random.Generator) -> None:
    noise = rng.normal(0, 0.1, 12345).astype(np.float32)
    np.testing.assert_allclose(spectra.warped(noise, 1.0), noise, atol=1e-4)


def test_denoiser_takes_noise_and_leaves_speech(rng: np.random.Generator) -> None:
    noise = rng.normal(0, 0.01, len(TIME)).astype(np.float32)
    speech = vowel(120.0, (700.0, 1700.0)) * (TIME > 1)
    ragged = []
    for seed in range(10):
        clean = spectra.denoised(speech + noise, np.random.default_rng(seed))
        assert np.corrcoef(clean[17000:], speech[17000:])[0, 1] > 0.99
        ragged.append(band(clean[:15000], 200, 7000) - band(noise[:15000], 200, 7000))
    assert max(ragged) < -2
    assert min(ragged) < -8


@pytest.mark.parametrize("count", [1, 2, 129, 512])
def test_tiny_and_silent(count: int, rng: np.random.Generator) -> None:
    for samples in (np.zeros(count, np.float32), np.full(count, 0.3, np.float32)):
        for changed in (
            spectra.microphone(samples, rng),
            spectra.telephone(samples, rng),
            spectra.denoised(samples, rng),
            spectra.warped(samples, 1.2),
        ):
            assert changed.shape == (count,)
            assert np.isfinite(changed).all()
