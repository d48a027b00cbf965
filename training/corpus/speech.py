"""Real recordings: which there are, whose, and what they may be used for."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from rigtalk.rigs.errors import RigtalkError

from .utterance import SAMPLE_RATE

__all__ = [
    "VALIDATION_SPEAKERS",
    "Recording",
    "read_manifest",
    "read_samples",
    "read_transcripts",
]

TRANSCRIPTS = Path(__file__).with_name("transcripts.tsv")
"""What is said in recordings that came without text or with a wrong one."""

VALIDATION_SPEAKERS = frozenset(
    (
        # LibriSpeech, ten sentences each
        *(f"librispeech-{n}" for n in (1998, 2033, 2414, 3331, 367)),
        # LibriSpeech, one to three sentences each
        *(f"librispeech-{n}" for n in (
            1263, 1963, 2289, 2836, 2952, 3259, 3436, 405, 4195, 446, 4788, 5022, 5104, 5750,
            6367, 6454, 7059, 7067, 7178, 8088, 8419, 887,
        )),
        "vctk-p226", "vctk-p228", "jfk", "leopard-en", "praatio-bobby", "praatio-mary", "uberi-en",
    )
)  # fmt: skip
"""People whose speech is never trained on."""

_SHARE_ALIKE = "BY-SA"


@dataclass(frozen=True)
class Recording:
    """A recording and what is known of it.

    Attributes
    ----------
    path : Path
    speaker, language, text, source, licence : str
        `text` is empty where nobody wrote it down.
    unclear : bool
        Somebody tried to make out what is said, and could not: not even recognition is to be
        believed.
    labels : Path or None
        Phone labels, where somebody made them.
    """

    path: Path
    speaker: str
    language: str
    text: str
    source: str
    licence: str
    labels: Path | None
    unclear: bool = False

    @property
    def trainable(self) -> bool:
        """Whether a shipped model may learn from it: not held out, and no share-alike terms."""
        return self.speaker not in VALIDATION_SPEAKERS and _SHARE_ALIKE not in self.licence


def read_manifest(speech: Path, *, transcripts: Path = TRANSCRIPTS) -> tuple[Recording, ...]:
    """Every recording of a folder.

    Parameters
    ----------
    speech : Path
        Holds ``manifest.csv``.
    transcripts : Path
        Table of our own transcripts, which take the place of those in the manifest.

    Raises
    ------
    RigtalkError
        If there is no manifest.
    """
    manifest = speech / "manifest.csv"
    if not manifest.is_file():
        raise RigtalkError(f"no real speech at {speech}: it needs a manifest.csv")
    ours = read_transcripts(transcripts)
    with manifest.open(encoding="utf-8") as file:
        return tuple(
            Recording(
                path=speech / row["path"],
                speaker=row["speaker"],
                language=row["language"],
                text=ours.get(row["path"], row["transcript"]),
                unclear=not ours.get(row["path"], "?"),
                source=row["path"].split("/")[0],
                licence=row["licence"],
                labels=speech / row["labels"] if row["labels"] else None,
            )
            for row in csv.DictReader(file)
        )


def read_transcripts(table: Path = TRANSCRIPTS) -> dict[str, str]:
    """Our own transcripts by the recording's path in the manifest; empty where nothing is sure.

    Parameters
    ----------
    table : Path
        Lines of path, tab, transcript; a line that begins with ``#`` is a comment.
    """
    lines = table.read_text("utf-8").splitlines()
    rows = (line.partition("\t") for line in lines if line and not line.startswith("#"))
    return {path: transcript for path, _, transcript in rows}


def read_samples(path: Path) -> np.ndarray:
    """A recording as 16 kHz mono, shape (n,), float32."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = samples.mean(axis=1)
    return mono if rate == SAMPLE_RATE else soxr.resample(mono, rate, SAMPLE_RATE)
