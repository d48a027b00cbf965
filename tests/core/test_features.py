from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.audio import read_clip
from rigtalk.core.features import (
    MELS,
    QUIETEST_DB,
    log_mel,
    log_mel_blocks,
    normalise,
    reference_level,
)


def slow_twin(samples: np.ndarray) -> np.ndarray:
    """Frame by frame, by the definition of a mel filter bank, in float64."""
    edges = 700 * (
        10 ** (np.linspace(*(2595 * np.log10(1 + np.array([50, 7600]) / 700)), MELS + 2) / 2595) - 1
    )
    bins = np.arange(257) * 16000 / 512
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
    rows = []
    for frame in range(len(samples) // 160 + 1):
        centre = frame * 160
        part = np.array(
            [
                samples[i] if 0 <= i < len(samples) else 0.0
                for i in range(centre - 200, centre + 200)
            ]
        )
        power = np.abs(np.fft.rfft(part * window, 512)) ** 2 / 100**2
        row = []
        for low, mid, high in zip(edges, edges[1:], edges[2:], strict=False):
            triangle = np.maximum(
                0, np.minimum((bins - low) / (mid - low), (high - bins) / (high - mid))
            )
            row.append(10 * np.log10(power @ triangle / max(triangle.sum(), 1e-9) + 1e-12))
        rows.append(row)
    return np.array(rows)


def test_matches_its_slow_twin(line: Path):
    samples = read_clip(line).samples[16000:32000]
    np.testing.assert_allclose(log_mel(samples), slow_twin(samples), atol=1e-3)


@pytest.mark.parametrize("samples", [1, 159, 160, 399, 400, 401, 5000])
def test_blocks_equal_the_whole(samples: int):
    rng = np.random.default_rng(samples)
    sound = rng.standard_normal(samples).astype(np.float32)
    whole = log_mel(sound)
    assert whole.shape == (samples // 160 + 1, MELS)
    cuts = np.sort(rng.integers(0, samples + 1, 5))
    parts = list(log_mel_blocks(np.split(sound, cuts)))
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-4)


def test_gain_and_padding_change_nothing(line: Path):
    samples = read_clip(line).samples

    def features(sound: np.ndarray) -> np.ndarray:
        mel = log_mel(sound)
        return normalise(mel, reference_level(mel))

    plain = features(samples)
    quiet = features(samples * 0.05)
    np.testing.assert_allclose(quiet, plain, atol=1e-3)
    padded = features(np.pad(samples, (16000, 32000)))
    np.testing.assert_allclose(padded[100 : 100 + len(plain) - 2], plain[:-2], atol=1e-3)


def test_silence_has_a_level():
    mel = log_mel(np.zeros(1600, dtype=np.float32))
    assert reference_level(mel) == QUIETEST_DB
    assert reference_level(mel.max(axis=1)) == QUIETEST_DB
    assert normalise(mel, QUIETEST_DB).max() < 0.2  # far below any speech
    assert reference_level(np.zeros((0, MELS))) == QUIETEST_DB
