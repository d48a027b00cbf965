"""The outline of a recording."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from rigtalk.blender_addon.preview.peaks import PEAK_RATE, Peaks, peaks_of
from rigtalk.core.audio import Clip, open_audio, read_clip

STEP = 16000 // PEAK_RATE
QUANTUM = 0.5 / 127 + 1e-6
"""Half a step of a peak."""


class Parts:
    """A clip in blocks of any size, as a stream gives it."""

    source = "parts"

    def __init__(self, samples: np.ndarray, size: int) -> None:
        self.samples, self.size = samples, size

    def blocks(self):
        for begin in range(0, len(self.samples), self.size):
            yield self.samples[begin : begin + self.size]


@pytest.fixture
def samples() -> np.ndarray:
    return np.random.default_rng(3).uniform(-1, 1, 16000 + 37).astype(np.float32)


@pytest.mark.parametrize("size", [16, 1000, 4096, 100000])
def test_peaks_are_those_of_the_whole_however_it_is_cut(samples, size):
    peaks = peaks_of(Parts(samples, size))
    padded = np.pad(samples, (0, -len(samples) % STEP), mode="edge").reshape(-1, STEP)
    assert peaks.lows / 127 == pytest.approx(padded.min(axis=1), abs=QUANTUM)
    assert peaks.highs / 127 == pytest.approx(padded.max(axis=1), abs=QUANTUM)
    assert peaks.seconds == len(samples) / 16000


def test_columns_hold_every_peak(line):
    clip = read_clip(line)
    peaks = peaks_of(open_audio(line))
    lows, highs = peaks.columns(0.0, clip.duration, 300)
    assert highs.max() == pytest.approx(clip.samples.max(), abs=QUANTUM)
    assert lows.min() == pytest.approx(clip.samples.min(), abs=QUANTUM)
    edges = np.linspace(0, len(clip.samples), 301).astype(int)
    loudest = np.array([clip.samples[a:b].max() for a, b in pairwise(edges)])
    assert (highs >= loudest - QUANTUM).all()


def test_what_is_outside_is_silence():
    peaks = peaks_of(Clip(np.full(1600, 0.5, np.float32)))
    lows, highs = peaks.columns(-0.1, 0.2, 3)
    assert highs == pytest.approx([0.0, 0.5, 0.0], abs=QUANTUM)
    assert (lows >= 0.0).all()


def test_a_column_finer_than_a_peak_shows_that_peak():
    peaks = Peaks(np.array([-127, -1], np.int8), np.array([127, 1], np.int8), 2 / PEAK_RATE)
    _, highs = peaks.columns(0.0, 2 / PEAK_RATE, 8)
    assert highs == pytest.approx([1, 1, 1, 1, 1 / 127, 1 / 127, 1 / 127, 1 / 127])


def test_it_can_be_given_up(line):
    assert peaks_of(open_audio(line), cancelled=lambda: True) is None
