import numpy as np
import pytest

from rigtalk.core.direction import Direction
from rigtalk.core.features import log_mel, normalise, reference_level
from rigtalk.core.layers import Layers
from rigtalk.core.layers.feeling import HIGHEST, LOWEST, Feeling
from rigtalk.core.prosody import Prosody


@pytest.fixture(scope="module")
def prosody(babble: np.ndarray) -> Prosody:
    peaks = log_mel(babble).max(axis=1)
    return Prosody(normalise(peaks, reference_level(peaks)))


def feeling(prosody: Prosody, seed: int = 0) -> Feeling:
    return Feeling(prosody, rng=np.random.default_rng(seed))


TIMES = np.arange(0, 40, 0.02)


def test_feeling_swells_around_what_was_asked(prosody: Prosody):
    swells = [feeling(prosody, seed).swell(TIMES) for seed in range(8)]
    for swell in swells:
        assert swell.min() >= LOWEST
        assert swell.max() <= HIGHEST
        assert swell.std() > 0.02  # no mask
        assert np.abs(np.diff(swell)).max() < 0.035  # in 20 ms: and no twitch
    assert np.mean(swells) == pytest.approx(1.0, abs=0.06)
    assert np.abs(swells[0] - swells[1]).max() > 0.02


def test_it_rises_with_the_phrase(prosody: Prosody):
    begins = prosody.phrases[:, 0]
    before = np.mean([feeling(prosody, s).swell(begins - 0.3).mean() for s in range(20)])
    within = np.mean([feeling(prosody, s).swell(begins + 0.6).mean() for s in range(20)])
    assert within > before + 0.05


def test_in_parts_as_in_one(prosody: Prosody):
    one = feeling(prosody)
    parts = [one.swell(part) for part in np.array_split(TIMES, 17)]
    np.testing.assert_allclose(np.concatenate(parts), one.swell(TIMES), atol=1e-6)


def test_silence_is_felt_too():
    quiet = feeling(Prosody(np.zeros(500, dtype=np.float32))).swell(TIMES)
    assert (quiet == quiet[0]).all()
    assert LOWEST <= quiet[0] <= 1.0
    assert len(feeling(Prosody(np.zeros(0, dtype=np.float32))).swell(TIMES[:0])) == 0


def test_only_what_was_asked_is_felt(prosody: Prosody):
    felt = Layers(prosody, Direction({"joy": 0.5})).emotion(TIMES)
    assert felt.dtype == np.float32
    assert not felt[:, 1:].any()
    assert 0.5 * LOWEST <= felt[:, 0].min() < felt[:, 0].max() <= 0.5 * HIGHEST
    assert not Layers(prosody, Direction()).emotion(TIMES).any()
