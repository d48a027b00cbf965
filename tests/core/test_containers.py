import os
import struct
from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.audio import open_audio, read_clip
from rigtalk.core.errors import RigtalkError

NOISE = 0.1 * np.random.default_rng(0).standard_normal(48000)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.wav", {}),
        ("a.w64", {}),
        ("a.rf64", {"format": "RF64"}),
        ("a.aiff", {}),
        ("a.au", {}),
        ("a.caf", {}),
        ("a.flac", {}),
        ("a.ogg", {}),
        ("a.opus", {"format": "OGG", "subtype": "OPUS"}),
        ("a.mp3", {}),
    ],
)
@pytest.mark.parametrize("kept", [0.9, 0.5, 0.02])
def test_truncated(sound, capfd: pytest.CaptureFixture[str], name: str, options: dict, kept: float):
    path = sound(name, NOISE, 48000, **options)
    assert read_clip(path).duration == pytest.approx(1.0, abs=0.05)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(RigtalkError) as error:
        read_clip(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
    assert capfd.readouterr().err == ""  # decoders of mp3 like to warn on stderr


def patched(path: Path, length: int) -> Path:
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = struct.pack("<I", length)
    path.write_bytes(bytes(data))
    return path


def test_unknown_length_is_no_lie(sound):
    assert read_clip(patched(sound("p.wav", NOISE), 0xFFFFFFFF)).duration == 3.0


def test_huge_headers_that_lie(sound):
    with pytest.raises(RigtalkError, match="promises 1879048192 bytes"):
        open_audio(patched(sound("h.wav", NOISE), 0x70000000))


def test_no_samples(sound):
    with pytest.raises(RigtalkError, match="no sound in it"):
        read_clip(sound("zero.wav", np.zeros(0)))
    with pytest.raises(RigtalkError, match="no sound in it"):
        read_clip(sound("zero2.wav", np.zeros((0, 2))))


def test_what_is_no_recording(tmp_path: Path):
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("Dear diary " * 50)
    (tmp_path / "noise.mp3").write_bytes(np.random.default_rng(0).bytes(5000))
    (tmp_path / "head.raw").write_bytes(bytes(100))
    complaints = {
        "nowhere.wav": "no such file",
        ".": "is a folder",
        "empty.wav": r"is empty \(0 bytes\)",
        "text.wav": "not a sound file",
        "noise.mp3": "not a sound file",
        "head.raw": "not a sound file",
    }
    for name, complaint in complaints.items():
        with pytest.raises(RigtalkError, match=complaint):
            read_clip(tmp_path / name)
    with pytest.raises(RigtalkError, match="cannot be read"):
        open_audio("nul\0.wav")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of Unix")
def test_a_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(RigtalkError, match="is not a file"):
        open_audio(tmp_path / "pipe.wav")


def test_mp3_with_a_tag_in_front(sound):
    path = sound("t.mp3", NOISE, 48000)
    tag = b"ID3\x04\x00\x00" + bytes([0, 0, 4, 0]) + bytes(512)
    path.write_bytes(tag + path.read_bytes())
    assert read_clip(path).duration == pytest.approx(1.0, abs=0.05)
