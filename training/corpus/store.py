"""Utterances on disk: shards that are read without loading them.

A shard is two files, ``<name>.audio.npy`` (16-bit samples of all its utterances, one after the
other, memory-mapped on reading) and ``<name>.index.npz`` (where each begins, and its phones).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from rigtalk.core.files.replacing import replacing
from rigtalk.core.speech.phones import SYMBOLS

from .utterance import SAMPLE_RATE, Phone, Utterance

__all__ = ["Entry", "Shard", "write_shard"]


@dataclass(frozen=True)
class Entry:
    """An utterance as arrays, without copies.

    Attributes
    ----------
    samples : ndarray, shape (n,), int16
        16 kHz; full scale 32768.
    starts, ends : ndarray, shape (phones,), float32
        Seconds.
    ids : ndarray, shape (phones,), uint8
        Index in `rigtalk.core.speech.phones.SYMBOLS`.
    stresses : ndarray, shape (phones,), uint8
    speaker, source, language, text : str
    """

    samples: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    ids: np.ndarray
    stresses: np.ndarray
    speaker: str
    source: str
    language: str
    text: str

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / SAMPLE_RATE

    def utterance(self) -> Utterance:
        """The same as an `Utterance`."""
        phones = tuple(
            Phone(float(start), float(end), SYMBOLS[symbol], int(stress))
            for start, end, symbol, stress in zip(
                self.starts, self.ends, self.ids, self.stresses, strict=True
            )
        )
        samples = self.samples.astype(np.float32) / 32768.0
        return Utterance(samples, phones, self.speaker, self.source, self.language, self.text)


def write_shard(folder: Path, name: str, utterances: Sequence[Utterance]) -> None:
    """Writes utterances as a shard; the index, written last, says that it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    audio, index = _paths(folder, name)
    pcm = [_to_int16(utterance.samples) for utterance in utterances]
    with replacing(audio) as file:
        np.save(file, np.concatenate(pcm or [np.zeros(0, np.int16)]))
    arrays = {
        "sample_offsets": _offsets([len(samples) for samples in pcm]),
        "phone_offsets": _offsets([len(utterance.phones) for utterance in utterances]),
        "starts": _joined([u.starts for u in utterances], np.float32),
        "ends": _joined([u.ends for u in utterances], np.float32),
        "ids": _joined([u.ids for u in utterances], np.uint8),
        "stresses": _joined([u.stresses for u in utterances], np.uint8),
        "speakers": np.array([u.speaker for u in utterances], dtype=np.str_),
        "sources": np.array([u.source for u in utterances], dtype=np.str_),
        "languages": np.array([u.language for u in utterances], dtype=np.str_),
        "texts": np.array([u.text for u in utterances], dtype=np.str_),
    }
    with replacing(index) as file:
        np.savez_compressed(file, **arrays)


class Shard:
    """A shard that has been written.

    Parameters
    ----------
    folder : Path
    name : str
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._audio_path, index = _paths(folder, name)
        with np.load(index, allow_pickle=False) as arrays:
            self._arrays = {key: arrays[key] for key in arrays.files}

    @staticmethod
    def exists(folder: Path, name: str) -> bool:
        """Whether a whole shard of that name is there."""
        return _paths(folder, name)[1].is_file()

    @staticmethod
    def names(folder: Path) -> tuple[str, ...]:
        """Names of the whole shards in a folder, sorted."""
        suffix = ".index.npz"
        return tuple(sorted(path.name.removesuffix(suffix) for path in folder.glob(f"*{suffix}")))

    def __len__(self) -> int:
        return len(self._arrays["speakers"])

    def __iter__(self) -> Iterator[Entry]:
        return (self[i] for i in range(len(self)))

    @cached_property
    def _audio(self) -> np.ndarray:
        return np.load(self._audio_path, mmap_mode="r", allow_pickle=False)

    @property
    def durations(self) -> np.ndarray:
        """Seconds of each utterance, shape (utterances,)."""
        return np.diff(self._arrays["sample_offsets"]) / SAMPLE_RATE

    @property
    def speakers(self) -> np.ndarray:
        """Speaker of each utterance, shape (utterances,)."""
        return self._arrays["speakers"]

    def __getitem__(self, i: int) -> Entry:
        arrays = self._arrays
        samples = slice(*arrays["sample_offsets"][i : i + 2])
        phones = slice(*arrays["phone_offsets"][i : i + 2])
        return Entry(
            samples=np.asarray(self._audio[samples]),
            starts=arrays["starts"][phones],
            ends=arrays["ends"][phones],
            ids=arrays["ids"][phones],
            stresses=arrays["stresses"][phones],
            speaker=str(arrays["speakers"][i]),
            source=str(arrays["sources"][i]),
            language=str(arrays["languages"][i]),
            text=str(arrays["texts"][i]),
        )


def _paths(folder: Path, name: str) -> tuple[Path, Path]:
    return folder / f"{name}.audio.npy", folder / f"{name}.index.npz"


def _to_int16(samples: np.ndarray) -> np.ndarray:
    return np.clip(np.round(samples * 32768.0), -32768, 32767).astype(np.int16)


def _offsets(lengths: Sequence[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)


def _joined(arrays: Sequence[np.ndarray], kind: type) -> np.ndarray:
    return np.concatenate([np.zeros(0, kind), *arrays]).astype(kind)
