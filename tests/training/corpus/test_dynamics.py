import numpy as np
import pytest

from rigtalk.training.corpus import dynamics
from rigtalk.training.corpus.utterance import SAMPLE_RATE

TIME = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE


@pytest.fixture
def syllables(rng: np.random.Generator) -> np.ndarray:
    """Tone between 0.5 and 1 s, softer by 18 dB between 1.5 and 2 s, and hiss throughout."""
    tone = 0.5 * np.sin(2 * np.pi * 300 * TIME)
    loud, soft = (TIME > 0.5) & (TIME < 1.0), (TIME > 1.5) & (TIME < 2.0)
    hiss = rng.normal(0.0, 0.001, len(TIME))
    return (tone * (loud + 0.125 * soft) + hiss).astype(np.float32)


def level(samples: np.ndarray, start: float, end: float) -> float:
    """dB."""
    part = samples[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
    return float(10 * np.log10((part**2).mean() + 1e-12))


def test_gate_shuts_in_pauses_only(syllables: np.ndarray) -> None:
    shut = set()
    for seed in range(20):
        gated = dynamics.gated(syllables, np.random.default_rng(seed))
        np.testing.assert_allclose(gated[8800:15200], syllables[8800:15200], atol=1e-6)
        shut.add(round(level(syllables, 0.1, 0.4) - level(gated, 0.1, 0.4)))
    assert shut >= {12, 24, 40}


def test_compressor_brings_loud_and_soft_together(syllables: np.ndarray) -> None:
    before = level(syllables, 0.7, 0.9) - level(syllables, 1.7, 1.9)
    narrowed = []
    for seed in range(20):
        held = dynamics.compressed(syllables, np.random.default_rng(seed))
        narrowed.append(before - (level(held, 0.7, 0.9) - level(held, 1.7, 1.9)))
        assert np.abs(held).max() <= np.abs(syllables).max() + 1e-6
    assert min(narrowed) >= 0
    assert np.median(narrowed) > 5


def test_gain_control_raises_what_is_soft(syllables: np.ndarray) -> None:
    raised = []
    for seed in range(20):
        controlled = dynamics.gain_controlled(syllables, np.random.default_rng(seed))
        raised.append(level(controlled, 1.9, 2.0) - level(syllables, 1.9, 2.0))
    assert np.median(raised) > 3
    assert max(raised) <= 34


def test_clipping_is_hard_or_soft(syllables: np.ndarray) -> None:
    kinds = set()
    for seed in range(20):
        cut = dynamics.clipped(syllables, np.random.default_rng(seed))
        assert np.abs(cut).max() < np.abs(syllables).max()
        kinds.add(bool((np.abs(cut) == np.abs(cut).max()).sum() > 100))
    assert kinds == {True, False}


def test_quantising_leaves_steps() -> None:
    samples = np.linspace(-1, 1, 1001, dtype=np.float32)
    rounded = dynamics.quantised(samples, 4.0)
    assert len(np.unique(rounded)) == 17
    assert np.abs(rounded - samples).max() <= 1 / 16 + 1e-6


@pytest.mark.parametrize(
    "effect",
    [dynamics.gated, dynamics.compressed, dynamics.gain_controlled, dynamics.clipped],
)
@pytest.mark.parametrize("count", [1, 79, 80, 81])
def test_tiny_and_silent(effect, count: int, rng: np.random.Generator) -> None:
    for samples in (np.zeros(count, np.float32), np.full(count, 0.3, np.float32)):
        changed = effect(samples, rng)
        assert changed.shape == (count,)
        assert changed.dtype == np.float32
        assert np.isfinite(changed).all()
