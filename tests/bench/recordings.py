"""The embedded line, repeated to a length, as a file."""

from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parents[2]
LINE = ROOT / "core" / "data" / "line.flac"


def write_recording(path: Path, seconds: float) -> Path:
    """Write a 16 kHz WAV that repeats the embedded line; in blocks, to stay small in memory."""
    line, rate = soundfile.read(LINE, dtype="int16")
    left = round(seconds * rate)
    with soundfile.SoundFile(path, "w", rate, 1, "PCM_16") as sound:
        while left > 0:
            sound.write(np.asarray(line[:left]))
            left -= min(left, len(line))
    return path


def script_of(seconds: float) -> str:
    """What is said in as much of that recording, to whole lines."""
    text = LINE.with_suffix(".txt").read_text("utf-8")
    return text * int(np.ceil(seconds / soundfile.info(LINE).duration))
