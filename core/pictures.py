"""Pictures in files: PNG is written here; PNG, JPEG and others are read through PyAV."""

from __future__ import annotations

import stat
import struct
import zlib
from pathlib import Path

import numpy as np

from .errors import RigtalkError
from .files.replacing import replacing
from .pyav import pyav

__all__ = ["LARGEST_PICTURE", "png_bytes", "read_picture", "write_png"]

LARGEST_PICTURE = 1 << 27
"""Pixels of a picture that is read: more is a mistake, or malice."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}
"""Channels to PNG's type of colour."""
_LEVEL = 5
"""Of zlib: higher ones take twice as long for a hundredth of the size."""


def write_png(path: Path, pixels: np.ndarray) -> None:
    """Write a picture; see `png_bytes`.

    Raises
    ------
    RigtalkError
        If the array is no picture, or the file cannot be written. Nothing is left half-written.
    """
    data = png_bytes(pixels)
    with replacing(path) as file:
        file.write(data)


def png_bytes(pixels: np.ndarray) -> bytes:
    """A picture as PNG, sRGB.

    Parameters
    ----------
    pixels : np.ndarray, shape (h, w, 1 to 4), uint8 or uint16
        Grey, grey and alpha, RGB, or RGB and alpha (straight, as PNG wants it).

    Raises
    ------
    RigtalkError
        If the array is no such picture.
    """
    image = np.asarray(pixels)
    if image.ndim != 3 or image.shape[2] not in _COLOURS or not 0 < image.size < 1 << 31:
        raise RigtalkError(f"an array of {image.shape} is no picture that PNG can hold")
    if image.dtype not in (np.uint8, np.uint16):
        raise RigtalkError(f"PNG holds 8 or 16 bits a channel, not {image.dtype}")
    height, width, channels = image.shape
    depth = 8 * image.dtype.itemsize
    rows = np.ascontiguousarray(image, dtype=f">u{depth // 8}").view(np.uint8).reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, depth, _COLOURS[channels], 0, 0, 0)
    return b"".join(
        [
            _SIGNATURE,
            _chunk(b"IHDR", header),
            _chunk(b"sRGB", b"\0"),
            _chunk(b"IDAT", zlib.compress(_filtered(rows, channels * depth // 8), _LEVEL)),
            _chunk(b"IEND", b""),
        ]
    )


def _filtered(rows: np.ndarray, step: int) -> bytes:
    """Each row as it is, less its left or less its upper neighbour: whichever is smallest.

    The rule is the specification's (PNG, third edition, 12.7): least sum of absolute differences.
    """
    left, above = rows.copy(), rows.copy()
    left[:, step:] -= rows[:, :-step]
    above[1:] -= rows[:-1]
    ways = np.stack([rows, left, above])
    costs = np.minimum(ways, 256 - ways.astype(np.int16)).sum(axis=2, dtype=np.int64)
    best = costs.argmin(axis=0)
    result = np.empty((len(rows), rows.shape[1] + 1), np.uint8)
    result[:, 0] = best
    result[:, 1:] = ways[best, np.arange(len(rows))]
    return result.tobytes()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def read_picture(path: Path) -> np.ndarray:
    """Read a picture of any usual kind; of a video, its first frame.

    Returns
    -------
    np.ndarray, shape (h, w, 4), float32
        sRGB and straight alpha, 0-1.

    Raises
    ------
    RigtalkError
        If PyAV is not installed, or the file is missing, damaged, huge or no picture.
    """
    av = pyav("reading pictures")
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise RigtalkError(f"{path}: is not a file; name a picture")
        with av.open(str(path)) as container:
            video = container.streams.video[0]
            size = video.codec_context.width * video.codec_context.height
            if size > LARGEST_PICTURE:
                raise RigtalkError(f"{path}: {size / 1e6:.0f} million pixels are too many")
            frame = next(container.decode(video))
            pixels = frame.to_ndarray(format="rgba")
    except FileNotFoundError:
        raise RigtalkError(f"{path}: no such file") from None
    except PermissionError:
        raise RigtalkError(f"{path}: no permission to read it") from None
    except (av.FFmpegError, IndexError, StopIteration, OSError, ValueError):
        raise RigtalkError(
            f"{path}: not a picture that can be read, or damaged; use PNG or JPEG"
        ) from None
    return np.asarray(pixels, np.float32) / 255
