"""Recordings of any kind become mono 16 kHz clips, whole or block by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import soundfile
import soxr

from .containers import check_container, explain
from .errors import RigtalkError
from .features import SAMPLE_RATE

__all__ = ["Audio", "AudioSource", "Clip", "open_audio", "read_clip"]

RATES = (4000, 768000)
"""Hz; a header with a rate outside is damaged."""
BLOCK_VALUES = 1 << 17
"""Samples decoded at a time, all channels together: 0.5 MB."""
KEPT_SECONDS = 60.0
"""A recording no longer than this is decoded once and kept (3.8 MB a minute)."""
CANCELLATION = 0.1
"""The mean of the channels must keep this part of their energy (-10 dB)."""
LOUDEST = 1e9
"""A sample beyond this many times full scale is damage, not sound."""


class Audio(Protocol):
    """Sound that can be gone through more than once: a `Clip` or an `AudioSource`."""

    @property
    def source(self) -> str:
        """Where it came from, for messages."""

    def blocks(self) -> Iterator[np.ndarray]:
        """Consecutive parts, each (n,) float32, mono 16 kHz; together the whole."""


@dataclass(frozen=True, eq=False)
class Clip:
    """Mono audio at 16 kHz, in memory.

    Attributes
    ----------
    samples : ndarray, shape (n,), float32
        Full scale 1; sample 0 is at 0 s.
    source : str
        Where it came from.

    Raises
    ------
    RigtalkError
        If there is no sample, or one is not a number.
    """

    samples: np.ndarray
    source: str = "clip"

    def __post_init__(self) -> None:
        samples = np.ascontiguousarray(self.samples, dtype=np.float32)
        if samples.ndim != 1 or len(samples) == 0:
            raise RigtalkError(
                f"{self.source}: a clip needs one row of samples, not an array of {samples.shape}"
            )
        _check_finite(samples[:, None], 0, SAMPLE_RATE, self.source)
        object.__setattr__(self, "samples", samples)

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / SAMPLE_RATE

    def blocks(self) -> Iterator[np.ndarray]:
        """The samples, as one block."""
        yield self.samples


class AudioSource:
    """A recording that is decoded as it is read, in bounded memory; made by `open_audio`.

    Attributes
    ----------
    path : Path
    duration : float or None
        Seconds as the header says; None if it does not.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept: np.ndarray | None = None
        with _opened(path) as file:
            self._rate, self._channels = file.samplerate, file.channels
            # Formats that are written as they stream give no length, or the largest number.
            self._declared = file.frames if 0 < file.frames < 1 << 48 else None
            if not RATES[0] <= self._rate <= RATES[1]:
                raise RigtalkError(
                    f"{path}: the header says {self._rate} Hz; a rate from {RATES[0]} to "
                    f"{RATES[1]} Hz is needed"
                )
        self.duration = self._declared / self._rate if self._declared else None
        self._mix = np.full(self._channels, 1.0 / self._channels, dtype=np.float32)
        if self._channels > 1:
            self._mix = self._choose_mix()

    @property
    def source(self) -> str:
        """The path."""
        return str(self.path)

    def blocks(self) -> Iterator[np.ndarray]:
        """Consecutive parts of the recording, each (n,) float32, mono 16 kHz.

        Sample 0 of the first block is at 0 s of the recording, whatever its rate: the resampler's
        delay is compensated. May be called again to go through the recording again.

        Raises
        ------
        RigtalkError
            If the recording is truncated, damaged, empty, or has samples that are not numbers.
        """
        if self._kept is not None:
            yield self._kept
            return
        kept: list[np.ndarray] | None = []
        count = 0
        for block in self._resampled():
            count += len(block)
            if kept is not None and count <= KEPT_SECONDS * SAMPLE_RATE:
                kept.append(block)
            else:
                kept = None
            yield block
        if kept is not None:
            self._kept = np.concatenate(kept)

    def _resampled(self) -> Iterator[np.ndarray]:
        if self._rate == SAMPLE_RATE:
            yield from (block @ self._mix for block in self._decoded())
            return
        resampler = soxr.ResampleStream(
            self._rate, SAMPLE_RATE, num_channels=1, dtype="float32", quality="HQ"
        )
        count = 0
        for block in self._decoded():
            out = resampler.resample_chunk(block @ self._mix)
            count += len(out)
            if len(out):
                yield out
        out = resampler.resample_chunk(np.zeros(0, dtype=np.float32), last=True)
        if len(out) or not count:
            # A sample or two at a high rate are less than one at 16 kHz, but they are sound.
            yield out if len(out) else np.zeros(1, dtype=np.float32)

    def _decoded(self) -> Iterator[np.ndarray]:
        """Blocks as they are in the file, (n, channels) float32, checked."""
        done = 0
        frames = max(1, BLOCK_VALUES // self._channels)
        with _opened(self.path) as file:
            while True:
                try:
                    block = file.read(frames, dtype="float32", always_2d=True)
                except soundfile.LibsndfileError as error:
                    raise RigtalkError(
                        f"{self.path}: damaged or truncated after {done / self._rate:.2f} s "
                        f"({explain(error)}); export it again"
                    ) from None
                if len(block) == 0:
                    break
                _check_finite(block, done, self._rate, str(self.path))
                done += len(block)
                yield block
        if done == 0:
            raise RigtalkError(f"{self.path}: there is no sound in it (0 samples)")
        # mp3 encoders pad the end by a few frames of about 25 ms, and do not always say so.
        if self._declared and done < self._declared - 0.1 * self._rate:
            raise RigtalkError(
                f"{self.path}: truncated: the header promises {self._declared / self._rate:.2f} s, "
                f"the file ends after {done / self._rate:.2f} s; copy or export it again"
            )

    def _choose_mix(self) -> np.ndarray:
        """Weights of the channels: their mean, or the loudest where the mean cancels."""
        energies = np.zeros(self._channels)
        mean_energy = 0.0
        for block in self._decoded():
            energies += np.einsum("nc,nc->c", block, block, dtype=np.float64)
            mean = block.mean(axis=1)
            mean_energy += float(np.dot(mean, mean))
        if mean_energy < CANCELLATION * energies.mean():
            return np.eye(self._channels, dtype=np.float32)[int(np.argmax(energies))]
        return np.full(self._channels, 1.0 / self._channels, dtype=np.float32)


def open_audio(path: str | Path) -> AudioSource:
    """Open a recording to be read block by block, as often as needed.

    Channels are averaged; where the average loses more than 10 dB (a channel wired in opposite
    phase) the loudest channel is taken.

    Parameters
    ----------
    path : str or Path
        Any file that libsndfile reads: wav, flac, ogg, opus, mp3, aiff, …

    Raises
    ------
    RigtalkError
        If it is missing, a directory, empty, not readable, no sound file or truncated.
    """
    path = Path(path)
    check_container(path)
    return AudioSource(path)


def read_clip(path: str | Path) -> Clip:
    """Read a recording whole; the same samples as the blocks of `open_audio`.

    Raises
    ------
    RigtalkError
        As `open_audio`, and if it is damaged, or has samples that are not numbers.
    """
    audio = open_audio(path)
    return Clip(np.concatenate(list(audio.blocks())), str(path))


def _opened(path: Path) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(str(path))
    except (soundfile.LibsndfileError, TypeError) as error:  # TypeError: headerless .raw
        raise RigtalkError(
            f"{path}: not a sound file that can be read ({explain(error)}); use wav, flac, ogg, "
            "opus or mp3"
        ) from None


def _check_finite(block: np.ndarray, done: int, rate: float, source: str) -> None:
    # One sum tells for the whole block; only a bad one is searched.
    with np.errstate(over="ignore", invalid="ignore"):
        energy = np.dot(block.ravel(), block.ravel())
    if np.isfinite(energy):
        return
    bad = ~(np.abs(block) < LOUDEST)  # NaN compares false
    if bad.any():
        frame = int(np.argmax(bad.any(axis=1)))
        value = block[frame][bad[frame]][0]
        raise RigtalkError(
            f"{source}: the sample at {(done + frame) / rate:.3f} s is {value:g}, which is no "
            "sound; export it again"
        )
