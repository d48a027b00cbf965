"""One recorded voice as people of other sizes, by the HTS engine.

The engine synthesises from the spectra and pitch of a statistical voice, so that vocal tract and
pitch can be changed before there is a waveform. Festival reads the text; its own copy of the engine
ignores both settings, which is why the program ``hts_engine`` is run on festival's labels.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
import soxr

from rigtalk.core.speech.phones import SILENCE
from rigtalk.rigs.errors import RigtalkError

from . import espeak
from .festival import OFFSET, readable
from .labels import read_labels
from .stress import mark_stress
from .utterance import SAMPLE_RATE, Utterance, cover
from .voices import Manner, Voice

__all__ = ["BODIES", "Body", "available", "synthesise_all", "voice_file"]


@dataclass(frozen=True)
class Body:
    """Whom the voice is made to belong to.

    Attributes
    ----------
    warp : float
        All-pass constant, 0-1. The voice's own is 0.45; on its long-term spectrum 0.36 was measured
        to raise the formants by 1.21, 0.40 by 1.12, 0.50 by 0.89, 0.54 by 0.81.
    half_tones : float
        Added to the pitch, which is a woman's of 170 Hz.
    """

    warp: float
    half_tones: float


BODIES = {
    "small-child": Body(0.37, 7.0),
    "child": Body(0.40, 5.0),
    "girl": Body(0.42, 2.5),
    "boy": Body(0.43, 0.0),
    "soprano": Body(0.45, 4.0),
    "alto": Body(0.47, -2.5),
    "tenor": Body(0.495, -6.0),
    "baritone": Body(0.515, -8.5),
    "bass": Body(0.54, -11.0),
    "gnome": Body(0.39, -6.0),
    "giantess": Body(0.53, 1.0),
}
"""People that the voice is turned into, the last two of a kind that only games have."""

_VOICE = "cmu_us_slt_arctic_hts"
_FOLDERS = tuple(
    Path(root) / "festival" / "voices" for root in ("/usr/share", "/usr/local/share", "/opt")
)
# An empty synthesis leaves the analysis of the text, which is all that the labels need.
_HEAD = f"""
(voice_{_VOICE})
(defSynthType HTS utt)
(define (dump text path)
  (hts_dump_feats (utt.synth (eval (list 'Utterance 'Text text))) hts_feats_list path))
"""


def available() -> bool:
    """Whether both programs and the voice are installed."""
    return bool(shutil.which("hts_engine") and shutil.which("festival") and voice_file())


def voice_file() -> Path | None:
    """The voice, where Debian's package festvox-us-slt-hts puts it; None where it is absent."""
    for folder in _FOLDERS:
        found = folder / "us" / _VOICE / "hts" / f"{_VOICE}.htsvoice"
        if found.is_file():
            return found
    return None


def synthesise_all(
    texts: Sequence[str], voice: Voice, manners: Sequence[Manner]
) -> list[Utterance | None]:
    """Sentences with their phones; None where the engine gave nothing usable.

    Parameters
    ----------
    texts : sequence of str
    voice : Voice
        Its name is a key of `BODIES`.
    manners : sequence of Manner

    Raises
    ------
    RigtalkError
        If a program or the voice is not installed, or the body is not known.
    """
    reader, engine, model = shutil.which("festival"), shutil.which("hts_engine"), voice_file()
    if reader is None or engine is None or model is None:
        raise RigtalkError(
            "the HTS voices are not installed: install festival, festvox-us-slt-hts and htsengine"
        )
    body = BODIES.get(voice.name)
    if body is None:
        raise RigtalkError(f"no HTS body {voice.name!r}: choose from {', '.join(BODIES)}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = [f'(dump "{readable(text)}" "{folder}/{i}.full")' for i, text in enumerate(texts)]
        script = folder / "read.scm"
        script.write_text("\n".join([_HEAD, *lines]), encoding="utf-8")
        subprocess.run(  # noqa: S603 -- a list, no shell
            [reader, "-b", str(script)], capture_output=True, check=False
        )
        results: list[Utterance | None] = []
        for i, (text, manner) in enumerate(zip(texts, manners, strict=True)):
            labels = _contexts(folder / f"{i}.full")
            command = [engine, "-m", str(model), *_settings(body, manner)]
            results.append(_speak(command, labels, text, voice) if labels else None)
    if texts and not any(results):
        raise RigtalkError(f"hts_engine made nothing of {len(texts)} sentences as {voice.name!r}")
    return results


def _settings(body: Body, manner: Manner) -> list[str]:
    options = {
        "-a": body.warp,
        "-fm": body.half_tones + 12.0 * np.log2(manner.pitch),
        "-r": 1.0 / manner.stretch,
        "-jf": np.clip(manner.liveliness, 0.5, 2.0),
    }
    return [word for key, value in options.items() for word in (key, f"{value:.4f}")]


def _contexts(path: Path) -> list[str]:
    """Labels without the times, which the engine finds for itself."""
    if not path.is_file():
        return []
    return [line.split()[-1] for line in path.read_text("utf-8").splitlines() if line.strip()]


def _speak(command: list[str], labels: list[str], text: str, voice: Voice) -> Utterance | None:
    with tempfile.TemporaryDirectory() as name:
        asked, timed, sound = (Path(name) / part for part in ("asked.lab", "timed.lab", "a.wav"))
        asked.write_text("\n".join(labels) + "\n", encoding="utf-8")
        done = subprocess.run(  # noqa: S603 -- a list, no shell
            [*command, "-od", str(timed), "-ow", str(sound), str(asked)],
            capture_output=True,
            check=False,
        )
        if done.returncode != 0 or not timed.is_file() or not sound.is_file():
            return None
        raw, rate = soundfile.read(sound, dtype="float32")
        phones = read_labels(timed) or ()
    samples = soxr.resample(raw, rate, SAMPLE_RATE)
    phones = tuple(replace(p, start=p.start + OFFSET, end=p.end + OFFSET) for p in phones)
    if sum(phone.symbol != SILENCE for phone in phones) < 2:
        return None
    covered = cover(phones, len(samples) / SAMPLE_RATE)
    if espeak.available():
        covered = mark_stress(covered, espeak.pronounce(text))
    return Utterance(samples, covered, voice.speaker, "hts", voice.language, text)
