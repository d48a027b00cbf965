"""flite: voices built from recordings of people, with phone times from ``-psdur``."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from itertools import pairwise
from pathlib import Path

import soundfile
import soxr

from rigtalk.core.speech.phones import SILENCE, from_arpabet
from rigtalk.rigs.errors import RigtalkError

from . import espeak
from .stress import mark_stress
from .utterance import SAMPLE_RATE, Phone, Utterance, cover
from .voices import Manner, Voice

__all__ = ["available", "synthesise"]

OFFSET = 0.002
"""Seconds to add to the engine's times so that they agree with hand labels."""
_PITCH_HZ = {"slt": 167.0, "rms": 98.0, "awb": 123.0, "kal16": 105.0}
_PITCH_SPREAD_HZ = 14.0


def available() -> bool:
    """Whether the program is installed."""
    return shutil.which("flite") is not None


def synthesise(text: str, voice: Voice, manner: Manner) -> Utterance | None:
    """A sentence with its phones, or None where the engine gave nothing usable.

    Raises
    ------
    RigtalkError
        If flite is not installed or refuses the voice.
    """
    program = shutil.which("flite")
    if program is None:
        raise RigtalkError("flite is not installed: install the package flite")
    pitch = _PITCH_HZ[voice.name] * manner.pitch
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        command = [
            program, "-psdur", "-voice", voice.name,
            "--setf", f"duration_stretch={manner.stretch:.3f}",
            "--setf", f"int_f0_target_mean={pitch:.1f}",
            "--setf", f"int_f0_target_stddev={_PITCH_SPREAD_HZ * manner.liveliness:.1f}",
            "-t", text, "-o", str(path),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- a list, no shell
        if done.returncode != 0 or not path.is_file():
            raise RigtalkError(f"flite failed with voice {voice.name!r}: {done.stderr.strip()}")
        samples, rate = soundfile.read(path, dtype="float32")
    samples = soxr.resample(samples, rate, SAMPLE_RATE)
    entries = [entry.rsplit(":", 1) for entry in done.stdout.split()]
    ends = [0.0, *(float(end) for _, end in entries)]
    phones = [
        Phone(start + OFFSET, end + OFFSET, from_arpabet(symbol)[0])
        for (symbol, _), (start, end) in zip(entries, pairwise(ends), strict=True)
    ]
    duration = len(samples) / SAMPLE_RATE
    spoken = [phone for phone in phones if phone.symbol != SILENCE]
    if len(spoken) < 2 or spoken[-1].end > duration + 0.05:
        return None
    covered = cover(phones, duration)
    if espeak.available():
        covered = mark_stress(covered, espeak.pronounce(text))
    return Utterance(samples, covered, voice.speaker, "flite", voice.language, text)
