from fractions import Fraction

import numpy as np
import pytest
import soundfile

from rigtalk.core.errors import RigtalkError
from rigtalk.core.video import check_video, rate_of, write_video

av = pytest.importorskip("av", reason="needs PyAV: the extra 'video'")
SIZE = {"width": 64, "height": 48}


def grey(count: int):
    for i in range(count):
        yield np.full((48, 64, 3), 20 + 3 * i, np.uint8)


def tone(path, rate: int, channels: int, seconds: float = 2.0):
    time = np.arange(int(rate * seconds)) / rate
    waves = [0.3 / (c + 1) * np.sin(2 * np.pi * 200 * (c + 1) * time) for c in range(channels)]
    soundfile.write(path, np.stack(waves, axis=1), rate)
    return path


def heard(path) -> tuple[np.ndarray, int]:
    with av.open(str(path)) as container:
        rate = container.streams.audio[0].rate
        return np.concatenate([f.to_ndarray() for f in container.decode(audio=0)], axis=1), rate


def test_frames_come_back_in_their_colours(tmp_path):
    bars = np.zeros((48, 64, 3), np.uint8)
    for i, colour in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 150, 120)]):
        bars[:, 16 * i : 16 * i + 16] = colour
    path = tmp_path / "a.mp4"
    assert write_video(path, [bars] * 3, fps=24, **SIZE) == 3
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        # Players take untagged colours for those of old television.
        assert stream.codec_context.colorspace == 1
        assert stream.codec_context.color_range == 1
        frames = [
            f.reformat(format="rgb24", src_colorspace="ITU709") for f in container.decode(stream)
        ]
    found = frames[1].to_ndarray()[24, 8::16].astype(int)
    assert np.abs(found - bars[24, 8::16]).max() <= 6


@pytest.mark.parametrize("fps", [24.0, 30000 / 1001, 59.94, 12.5, 0.5, 1000.0])
def test_rates(tmp_path, fps):
    path = tmp_path / "a.mp4"
    write_video(path, grey(6), fps=fps, **SIZE)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert float(stream.average_rate) == pytest.approx(fps, rel=1e-4)
        assert float(stream.duration * stream.time_base) == pytest.approx(6 / fps, rel=1e-3)
        assert len(list(container.decode(stream))) == 6
    assert rate_of(30000 / 1001) == Fraction(30000, 1001)


@pytest.mark.parametrize(
    ("rate", "channels", "kept"),
    [
        (44100, 2, (44100, 2)),
        (16000, 1, (16000, 1)),
        (192000, 2, (48000, 2)),
        (5512, 1, (48000, 1)),
        (48000, 6, (48000, 1)),
    ],
)
def test_sounds_of_any_kind(tmp_path, rate, channels, kept):
    sound = tone(tmp_path / "a.wav", rate, channels)
    path = tmp_path / "a.mp4"
    write_video(path, grey(20), fps=10, sound=sound, **SIZE)
    samples, found = heard(path)
    assert (found, len(samples)) == kept
    assert samples.shape[1] / found == pytest.approx(2.0, abs=0.03 + 1024 / found)
    spectrum = np.abs(np.fft.rfft(samples[0, : 2 * found]))
    assert np.argmax(spectrum) / 2 == pytest.approx(200, abs=1)


@pytest.mark.parametrize(("offset", "begin"), [(0.0, 1.0), (0.5, 0.5), (-0.4, 1.4)])
def test_the_sound_stands_where_it_should(tmp_path, offset, begin):
    """Silence for a second, then a tone."""
    samples = np.zeros(48000)
    samples[16000:] = 0.3 * np.sin(np.arange(32000) * 0.2)
    soundfile.write(tmp_path / "a.wav", samples, 16000)
    path = tmp_path / "a.mp4"
    write_video(path, grey(20), fps=10, sound=tmp_path / "a.wav", offset=offset, **SIZE)
    found, rate = heard(path)
    first = np.argmax(np.abs(found[0]) > 0.1) / rate
    assert first == pytest.approx(begin, abs=0.03)
    assert found.shape[1] / rate == pytest.approx(2.0, abs=0.1)  # as long as the pictures


@pytest.mark.parametrize(
    ("width", "height", "message"),
    [
        (63, 48, "such as 64x48"),
        (64, 47, "such as 64x48"),
        (0, 48, "2 to 8192"),
        (64, 9000, "8192"),
    ],
)
def test_sizes(width, height, message):
    with pytest.raises(RigtalkError, match=message):
        check_video(width, height)


def test_what_cannot_be_written_leaves_nothing(tmp_path):
    path = tmp_path / "a.mp4"
    with pytest.raises(RigtalkError, match="needs a frame"):
        write_video(path, [], fps=24, **SIZE)
    with pytest.raises(RigtalkError, match="a frame is"):
        write_video(path, [np.zeros((4, 4, 3), np.uint8)], fps=24, **SIZE)
    bad = tmp_path / "bad.wav"
    bad.write_text("no sound")
    with pytest.raises(RigtalkError, match="not a sound file"):
        write_video(path, grey(3), fps=24, sound=bad, **SIZE)
    with pytest.raises(RigtalkError, match="cannot be written"):
        write_video(tmp_path / "none" / "a.mp4", grey(3), fps=24, **SIZE)
    assert [each.name for each in tmp_path.iterdir()] == ["bad.wav"]


def test_a_sound_that_ends_early(tmp_path):
    sound = tone(tmp_path / "a.wav", 16000, 1, seconds=0.5)
    path = tmp_path / "a.mp4"
    assert write_video(path, grey(20), fps=10, sound=sound, **SIZE) == 20
    samples, rate = heard(path)
    assert samples.shape[1] / rate == pytest.approx(0.5, abs=0.1)
