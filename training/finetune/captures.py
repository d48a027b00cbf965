"""Folders of captured takes: a recording and the curves of the face that spoke it, side by side."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rigtalk.core.arguments import parse_direction
from rigtalk.core.audio import read_clip
from rigtalk.core.direction import EMOTIONS, Direction
from rigtalk.core.files.columns import match_columns
from rigtalk.core.files.formats import CURVE_SUFFIXES, read_performance
from rigtalk.core.files.livelink import read_livelink
from rigtalk.rigs import ControlSet
from rigtalk.rigs.errors import RigtalkError

__all__ = ["Capture", "CaptureFiles", "find_captures", "read_capture"]

AUDIO_SUFFIXES = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".aif", ".aiff")
MOODS = ("emotions.toml", "emotions.csv")
"""Files that say which emotion a take was played in, for the takes in and below their folder."""
ACTOR_SETS = ("arkit", "metahuman")
"""What the actor speaks, and so can learn."""
_NOT_TAKES = ("_raw", "_neutral")
"""Ends of names of the files that Live Link Face writes beside a take."""
_MOOD = re.compile(rf"({'|'.join(EMOTIONS)})(\d{{1,3}})?", re.IGNORECASE)


@dataclass(frozen=True)
class CaptureFiles:
    """Where a take lies.

    Attributes
    ----------
    name : str
        Its path below the folder, without suffix.
    audio, curves : Path
    emotions : mapping of str to float
        What it was played in, intensities 0-1; empty if neutral or not said.
    """

    name: str
    audio: Path
    curves: Path
    emotions: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Capture:
    """A take as it was recorded.

    Attributes
    ----------
    name : str
    samples : ndarray, shape (n,), float32
        16 kHz.
    values : ndarray, shape (rows, controls), float32
        As in the file, even where out of range.
    times : ndarray, shape (rows,), float64
        Seconds since the first row, or of the audio where the file knows it; they rise.
    controls : ControlSet
        ARKit or MetaHuman.
    given : ndarray, shape (controls,), bool
        Controls that the file has a column for.
    emotions : mapping of str to float
    """

    name: str
    samples: np.ndarray
    values: np.ndarray
    times: np.ndarray
    controls: ControlSet
    given: np.ndarray
    emotions: Mapping[str, float] = field(default_factory=dict)

    @property
    def step(self) -> float:
        """Usual seconds between rows."""
        return float(np.median(np.diff(self.times)))


def find_captures(folder: Path) -> tuple[list[CaptureFiles], list[str]]:
    """The takes in a folder and the folders in it.

    Returns
    -------
    takes : list of CaptureFiles
        In the order of their names.
    complaints : list of str
        A line for each recording without curves, curves without a recording, and the like.

    Raises
    ------
    RigtalkError
        If the folder is missing, holds no take, or a file of emotions cannot be understood.
    """
    if not folder.is_dir():
        raise RigtalkError(f"{folder}: no such folder; give one with recordings and their curves")
    stems: dict[str, dict[str, list[Path]]] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        suffix = path.suffix.lower()
        kind = "audio" if suffix in AUDIO_SUFFIXES else "curves"
        if path.name in MOODS or (kind == "curves" and suffix not in CURVE_SUFFIXES):
            continue
        name = path.relative_to(folder).with_suffix("").as_posix()
        stems.setdefault(name, {"audio": [], "curves": []})[kind].append(path)
    moods = _Moods(folder)
    takes, complaints = [], []
    for name, files in stems.items():
        audio, curves = files["audio"], files["curves"]
        if len(audio) == len(curves) == 1:
            takes.append(CaptureFiles(name, audio[0], curves[0], moods.of(name)))
        elif len(audio) + len(curves) > 2 and audio and curves:
            found = ", ".join(path.name for path in audio + curves)
            complaints.append(f"{name}: {found} go by one name; keep one recording and one capture")
        elif audio:
            complaints.append(
                f"{name}: a recording without curves; put {audio[0].stem}.csv (Live Link Face), "
                ".json or .npz beside it"
            )
        elif not name.endswith(_NOT_TAKES):
            complaints.append(
                f"{name}: curves without a recording; put {curves[0].stem}.wav beside them"
            )
    complaints += moods.unused()
    if not takes:
        raise RigtalkError(
            f"{folder}: no take in it; each needs a recording and curves of the same name, such as "
            "take1.wav and take1.csv"
        )
    return takes, complaints


class _Moods:
    """Which take was played in which emotion."""

    def __init__(self, folder: Path) -> None:
        self._told: dict[str, Mapping[str, float]] = {}
        self._used: set[str] = set()
        for path in sorted(p for name in MOODS for p in folder.rglob(name)):
            below = path.parent.relative_to(folder).as_posix()
            for name, text in _rows(path):
                key = name if below == "." else f"{below}/{name}"
                self._told[key] = _mix(text, f"{path}: {name}")

    def of(self, take: str) -> Mapping[str, float]:
        """As a file says, else as the take's own name says, else none."""
        if take in self._told:
            self._used.add(take)
            return self._told[take]
        words = re.split(r"[^0-9A-Za-z]+", take.rpartition("/")[2])
        found = [match for match in map(_MOOD.fullmatch, words) if match]
        return {m[1].lower(): min(1.0, int(m[2] or 100) / 100.0) for m in found}

    def unused(self) -> list[str]:
        return [
            f"{name}: has an emotion, but there is no such take; mind the spelling"
            for name in self._told
            if name not in self._used
        ]


def _rows(path: Path) -> Iterator[tuple[str, object]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".toml":
            yield from tomllib.loads(text).items()
            return
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise RigtalkError(f"{path}: cannot be read ({error})") from None
    for row in csv.reader(text.splitlines()):
        if len(row) >= 2 and row[0].strip().lower() != "take":
            yield row[0].strip(), ",".join(cell.strip() for cell in row[1:] if cell.strip())


def _mix(said: object, where: str) -> Mapping[str, float]:
    """``"joy=0.7,fear=0.2"``, ``"joy"`` or a table of the same."""
    try:
        if isinstance(said, dict):
            mix = Direction({str(name): float(share) for name, share in said.items()}).emotions
        else:
            mix = parse_direction([str(said)], [], 0).emotions
    except (RigtalkError, TypeError, ValueError) as error:
        raise RigtalkError(f"{where}: {error}") from None
    return {name: share for name, share in mix.items() if name != "neutral" and share > 0}


def read_capture(files: CaptureFiles) -> Capture:
    """Read a take.

    Raises
    ------
    RigtalkError
        If one of its files cannot be read, or there are fewer than two rows.
    """
    samples = read_clip(files.audio).samples
    if files.curves.suffix.lower() == ".csv":
        take = read_livelink(files.curves)
        values, controls = take.values, take.controls
        times = take.times - take.times[0]
        given = np.zeros(len(controls), dtype=bool)
        given[_columns(files.curves)] = True
    else:
        performance = read_performance(files.curves)
        values, controls, times = performance.values, performance.controls, performance.times
        given = np.ones(len(controls), dtype=bool)
    if controls.name not in ACTOR_SETS:
        raise RigtalkError(
            f"{files.curves}: curves for {controls.name!r}; captures must be Live Link Face "
            "(ARKit) weights or MetaHuman expressions"
        )
    if len(times) < 2:
        raise RigtalkError(f"{files.curves}: a single frame; a take needs many")
    return Capture(files.name, samples, values, times, controls, given, files.emotions)


def _columns(path: Path) -> np.ndarray:
    with path.open(encoding="utf-8-sig") as file:
        header = file.readline().rstrip("\r\n").split(",")
    return match_columns(header[2:], str(path))[1]
