"""Random access to the cached corpus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from rigtalk.rigs.errors import RigtalkError

from .store import Entry, Shard

__all__ = ["SPLITS", "Corpus"]

SPLITS = ("synthetic", "real-train", "real-pseudo", "real-validation", "real-words")
"""Sub-folders of the cache. Train on the first three only."""


class Corpus(Sequence[Entry]):
    """The utterances of some splits, in a fixed order.

    Parameters
    ----------
    folder : Path
        The cache.
    splits : sequence of str
        Of `SPLITS`.

    Raises
    ------
    RigtalkError
        If a split is not known or nothing of it has been built.
    """

    def __init__(self, folder: Path, *splits: str) -> None:
        self._shards: list[Shard] = []
        for split in splits:
            if split not in SPLITS:
                raise RigtalkError(f"unknown split {split!r}: choose from {', '.join(SPLITS)}")
            names = Shard.names(folder / split)
            if not names:
                raise RigtalkError(f"no {split} speech in {folder}: run 'rigtalk train corpus'")
            self._shards += [Shard(folder / split, name) for name in names]
        counts = [len(shard) for shard in self._shards]
        self._firsts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self.durations = np.concatenate([shard.durations for shard in self._shards])
        """Seconds of each utterance, shape (utterances,)."""
        self.speakers = np.concatenate([shard.speakers for shard in self._shards])
        """Speaker of each utterance, shape (utterances,)."""

    def __len__(self) -> int:
        return int(self._firsts[-1])

    def __getitem__(self, i: int) -> Entry:  # type: ignore[override]  # no slices
        if not -len(self) <= i < len(self):
            raise IndexError(i)
        i %= len(self)
        shard = int(np.searchsorted(self._firsts, i, side="right")) - 1
        return self._shards[shard][i - int(self._firsts[shard])]

    def __iter__(self) -> Iterator[Entry]:
        for shard in self._shards:
            yield from (shard[i] for i in range(len(shard)))

    @property
    def hours(self) -> float:
        """Length of it all."""
        return float(self.durations.sum()) / 3600.0
