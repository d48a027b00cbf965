import numpy as np
import pytest

from rigtalk.training.corpus.tempo import retimed
from rigtalk.training.corpus.utterance import SAMPLE_RATE, Utterance


@pytest.mark.parametrize("tempo", [0.78, 0.9, 1.0, 1.15, 1.3])
def test_pitch_stays_and_length_changes(tempo: float) -> None:
    tone = np.sin(2 * np.pi * 213 * np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)
    changed, before, after = retimed(tone, tempo)
    assert len(changed) == round(len(tone) / tempo)
    assert changed.dtype == np.float32
    spectrum = np.abs(np.fft.rfft(changed * np.hanning(len(changed))))
    assert np.argmax(spectrum) * SAMPLE_RATE / len(changed) == pytest.approx(213, abs=1)
    assert np.abs(changed[1600:-1600]).max() < 1.05
    # A steady tone has pieces that fit everywhere, so that nothing fades in between.
    frames = np.abs(changed[1600 : 1600 + 60 * 320].reshape(60, 320)).max(axis=1)
    assert frames.min() > 0.85
    assert (np.diff(before) > 0).all()
    assert np.allclose(before / tempo, after, atol=0.011)


@pytest.mark.parametrize("tempo", [0.78, 1.0, 1.3])
def test_clicks_lie_where_the_map_says(tempo: float, rng: np.random.Generator) -> None:
    samples = rng.normal(0, 1e-3, 3 * SAMPLE_RATE).astype(np.float32)
    times = 0.15 * np.arange(1, 19) + rng.uniform(-0.03, 0.03, 18)
    samples[np.round(times * SAMPLE_RATE).astype(int)] = 1.0
    changed, before, after = retimed(samples, tempo)
    for time in times:
        expected = np.interp(time, before, after)
        first = round((expected - 0.01) * SAMPLE_RATE)
        found = changed[first : first + 320]
        # A click may lie in two pieces or, when hurried, between two: then nothing can be said.
        if found.max() > 0.6:
            place = (first + np.argmax(found)) / SAMPLE_RATE
            assert place == pytest.approx(expected, abs=0.0061)


def test_unchanged_tempo_leaves_speech_as_it_is(
    spoken: Utterance, rng: np.random.Generator
) -> None:
    # Silence, in which all places are alike, is covered by some hiss.
    speech = spoken.samples + rng.normal(0.0, 1e-3, len(spoken.samples)).astype(np.float32)
    changed, before, after = retimed(speech, 1.0)
    np.testing.assert_allclose(changed, speech, atol=1e-6)
    np.testing.assert_allclose(before, after, atol=1e-9)


def test_short_lines_are_left_alone() -> None:
    for count in (0, 1, 1279):
        samples = np.ones(count, np.float32)
        changed, before, after = retimed(samples, 1.2)
        assert len(changed) == count
        np.testing.assert_array_equal(before, after)
