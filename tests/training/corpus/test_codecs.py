import numpy as np
import pytest

from rigtalk.training.corpus.codecs import CODECS, Codec, coded, random_codec
from rigtalk.training.corpus.utterance import SAMPLE_RATE, Utterance

from .conftest import LATEST, lag


def title(codec: Codec) -> str:
    return f"{codec.subtype}-{codec.rate}-{codec.level}-{codec.mode}"


@pytest.mark.parametrize("codec", CODECS, ids=title)
def test_coded_speech_is_where_it_was(codec: Codec, spoken: Utterance) -> None:
    for samples in (spoken.samples, spoken.samples[4000:12321], np.tile(spoken.samples, 5)):
        heard = coded(samples, codec)
        assert heard.shape == samples.shape
        assert heard.dtype == np.float32
        assert abs(lag(samples, heard)) <= LATEST
        # It is the same speech, at the same level, and yet not the same.
        assert 0.7 < np.corrcoef(samples, heard)[0, 1] < 1.0
        assert heard.std() / samples.std() == pytest.approx(1.0, abs=0.3)


def test_minutes_of_speech_are_coded() -> None:
    # Vorbis breaks the stack when it is handed ten minutes in one piece.
    codec = next(codec for codec in CODECS if codec.subtype == "VORBIS")
    tone = 0.3 * np.sin(np.arange(600 * SAMPLE_RATE, dtype=np.float32) * 0.2)
    assert np.corrcoef(coded(tone, codec), tone)[0, 1] > 0.95


@pytest.mark.parametrize("codec", CODECS, ids=title)
def test_a_click_stays_at_its_sample(codec: Codec) -> None:
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    burst = np.exp(-(((time - 0.5) / 0.004) ** 2)) * np.sin(2 * np.pi * 900 * time)
    heard = coded(burst.astype(np.float32), codec)
    power = heard**2
    assert (power @ time) / power.sum() == pytest.approx(0.5, abs=0.0025)


@pytest.mark.parametrize("codec", CODECS, ids=title)
def test_tiny_and_silent_lines(codec: Codec) -> None:
    for count in (0, 1, 50):
        assert coded(np.full(count, 0.1, np.float32), codec).shape == (count,)
    still = coded(np.zeros(4000, np.float32), codec)
    assert not still.any()


def test_codecs_are_chosen_by_their_weights(rng: np.random.Generator) -> None:
    chosen = [random_codec(rng) for _ in range(3000)]
    assert set(chosen) == set(CODECS)
    share = sum(codec.weight for codec in CODECS if codec.rate == 8000)
    share /= sum(codec.weight for codec in CODECS)
    assert np.mean([codec.rate == 8000 for codec in chosen]) == pytest.approx(share, abs=0.03)
