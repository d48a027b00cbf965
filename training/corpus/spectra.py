"""What is done to speech in its spectrum: nothing here moves in time.

Filters have zero phase, so that a phone stays exactly where it was.
"""

from __future__ import annotations

import numpy as np
import scipy.fft

from .utterance import SAMPLE_RATE

__all__ = ["denoised", "microphone", "shaped", "telephone", "warped"]

_SIZE, _HOP = 512, 128
_PAD = _SIZE - _HOP
"""Samples added at both ends, so that every sample lies in as many frames as the others."""
_WINDOW = np.sqrt(np.hanning(_SIZE + 1)[:-1]).astype(np.float32)
_LIFTER = 24
"""Coefficients of the cepstrum that make up the envelope: less than a child's pitch period."""


def shaped(samples: np.ndarray, gain: np.ndarray, hertz: np.ndarray) -> np.ndarray:
    """Speech through a filter of zero phase.

    Parameters
    ----------
    samples : ndarray, shape (n,), float32
    gain : ndarray, shape (m,)
        Factors at the frequencies `hertz`, which rise; interpolated in between.
    """
    size = scipy.fft.next_fast_len(len(samples) + 1024, real=True)
    spectrum = scipy.fft.rfft(np.asarray(samples, np.float32), size)
    curve = np.interp(np.arange(len(spectrum)) * (SAMPLE_RATE / size), hertz, gain)
    return scipy.fft.irfft(spectrum * curve.astype(np.float32), size)[: len(samples)]


def microphone(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Speech as an odd microphone hears it: low cut, boom, presence, resonances, muffled."""
    hertz = np.geomspace(20.0, 8000.0, 160)
    octaves = np.log2(hertz)
    decibels = np.zeros_like(hertz)
    for chance, centre, width, gain in (
        (0.5, (2000.0, 5000.0), (0.4, 1.2), (2.0, 12.0)),
        (0.4, (300.0, 3000.0), (0.06, 0.25), (-12.0, 12.0)),
        (0.3, (500.0, 6000.0), (0.06, 0.3), (-12.0, 10.0)),
        (0.3, (90.0, 250.0), (0.5, 1.0), (3.0, 12.0)),
    ):
        place = np.log2(rng.uniform(*centre))
        bump = rng.uniform(*gain) * np.exp(-0.5 * ((octaves - place) / rng.uniform(*width)) ** 2)
        if rng.random() < chance:
            decibels += bump
    low, high = rng.uniform(60.0, 350.0), rng.uniform(1800.0, 6500.0)
    order = rng.integers(1, 4)
    if rng.random() < 0.5:
        decibels -= 10.0 * np.log10(1.0 + (low / hertz) ** (2 * order))
    if rng.random() < 0.35:
        decibels -= 10.0 * np.log10(1.0 + (hertz / high) ** (2 * order))
    decibels += rng.uniform(-6.0, 6.0) * (octaves - 10.0) / 2.0
    return shaped(samples, 10.0 ** (decibels / 20.0), hertz)


def telephone(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Speech in the band of a telephone or of a thin or cheap loudspeaker, its edges steep."""
    hertz = np.geomspace(20.0, 8000.0, 320)
    low = rng.choice([60.0, 120.0, 200.0, 300.0, 400.0])
    high = rng.choice([2800.0, 3400.0, 3400.0, 3800.0, 5500.0])
    order = rng.integers(3, 9)
    gain = (1.0 + (low / hertz) ** (2 * order)) * (1.0 + (hertz / high) ** (6 * order))
    return shaped(samples, gain**-0.5, hertz)


def denoised(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Speech after spectral subtraction, with what that leaves: holes and musical noise.

    Boll (1979), with the over-subtraction of Berouti et al. (1979); the noise is taken to be what
    is heard in the quietest eighth of the time.
    """
    spectrum = _frames(samples)
    power = spectrum.real**2 + spectrum.imag**2
    edge = _PAD // _HOP
    whole = power[edge:-edge] if len(power) > 2 * edge else power
    order = np.argsort(whole.sum(axis=1))
    noise = whole[order[: max(1, len(order) // 8)]].mean(axis=0)
    over, floor = rng.uniform(1.0, 5.0), 10.0 ** (-rng.uniform(10.0, 40.0) / 10.0)
    gain = np.maximum(1.0 - over * noise / np.maximum(power, 1e-12), floor) ** 0.5
    return _joined(spectrum * gain.astype(np.float32), len(samples))


def warped(samples: np.ndarray, factor: float) -> np.ndarray:
    """Speech whose formants lie higher by a factor, its pitch and its times as they were.

    Parameters
    ----------
    samples : ndarray, shape (n,), float32
    factor : float
        0.7-1.4: above 1 a shorter vocal tract.
    """
    spectrum = _frames(samples)
    level = np.log(np.abs(spectrum) + 1e-5)
    cepstrum = scipy.fft.irfft(level, axis=1)[:, :_LIFTER]
    cepstrum[:, 1:] *= 2.0
    quefrency = np.arange(_LIFTER)
    place = np.arange(spectrum.shape[1]) * (2.0 * np.pi / _SIZE)
    here = np.cos(np.outer(quefrency, place))
    there = np.cos(np.outer(quefrency, np.minimum(place / factor, np.pi)))
    change = cepstrum @ (there - here).astype(np.float32)
    return _joined(spectrum * np.exp(np.clip(change, -3.0, 3.0)), len(samples))


def _frames(samples: np.ndarray) -> np.ndarray:
    """Short-time spectra, shape (frames, bins), complex64."""
    count = -(-(len(samples) + _PAD) // _HOP)
    padded = np.zeros((count - 1) * _HOP + _SIZE, np.float32)
    padded[_PAD : _PAD + len(samples)] = samples
    windows = np.lib.stride_tricks.sliding_window_view(padded, _SIZE)[::_HOP]
    return scipy.fft.rfft(windows * _WINDOW, axis=1)


def _joined(spectrum: np.ndarray, length: int) -> np.ndarray:
    """Samples of short-time spectra, by overlap and addition."""
    frames = scipy.fft.irfft(spectrum, _SIZE, axis=1) * (_WINDOW * np.float32(2 * _HOP / _SIZE))
    parts = _SIZE // _HOP
    total = np.zeros((len(frames) + parts - 1, _HOP), np.float32)
    for part in range(parts):
        total[part : part + len(frames)] += frames[:, part * _HOP : (part + 1) * _HOP]
    return total.reshape(-1)[_PAD : _PAD + length]
