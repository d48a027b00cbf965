"""Speech as real codecs leave it: coded and decoded in memory, their delay taken out again."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy.fft
import scipy.signal
import soundfile
import soxr

from .utterance import SAMPLE_RATE

__all__ = ["CODECS", "Codec", "coded", "random_codec"]


@dataclass(frozen=True)
class Codec:
    """A codec of libsndfile.

    Attributes
    ----------
    container, subtype : str
        As libsndfile names them.
    weight : float
        How often it is chosen, relative to the others.
    rate : int
        Hz at which it works; 8000 is the telephone's.
    level : float or None
        Of compression, 0-1: 1 is the smallest file; None where the codec has but one.
    mode : str or None
        ``CONSTANT`` or ``VARIABLE`` bitrate, of MP3.
    """

    container: str
    subtype: str
    weight: float
    rate: int = SAMPLE_RATE
    level: float | None = None
    mode: str | None = None


CODECS = (
    Codec("MP3", "MPEG_LAYER_III", 1.0, level=0.95, mode="CONSTANT"),
    Codec("MP3", "MPEG_LAYER_III", 1.2, level=0.9, mode="CONSTANT"),
    Codec("MP3", "MPEG_LAYER_III", 1.2, level=0.8, mode="CONSTANT"),
    Codec("MP3", "MPEG_LAYER_III", 0.7, level=0.6, mode="CONSTANT"),
    Codec("MP3", "MPEG_LAYER_III", 0.8, level=0.9, mode="VARIABLE"),
    Codec("MP3", "MPEG_LAYER_III", 0.6, level=0.9, mode="CONSTANT", rate=8000),
    Codec("OGG", "VORBIS", 1.0, level=0.95),
    Codec("OGG", "OPUS", 0.3, level=1.0),
    Codec("OGG", "OPUS", 0.3, level=0.95),
    Codec("WAV", "ULAW", 0.9, rate=8000),
    Codec("WAV", "ALAW", 0.7, rate=8000),
    Codec("WAV", "ULAW", 0.3),
    Codec("WAV", "GSM610", 1.0, rate=8000),
    Codec("WAV", "IMA_ADPCM", 0.6),
    Codec("WAV", "IMA_ADPCM", 0.4, rate=8000),
    Codec("WAV", "NMS_ADPCM_16", 0.3, rate=8000),
)
"""Of streaming, telephones and games; at low and middling bitrates: high ones change nothing."""

_PEAK = 0.7
_BLOCK = 1 << 14
_TAIL = 0.25
"""Seconds of silence after the speech: codecs delay it, and code no less than a block."""


def random_codec(rng: np.random.Generator) -> Codec:
    """One of `CODECS`, by their weights."""
    weights = np.array([codec.weight for codec in CODECS])
    return CODECS[rng.choice(len(CODECS), p=weights / weights.sum())]


def coded(samples: np.ndarray, codec: Codec) -> np.ndarray:
    """Speech after coding and decoding, at the level and the time where it was.

    Parameters
    ----------
    samples : ndarray, shape (n,), float32
        16 kHz.
    codec : Codec

    Returns
    -------
    ndarray, shape (n,), float32
    """
    peak = float(np.abs(samples).max(initial=0.0))
    if peak == 0.0:
        return samples.astype(np.float32)
    # Codecs clip at full scale, and the coarse ones lose what is very soft.
    padded = np.concatenate([samples, np.zeros(int(_TAIL * SAMPLE_RATE), np.float32)])
    there = soxr.resample(padded * np.float32(_PEAK / peak), SAMPLE_RATE, codec.rate)
    delay = _delay(codec)
    decoded = np.pad(_round_trip(there, codec), (max(-delay, 0), 0))[max(delay, 0) :]
    back = soxr.resample(decoded, codec.rate, SAMPLE_RATE)[: len(samples)]
    back = np.pad(back, (0, len(samples) - len(back)))
    return np.asarray(back * (peak / _PEAK), dtype=np.float32)


def _round_trip(samples: np.ndarray, codec: Codec) -> np.ndarray:
    settings: dict[str, float | str] = {}
    if codec.level is not None:
        settings["compression_level"] = codec.level
    if codec.mode is not None:
        settings["bitrate_mode"] = codec.mode
    file = io.BytesIO()
    with soundfile.SoundFile(
        file, "w", codec.rate, 1, codec.subtype, format=codec.container, **settings
    ) as coder:
        # Vorbis puts all it is given at once on the stack, which a minute of speech overflows.
        for start in range(0, len(samples), _BLOCK):
            coder.write(samples[start : start + _BLOCK])
    file.seek(0)
    decoded, _ = soundfile.read(file, dtype="float32")
    return decoded


@cache
def _delay(codec: Codec) -> int:
    """Samples, at the codec's rate, by which it is late: whether a file's header tells the decoder
    of its delay depends on the bitrate, so that it is measured."""
    rng = np.random.default_rng(0)
    count = codec.rate
    # Noise in the band that every codec keeps.
    noise = scipy.signal.lfilter([1.0], [1.0, -0.8], rng.normal(size=count))
    burst = noise * np.hanning(count)
    burst = np.pad(burst * (_PEAK / np.abs(burst).max()), (0, count)).astype(np.float32)
    decoded = _round_trip(burst, codec)
    size = scipy.fft.next_fast_len(4 * count)
    match = scipy.fft.irfft(
        scipy.fft.rfft(decoded, size) * np.conj(scipy.fft.rfft(burst, size)), size
    )
    late = int(np.argmax(match))
    return late if late < size // 2 else late - size
