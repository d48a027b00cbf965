"""Videos: pictures and a sound as MP4 (H.264 and AAC), through PyAV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr

from .audio import open_audio
from .errors import RigtalkError
from .files.replacing import replacing
from .pyav import pyav

__all__ = ["LARGEST_VIDEO", "check_video", "rate_of", "write_video"]

LARGEST_VIDEO = 8192
"""Pixels in width and height; encoders need memory for several pictures."""
_QUALITY = {"crf": "17", "preset": "medium"}
"""Of x264: differences that one has to look for."""
_INSTEAD = "or write a folder of PNGs: -o FOLDER"
_AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)
_OTHER_RATE = 48000
_BIT_RATE = {1: 128_000, 2: 192_000}
_BLOCK = 8192


def check_video(width: int, height: int) -> None:
    """Raise RigtalkError unless a video of this size can be made here."""
    pyav("a video", _INSTEAD)
    if not 2 <= min(width, height) <= max(width, height) <= LARGEST_VIDEO:
        raise RigtalkError(
            f"a video of {width}x{height} cannot be: use 2 to {LARGEST_VIDEO} pixels each way"
        )
    if width % 2 or height % 2:
        raise RigtalkError(
            f"a video of {width}x{height} cannot be: H.264 needs even numbers, such as "
            f"{width + width % 2}x{height + height % 2}; PNGs may have any size"
        )


def rate_of(fps: float) -> Fraction:
    """A frame rate as films count it: 29.97 is 30000/1001."""
    return Fraction(fps).limit_denominator(1001)


def write_video(
    path: Path,
    frames: Iterable[np.ndarray],
    *,
    width: int,
    height: int,
    fps: float,
    sound: Path | None = None,
    offset: float = 0.0,
) -> int:
    """Write a video.

    Parameters
    ----------
    path : Path
        ``.mp4``.
    frames : iterable of np.ndarray, shape (height, width, 3), uint8
        sRGB; taken one at a time.
    fps : float
    sound : Path, optional
        A recording; what goes beyond the last frame is left out.
    offset : float
        Second of the recording at which the first frame stands; silence where that is below 0.

    Returns
    -------
    int
        Frames written.

    Raises
    ------
    RigtalkError
        If PyAV is not installed, the size or the sound cannot be used, there are no frames, or the
        file cannot be written. It is there whole or not at all.
    """
    check_video(width, height)
    av = pyav("a video", _INSTEAD)
    rate = rate_of(fps)
    count = 0
    with replacing(path) as file:
        try:
            with av.open(file, "w", format="mp4") as container:
                video = container.add_stream("libx264", rate=rate, options=_QUALITY)
                video.width, video.height, video.pix_fmt = width, height, "yuv420p"
                context = video.codec_context
                context.color_range, context.colorspace = 1, 1  # limited range, BT.709
                context.color_primaries, context.color_trc = 1, 13  # BT.709, sRGB's curve
                spoken = _Spoken(av, container, sound, offset) if sound else None
                for pixels in frames:
                    container.mux(video.encode(_picture(av, pixels, width, height)))
                    count += 1
                    if spoken:
                        spoken.until(count / float(rate))
                if not count:
                    raise RigtalkError(f"{path}: a video needs a frame at least")
                container.mux(video.encode(None))
                if spoken:
                    spoken.end()
        except av.FFmpegError as error:
            raise RigtalkError(f"{path}: the video cannot be written ({error.strerror})") from None
    return count


def _picture(av: Any, pixels: np.ndarray, width: int, height: int) -> Any:
    if pixels.shape != (height, width, 3) or pixels.dtype != np.uint8:
        raise RigtalkError(f"a frame is {pixels.shape} of {pixels.dtype}, not {width}x{height} RGB")
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
    return frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")


class _Spoken:
    """The sound of a video, written as far as the pictures are."""

    def __init__(self, av: Any, container: Any, path: Path, offset: float) -> None:
        open_audio(path)  # says what is wrong with it
        self._av, self._container = av, container
        info = soundfile.info(str(path))
        self._rate = info.samplerate if info.samplerate in _AAC_RATES else _OTHER_RATE
        channels = info.channels if info.channels <= 2 else 1
        self._layout = "mono" if channels == 1 else "stereo"
        self._stream = container.add_stream("aac", rate=self._rate, layout=self._layout)
        self._stream.bit_rate = _BIT_RATE[channels]
        self._blocks = _shifted(_blocks(path, self._rate, channels), self._rate, offset)
        self._rest = np.zeros((0, channels), np.float32)
        self._done = 0

    def until(self, seconds: float) -> None:
        """Write what is heard before a moment of the video."""
        wanted = round(seconds * self._rate) - self._done
        while len(self._rest) < wanted:
            block = next(self._blocks, None)
            if block is None:
                break
            self._rest = np.concatenate([self._rest, block])
        now, self._rest = self._rest[: max(wanted, 0)], self._rest[max(wanted, 0) :]
        if len(now):
            planes = np.ascontiguousarray(now.T)
            frame = self._av.AudioFrame.from_ndarray(planes, format="fltp", layout=self._layout)
            frame.sample_rate, frame.pts = self._rate, self._done
            frame.time_base = Fraction(1, self._rate)
            self._done += len(now)
            self._container.mux(self._stream.encode(frame))

    def end(self) -> None:
        self._container.mux(self._stream.encode(None))


def _blocks(path: Path, rate: int, channels: int) -> Iterator[np.ndarray]:
    """The recording at a rate, with its channels or their mean, (n, channels) float32."""
    try:
        with soundfile.SoundFile(str(path)) as file:
            same = file.samplerate == rate
            stream = None if same else soxr.ResampleStream(file.samplerate, rate, channels)
            while True:
                block = file.read(_BLOCK, dtype="float32", always_2d=True)
                if file.channels != channels:
                    block = block.mean(axis=1, keepdims=True)
                block = np.nan_to_num(block, posinf=1.0, neginf=-1.0)
                last = len(block) == 0
                if stream:
                    block = stream.resample_chunk(np.ascontiguousarray(block), last=last)
                if len(block):
                    yield np.asarray(block, np.float32).reshape(-1, channels)
                if last:
                    return
    except soundfile.LibsndfileError:
        raise RigtalkError(f"{path}: damaged or truncated; export it again") from None


def _shifted(blocks: Iterator[np.ndarray], rate: int, offset: float) -> Iterator[np.ndarray]:
    """From a second on, or after some silence."""
    skip = round(offset * rate)
    for block in blocks:
        if skip < 0:
            yield np.zeros((-skip, block.shape[1]), np.float32)
            skip = 0
        kept = block[skip:]
        skip -= len(block) - len(kept)
        if len(kept):
            yield kept
