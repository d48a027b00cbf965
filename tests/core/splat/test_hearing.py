import numpy as np
import pytest

from rigtalk.core.audio import Clip, read_clip
from rigtalk.core.features import normalise
from rigtalk.core.splat.hearing import audio_features, heard_at
from rigtalk.core.take import survey


def test_it_hears_what_the_actor_hears(root):
    clip = read_clip(root / "core" / "data" / "line.flac")
    line = survey(clip, progress=lambda share: None, cancelled=lambda: False)
    expected = normalise(line.mel, line.level, line.channel)
    np.testing.assert_allclose(audio_features(clip), expected, atol=1e-5)


def test_silence_is_even_and_near_nought():
    features = audio_features(Clip(np.zeros(8000, np.float32)))
    assert features.shape == (51, 64)
    assert np.ptp(features) == 0
    assert features.max() < 0.2


def test_a_window_lies_about_its_moment():
    features = np.repeat(np.arange(100, dtype=np.float32)[:, None], 64, axis=1)
    heard = heard_at(features, np.array([0.5, 0.503]), 4)
    np.testing.assert_allclose(heard[0, :, 0], [48.5, 49.5, 50.5, 51.5], rtol=1e-5)
    np.testing.assert_allclose(heard[1, :, 63], [48.8, 49.8, 50.8, 51.8], rtol=1e-5)
    assert heard.dtype == np.float32
    assert heard_at(features, np.array(0.5), 3).shape == (3, 64)


@pytest.mark.parametrize("time", [-5.0, 17.0])
def test_outside_the_recording_is_silence(time):
    features = np.ones((100, 64), np.float32)
    assert not heard_at(features, np.array(time), 8).any()
    assert heard_at(features, np.array(0.0), 4).sum(axis=1).tolist() == [0, 32, 64, 64]
