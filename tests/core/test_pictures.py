import struct
import sys
import zlib

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.pictures import png_bytes, read_picture, write_png


def unpacked(data: bytes) -> np.ndarray:
    """A slow PNG decoder, after the specification."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, {}
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        name, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        (crc,) = struct.unpack(">I", data[at + 8 + length : at + 12 + length])
        assert crc == zlib.crc32(name + body)
        chunks[name], at = body, at + 12 + length
    width, height, depth, colour, _, _, laced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert laced == 0
    channels = {0: 1, 4: 2, 2: 3, 6: 4}[colour]
    step = channels * depth // 8
    raw = zlib.decompress(chunks[b"IDAT"])
    rows, above = [], bytes(width * step)
    for y in range(height):
        start = y * (width * step + 1)
        way, row = raw[start], bytearray(raw[start + 1 : start + 1 + width * step])
        for x in range(len(row)):
            left = row[x - step] if x >= step else 0
            row[x] = (row[x] + {0: 0, 1: left, 2: above[x]}[way]) & 255
        rows.append(bytes(row))
        above = row
    kind = ">u2" if depth == 16 else "u1"
    return np.frombuffer(b"".join(rows), kind).reshape(height, width, channels)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_what_is_written_is_what_a_decoder_reads(kind, channels):
    rng = np.random.default_rng(0)
    noise = rng.integers(0, np.iinfo(kind).max, (9, 14, channels), dtype=kind)
    ramp = np.broadcast_to(np.arange(14, dtype=kind)[None, :, None] * 3, noise.shape)
    for pixels in (noise, ramp, np.swapaxes(noise, 0, 1)):
        assert np.array_equal(unpacked(png_bytes(pixels)), pixels)


def test_smooth_pictures_are_small():
    y, x = np.mgrid[:200, :200]
    smooth = np.stack([x, y, x // 2 + y // 2, x * 0 + 255], axis=-1).astype(np.uint8)
    assert len(png_bytes(smooth)) < len(zlib.compress(smooth.tobytes(), 9)) / 2


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((0, 4, 3), np.uint8), "no picture that PNG can hold"),
        (np.zeros((4, 4), np.uint8), "no picture that PNG can hold"),
        (np.zeros((4, 4, 5), np.uint8), "no picture that PNG can hold"),
        (np.zeros((4, 4, 3)), "8 or 16 bits a channel, not float64"),
    ],
)
def test_what_is_no_picture(array, message, tmp_path):
    with pytest.raises(RigtalkError, match=message):
        write_png(tmp_path / "a.png", array)
    assert not list(tmp_path.iterdir())


def test_reading(tmp_path):
    av = pytest.importorskip("av", reason="needs PyAV: the extra 'video'")
    pixels = np.random.default_rng(0).integers(0, 255, (12, 10, 4), dtype=np.uint8)
    path = tmp_path / "a.png"
    write_png(path, pixels)
    found = read_picture(path)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found * 255, pixels, atol=1e-3)
    write_png(path, pixels[..., :3])
    assert (read_picture(path)[..., 3] == 1).all()
    grey = np.full((16, 16, 3), 100, np.uint8)
    with av.open(str(tmp_path / "a.jpg"), "w", format="mjpeg") as container:
        stream = container.add_stream("mjpeg")
        stream.width = stream.height = 16
        stream.pix_fmt = "yuvj420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        container.mux(stream.encode(None))
    np.testing.assert_allclose(read_picture(tmp_path / "a.jpg")[8, 8, :3] * 255, 100, atol=5)


def test_bad_files(tmp_path, monkeypatch):
    pytest.importorskip("av", reason="needs PyAV: the extra 'video'")
    whole = png_bytes(np.random.default_rng(0).integers(0, 255, (60, 60, 3), dtype=np.uint8))
    cases = {"cut.png": whole[:40], "none.png": b"", "text.png": b"hello" * 30}
    for name, data in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(RigtalkError, match="not a picture that can be read"):
            read_picture(tmp_path / name)
    with pytest.raises(RigtalkError, match="no such file"):
        read_picture(tmp_path / "other.png")
    with pytest.raises(RigtalkError, match="is not a file"):
        read_picture(tmp_path)
    (tmp_path / "a.png").write_bytes(whole)
    monkeypatch.setattr("rigtalk.core.pictures.LARGEST_PICTURE", 3000)
    with pytest.raises(RigtalkError, match="pixels are too many"):
        read_picture(tmp_path / "a.png")
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(RigtalkError, match=r'pip install "rigtalk\[video\]"'):
        read_picture(tmp_path / "a.png")
