import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rigtalk.core.audio import Clip, open_audio, read_clip
from rigtalk.core.errors import RigtalkError

RATES = (8000, 11025, 16000, 22050, 44100, 48000, 96000, 192000)


def tone(rate: int, seconds: float = 0.5, hertz: float = 440.0) -> np.ndarray:
    return 0.4 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)


def level(samples: np.ndarray) -> float:
    """Amplitude of a steady tone, its ends left out."""
    return float(np.sqrt(2 * np.mean(samples[800:-800] ** 2)))


@pytest.mark.parametrize(
    ("name", "subtype"),
    [
        ("a.wav", "PCM_U8"),
        ("a.wav", "PCM_16"),
        ("a.wav", "PCM_24"),
        ("a.wav", "PCM_32"),
        ("a.wav", "FLOAT"),
        ("a.wav", "DOUBLE"),
        ("a.wav", "ULAW"),
        ("a.aiff", "PCM_16"),
        ("a.flac", "PCM_16"),
        ("a.flac", "PCM_24"),
        ("a.ogg", "VORBIS"),
        ("a.opus", "OPUS"),
        ("a.mp3", "MPEG_LAYER_III"),
    ],
)
def test_kinds_of_file(sound, name: str, subtype: str):
    kind = {"opus": "OGG"}.get(name[2:])
    options = {"format": kind} if kind else {}
    path = sound(name, tone(48000), 48000, subtype=subtype, **options)
    clip = read_clip(path)
    assert clip.duration == pytest.approx(0.5, abs=0.03)  # mp3 pads
    # 8 bits and lossy codecs change a tone's level by less than 2 %.
    assert level(clip.samples) == pytest.approx(0.4, rel=0.02)


@pytest.mark.parametrize("rate", RATES)
def test_rates_keep_the_time_origin(sound, rate: int):
    at = int(1.2 * rate)
    click = np.zeros(2 * rate)
    click[at] = 0.9
    samples = read_clip(sound("click.wav", click, rate, subtype="FLOAT")).samples
    energy = samples.astype(np.float64) ** 2
    centre = np.average(np.arange(len(samples)), weights=energy) / 16000
    assert abs(centre - at / rate) < 1e-4
    assert len(samples) == 32000


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("c.mp3", {}),
        ("c.ogg", {}),
        ("c.opus", {"format": "OGG", "subtype": "OPUS"}),
        ("c.flac", {}),
    ],
)
def test_codecs_keep_the_time_origin(sound, name: str, options: dict):
    burst = np.zeros(96000)
    burst[48000:49000] = tone(48000, 1000 / 48000, 2000.0)
    samples = read_clip(sound(name, burst, 48000, **options)).samples
    energy = samples.astype(np.float64) ** 2
    centre = np.average(np.arange(len(samples)), weights=energy) / 16000
    assert abs(centre - 48500 / 48000) < 2e-3  # lossy codecs smear a burst


def test_resampling_does_not_alias(sound):
    clip = read_clip(sound("high.wav", tone(48000, hertz=11000.0), 48000, subtype="FLOAT"))
    assert level(clip.samples) < 0.4 * 10 ** (-90 / 20)


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
def test_channels_are_averaged(sound, channels: int):
    samples = np.stack([tone(16000)] * channels, axis=1)
    assert level(read_clip(sound("c.wav", samples)).samples) == pytest.approx(0.4, rel=1e-3)


def test_one_speaking_channel_of_two(sound):
    samples = np.stack([tone(16000), np.zeros(8000)], axis=1)
    assert level(read_clip(sound("c.wav", samples)).samples) == pytest.approx(0.2, rel=1e-3)


def test_opposite_phase_does_not_cancel(sound):
    samples = np.stack([0.5 * tone(44100), -tone(44100)], axis=1)
    samples[:, 0] *= 1.7  # not quite equal, as in life
    assert level(read_clip(sound("c.wav", samples, 44100)).samples) == pytest.approx(0.4, rel=0.01)


@pytest.mark.parametrize("rate", [16000, 22050])
def test_blocks_equal_the_whole(sound, rate: int):
    rng = np.random.default_rng(0)
    path = sound("long.flac", 0.1 * rng.standard_normal((rate * 61, 2)), rate)
    audio = open_audio(path)
    first, second = (np.concatenate(list(audio.blocks())) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, read_clip(path).samples)
    assert max(len(block) for block in audio.blocks()) <= 1 << 17


def test_real_speech_is_read_as_it_is(shared_data: Path):
    path = shared_data / "captures" / "facegood_2_01.flac"
    raw, rate = soundfile.read(path, dtype="float32")
    assert rate == 16000
    np.testing.assert_array_equal(read_clip(path).samples, raw)


@pytest.mark.parametrize("rate", [8000, 44100, 192000])
@pytest.mark.parametrize("samples", [1, 2, 400])
def test_very_short_sounds(sound, rate: int, samples: int):
    clip = read_clip(sound("s.wav", np.full(samples, 0.1), rate))
    assert len(clip.samples) >= 1
    assert abs(clip.duration - samples / rate) <= 1 / 16000


def test_silence_is_sound(sound):
    assert not read_clip(sound("quiet.wav", np.zeros(1600))).samples.any()


@pytest.mark.parametrize(
    ("value", "said"), [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf"), (1e20, "1e\\+20")]
)
def test_samples_that_are_no_sound(sound, value: float, said: str):
    samples = np.zeros((48000, 2))
    samples[24000:, 1] = value
    path = sound("bad.wav", samples, 48000, subtype="FLOAT")
    with pytest.raises(RigtalkError, match=f"0.500 s is {said}"):
        read_clip(path)
    mono = sound("mono.wav", samples[:, 1], 48000, subtype="DOUBLE")
    with pytest.raises(RigtalkError, match=f"0.500 s is {said}"):
        list(open_audio(mono).blocks())


def test_a_clip_checks_its_samples():
    with pytest.raises(RigtalkError, match="nan"):
        Clip(np.array([0.0, np.nan]))
    with pytest.raises(RigtalkError, match="one row"):
        Clip(np.zeros((2, 100)))
    with pytest.raises(RigtalkError, match="one row"):
        Clip(np.zeros(0))


def test_damage_in_the_middle(sound):
    rng = np.random.default_rng(0)
    path = sound("d.flac", 0.1 * rng.standard_normal(160000))
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 5000] = bytes(5000)
    path.write_bytes(bytes(data))
    with pytest.raises(RigtalkError, match="truncated"):
        read_clip(path)


def test_impossible_rate(sound):
    path = sound("r.wav", np.zeros(100), 1000)
    with pytest.raises(RigtalkError, match="1000 Hz"):
        open_audio(path)


def test_not_readable(sound, monkeypatch: pytest.MonkeyPatch):
    path = sound("secret.wav", np.zeros(100))
    if (
        not hasattr(os, "geteuid") or os.geteuid() == 0
    ):  # root reads everything, so the refusal is played

        def refuse(*_args: object, **_options: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
    else:
        path.chmod(0)
    with pytest.raises(RigtalkError, match=r"secret.wav: cannot be read \(Permission denied\)"):
        open_audio(path)
