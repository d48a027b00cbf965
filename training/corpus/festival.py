"""Festival: diphone and HTS voices, many sentences in one run."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import soundfile
import soxr

from rigtalk.core.speech.phones import SILENCE, from_arpabet
from rigtalk.rigs.errors import RigtalkError

from . import espeak
from .stress import mark_stress
from .utterance import SAMPLE_RATE, Phone, Utterance, cover
from .voices import Manner, Voice

__all__ = ["OFFSET", "available", "readable", "synthesise_all"]

OFFSET = 0.007
"""Seconds to add to the engine's times so that they agree with hand labels."""
_DIPHONE_PITCH_HZ = 105.0

_HEAD = """
(define (speak text path)
  (let ((utt (utt.synth (eval (list 'Utterance 'Text text)))))
    (utt.save.wave utt (string-append path ".wav") 'riff)
    (let ((file (fopen (string-append path ".txt") "w")))
      (mapcar
        (lambda (s) (format file "%s %f\\n" (item.name s) (item.feat s "end")))
        (utt.relation.items utt 'Segment))
      (fclose file))))
"""


def available() -> bool:
    """Whether the program is installed."""
    return shutil.which("festival") is not None


def readable(text: str) -> str:
    """A text without the signs that would end a string of Scheme or confuse festival."""
    return re.sub(r"[^\w\s',.!?-]", "", text)


def _is_hts(voice: Voice) -> bool:
    return voice.name.endswith("_hts")


def _settings(voice: Voice, manner: Manner) -> str:
    """Scheme that sets the manner; the two kinds of voices have different knobs."""
    if _is_hts(voice):
        rate = f'(list (list "-r" {1 / manner.stretch:.3f}))'
        return f"(set! hts_engine_params (append usual_params {rate}))"
    mean, spread = _DIPHONE_PITCH_HZ * manner.pitch, 14.0 * manner.liveliness
    return (
        f"(Parameter.set 'Duration_Stretch {manner.stretch:.3f})"
        f"(set! int_lr_params '((target_f0_mean {mean:.0f}) (target_f0_std {spread:.0f})"
        " (model_f0_mean 170) (model_f0_std 34)))"
    )


def synthesise_all(
    texts: Sequence[str], voice: Voice, manners: Sequence[Manner]
) -> list[Utterance | None]:
    """Sentences with their phones; None where the engine gave nothing usable.

    Raises
    ------
    RigtalkError
        If festival is not installed or lacks the voice.
    """
    program = shutil.which("festival")
    if program is None:
        raise RigtalkError("festival is not installed: install the package festival")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "speak.scm"
        lines = [f"(voice_{voice.name})", _HEAD]
        if _is_hts(voice):
            lines.append("(set! usual_params hts_engine_params)")
        for i, (text, manner) in enumerate(zip(texts, manners, strict=True)):
            settings = _settings(voice, manner)
            lines.append(f'{settings}(speak "{readable(text)}" "{folder}/{i}")')
        script.write_text("\n".join(lines), encoding="utf-8")
        done = subprocess.run(  # noqa: S603 -- a list, no shell
            [program, "-b", str(script)], capture_output=True, text=True, check=False
        )
        results = [_read(Path(folder), i, text, voice) for i, text in enumerate(texts)]
    if not any(results):
        raise RigtalkError(f"festival failed with voice {voice.name!r}: {done.stderr.strip()}")
    return results


def _read(folder: Path, i: int, text: str, voice: Voice) -> Utterance | None:
    sound, labels = folder / f"{i}.wav", folder / f"{i}.txt"
    if not sound.is_file() or not labels.is_file():
        return None
    raw, rate = soundfile.read(sound, dtype="float32")
    samples = soxr.resample(raw, rate, SAMPLE_RATE)
    phones: list[Phone] = []
    start = 0.0
    for line in labels.read_text("utf-8").splitlines():
        symbol, end = line.split()
        phones.append(Phone(start + OFFSET, float(end) + OFFSET, from_arpabet(symbol)[0]))
        start = float(end)
    if sum(phone.symbol != SILENCE for phone in phones) < 2:
        return None
    covered = cover(phones, len(samples) / SAMPLE_RATE)
    if espeak.available():
        covered = mark_stress(covered, espeak.pronounce(text))
    return Utterance(samples, covered, voice.speaker, "festival", voice.language, text)
